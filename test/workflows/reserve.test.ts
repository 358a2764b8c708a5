/** Orders that wait for stock, on the server whose time skips. */
import type { AuthorizationAnswer } from '../../src/domain/payment';
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import { decideUpdate, stockReservedSignal } from '../../src/workflows/orderInterface';
import { waitFor } from '../support/waitFor';
import { onSkippingTime, send, statusesOf, untilAtRest, untilStatus } from './drive';
import { approval, openShop, plan, waitingForStock } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

describe('An order that waits for stock', () => {
  const order = { allowBackOrder: true };

  it('is woken by its stock, and goes on as any other', async () => {
    let hasCome = false;
    const shop = openShop(opened => waitingForStock(opened, () => hasCome));
    await live(shop, { order }, async handle => {
      await untilStatus(handle, 'back-ordered');
      hasCome = true;
      await handle.signal(stockReservedSignal);
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect((await statusesOf(handle)).slice(0, 3)).toEqual([
        'received',
        'back-ordered',
        'reserved',
      ]);
      expect(shop.told[0]).toBe('OrderBackOrdered');
    });
  });

  it.each([
    ['its stock has come', 'back-ordered', 'reserved'],
    ['it is approved', 'awaiting-approval', 'approved'],
  ])(
    'is no longer found as one that waits once %s, though it is not paid yet',
    async (_, before, after) => {
      let answer: ((given: AuthorizationAnswer) => void) | undefined;
      let hasCome = before !== 'back-ordered';
      const shop = openShop(opened => ({
        ...waitingForStock(opened, () => hasCome),
        authorizePayment: () =>
          new Promise<AuthorizationAnswer>(resolve => {
            answer = resolve;
          }),
      }));
      const limits = { EUR: hasCome ? 1 : 10_000 };
      const watched = { ...plan, approval: { ...approval, limits } };
      await live(shop, { order, plan: watched }, async handle => {
        const searchable = async () =>
          (await handle.describe()).typedSearchAttributes.get(orderSearchAttributes.status);
        await waitFor(async () => (await searchable()) === before, before);
        await untilAtRest(handle);
        hasCome = true;
        if (before === 'back-ordered') await handle.signal(stockReservedSignal);
        else
          await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'ada' }] });
        await waitFor(() => answer !== undefined, 'its payment to be asked for');
        expect(await searchable()).toBe(after);
        answer?.({ status: 'declined', reason: 'no' });
        await handle.result();
      });
    },
  );

  it('finds its stock by itself where the signal is lost', async () => {
    let asked = 0;
    const shop = openShop(opened => waitingForStock(opened, () => ++asked > 3));
    await live(shop, { order, plan: { backOrder: plan.backOrder } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
  });

  it('is rejected at its deadline, and leaves the queue', async () => {
    const shop = openShop(opened => waitingForStock(opened, () => false));
    await live(shop, { order }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'BackOrderExpired',
      });
      expect(shop.books.stock).toBe('released');
      expect(shop.told).toEqual(['OrderBackOrdered', 'OrderRejected']);
    });
  });

  it('does not wait where it does not allow that', async () => {
    const asked: (boolean | undefined)[] = [];
    const shop = openShop(({ activities }) => ({
      reserveStock: request => {
        asked.push(request.mayWait);
        return activities.reserveStock(request);
      },
    }));
    await live(shop, { plan: { backOrder: plan.backOrder } }, handle => handle.result());
    await live(shop, { plan: {}, order }, handle => handle.result());
    expect(asked).toEqual([undefined, undefined]);
  });
});
