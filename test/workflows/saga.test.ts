/** Compensations that are refused, on the server whose time skips. */
import { Context } from '@temporalio/activity';
import { cancelUpdate } from '../../src/workflows/orderInterface';
import { onSkippingTime, untilAtRest, untilStatus } from './drive';
import { holdings, openShop, refusedForGood, silence, withoutNotices } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

const dayMs = 86_400_000;

/** Throws for so long after it was first asked, by the server's clock. */
function until(days: number, thrown: () => Error): () => void {
  let first: number | undefined;
  return () => {
    const { scheduledTimestampMs: now } = Context.current().info;
    first ??= now;
    if (now < first + days * dayMs) throw thrown();
  };
}

describe('A compensation', () => {
  it('that is refused for a month succeeds in the end, is told once, and leaves its history room for a year more', async () => {
    const refuse = until(30, refusedForGood);
    const shop = openShop(({ activities }) => ({
      voidPayment: async request => {
        refuse();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await untilAtRest(handle);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(shop.told).toEqual(['OrderConfirmed', 'OrderCancelled', 'notice compensation-stuck']);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      const { historyLength } = await handle.describe();
      expect(historyLength).toBeLessThan(51_200 / 13);
    });
  });

  it('is done though operators can not be told that it was refused', async () => {
    const refuse = until(1, refusedForGood);
    const shop = openShop(it => ({
      ...withoutNotices(it, refusedForGood),
      voidPayment: async request => {
        refuse();
        return it.activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await untilAtRest(handle);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('that takes long and is refused then is told once as well', async () => {
    const shop = openShop(({ activities }) => ({
      voidPayment: async request => {
        const { attempt } = Context.current().info;
        if (attempt < 20) throw silence();
        if (!shop.calls.includes('refused')) {
          shop.calls.push('refused');
          throw refusedForGood();
        }
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await untilAtRest(handle);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await handle.result();
      expect(shop.calls).toContain('refused');
      expect(shop.told.filter(told => told.startsWith('notice'))).toEqual([
        'notice compensation-stuck',
      ]);
    });
  });
});
