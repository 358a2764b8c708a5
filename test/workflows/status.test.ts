/** What an order says of itself, on the server whose time skips. */
import { statusQuery } from '../../src/workflows/orderInterface';
import { onSkippingTime } from './drive';
import { openShop, plan } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

describe('The status of an order', () => {
  it('names no parcels where it ends with its confirmation, since it does not follow them', async () => {
    await live(openShop(), { plan: { backOrder: plan.backOrder } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed', total: 1900 });
      const status = await handle.query(statusQuery);
      expect(status).toMatchObject({ status: 'confirmed', total: 1900 });
      expect(status).not.toHaveProperty('parcels');
    });
  });

  it('says what it would have cost where the bank declined it', async () => {
    const shop = openShop(() => ({
      authorizePayment: async () => ({ status: 'declined', reason: 'no' }),
    }));
    await live(shop, {}, async handle => {
      await expect(handle.result()).resolves.not.toHaveProperty('total');
      const status = await handle.query(statusQuery);
      expect(status).toMatchObject({ cause: 'PaymentDeclined', total: 1900 });
    });
  });
});
