import { describeOrder } from '../../../src/cli/orders/describeOrder';
import { readConfig } from '../../../src/config';

describe('An order in words', () => {
  it('says for which parcel something was taken back', () => {
    const at = '2026-01-31T12:00:00.000Z';
    const compensations = [
      { step: 'refundPayment', shipment: '2', at },
      { step: 'voidPayment', at },
    ];
    const view = { orderId: 'A-1', status: 'failed', compensations };
    expect(describeOrder(view, readConfig({}))).toEqual(
      expect.arrayContaining([
        `  ${at}  compensated: refundPayment of parcel 2`,
        `  ${at}  compensated: voidPayment`,
      ]),
    );
  });
});
