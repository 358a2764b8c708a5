import type { OrderlyError } from '../../src/errors';
import { createPaymentGateway } from '../../src/providers/paymentGateway';
import { type Bank, collect, openBank } from './bank';

let a: Bank;
let b: Bank;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  [a, b] = await Promise.all([openBank('payment-a'), openBank('payment-b')]);
  closing.push(a.stop, b.stop);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What both hold, as `<provider> <order>`, and who did not say so, as `<provider> <code>`. */
async function heldByBoth() {
  const gateway = createPaymentGateway({ providers: [a, b], timeoutMs: 5_000 });
  closing.push(() => gateway.stop());
  const silent: string[] = [];
  const onSilent = (provider: string, { code }: OrderlyError) => silent.push(`${provider} ${code}`);
  const { told, failure } = await collect(gateway.held(onSilent));
  expect(failure).toBeUndefined();
  return { held: told.map(({ provider, orderId }) => `${provider} ${orderId}`), silent };
}

describe('What the payment providers hold', () => {
  it('is what each of them says, under its name', async () => {
    await Promise.all([a.authorize('A-1'), b.authorize('B-1')]);
    await b.authorize('B-2');
    expect(await heldByBoth()).toEqual({
      held: ['payment-a A-1', 'payment-b B-1', 'payment-b B-2'],
      silent: [],
    });
  });

  it('is told of the one that answers where the first is down, and who is down is named', async () => {
    await Promise.all([a.authorize('A-1'), b.authorize('B-1')]);
    await a.stop();
    expect(await heldByBoth()).toEqual({
      held: ['payment-b B-1'],
      silent: ['payment-a PartnerUnavailable'],
    });
  });

  it('is told of the one that answers where the last fails, and who fails is named', async () => {
    await Promise.all([a.authorize('A-1'), b.authorize('B-1')]);
    await b.behave({ fail: 1 });
    expect(await heldByBoth()).toEqual({
      held: ['payment-a A-1'],
      silent: ['payment-b PartnerOutcomeUnknown'],
    });
  });
});
