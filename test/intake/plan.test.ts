import { readConfig } from '../../src/config';
import { planOf } from '../../src/intake/plan';

const planFrom = (env: NodeJS.ProcessEnv) => planOf(readConfig(env));

describe('The plan of an order', () => {
  it('ends with the decision where nothing more is configured', () => {
    expect(planFrom({})).toBeUndefined();
    expect(planFrom({ BACK_ORDER_DEADLINE_SECONDS: '5', PICKING_SECONDS: '5' })).toBeUndefined();
  });

  it('names the payment providers in the order of the configuration, without their addresses', () => {
    const PAYMENT_PROVIDERS = 'payment-b=http://127.0.0.1:1,payment-a=http://127.0.0.1:2';
    expect(planFrom({ PAYMENT_PROVIDERS, CARRIER_URL: 'http://127.0.0.1:3' })).toMatchObject({
      payment: { providers: ['payment-b', 'payment-a'], deadlineSeconds: 3_600 },
    });
  });

  it('goes on to the carrier where there is one', () => {
    expect(planFrom({ CARRIER_URL: 'http://127.0.0.1:3', DISPATCH_SECONDS: '60' })).toEqual({
      fulfilment: { pickingSeconds: 86_400, dispatchSeconds: 60 },
    });
  });

  it('waits for stock where that is wanted', () => {
    const env = { BACK_ORDERS: 'true', BACK_ORDER_DEADLINE_SECONDS: '60' };
    expect(planFrom(env)).toEqual({ backOrder: { deadlineSeconds: 60 } });
  });

  const fallbacks = { remindSeconds: 14_400, deadlineSeconds: 86_400, onExpiry: 'reject' };

  it('asks a person above a limit', () => {
    expect(planFrom({ APPROVAL_LIMITS: 'EUR=100000, JPY=0' })).toEqual({
      approval: { limits: { EUR: 100_000, JPY: 0 }, ...fallbacks },
    });
  });

  it('asks a person above a quantity, and approves by itself where that is wanted', () => {
    const env = { APPROVAL_QUANTITY: '50', APPROVAL_ON_EXPIRY: 'approve' };
    const approval = { limits: {}, quantity: 50, ...fallbacks, onExpiry: 'approve' };
    expect(planFrom(env)).toEqual({ approval });
  });
});
