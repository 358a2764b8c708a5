/** The way of a parcel, from packed to shipped, on the server whose time skips. */
import { packedSignal, statusQuery } from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilStatus } from './drive';
import { carrierRefusing1, holdings, openShop, refusedForGood } from './shop';

jest.setTimeout(120_000);

const { live, sleep } = onSkippingTime();

describe('A parcel', () => {
  it('that the carrier refuses is paid back and put back, the rest is void, and operators are told', async () => {
    const shop = openShop(carrierRefusing1);
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await send(handle, shop, '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.books).toMatchObject({ captured: 1900, refunded: 1000 });
      expect(shop.books.parcels).toEqual(
        new Map([
          ['1', 'returned'],
          ['2', 'shipped'],
        ]),
      );
      expect(shop.told).toContain('notice shipment-failed');
      expect(holdings(shop).money).toBe(0);
      const { parcels, compensations } = await handle.query(statusQuery);
      expect(parcels?.[0]).toMatchObject({ status: 'failed', reason: 'nobody drives there' });
      expect(compensations?.map(({ step, shipment }) => [step, shipment])).toEqual([
        ['refundPayment', '1'],
        ['returnParcel', '1'],
        ['voidPayment', undefined],
        ['releaseStock', undefined],
      ]);
      const times = compensations?.map(({ at }) => at);
      expect(times).toEqual(times?.toSorted());
    });
  });

  it('whose own workflow fails says why to operators, and fails its order', async () => {
    const shop = openShop(() => ({
      shipStock: async () => {
        throw refusedForGood();
      },
    }));
    await live(shop, {}, async handle => {
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      const notices = JSON.stringify(shop.announced.flatMap(({ messages }) => messages));
      expect(notices).toContain('Parcel 1 of order');
      expect(notices).toContain('its workflow failed: no. See in the workflow shipment-');
    });
  });

  it('whose money is refused for good is put back, and its share of the hold is let go', async () => {
    const shop = openShop(() => ({
      capturePayment: async () => {
        throw refusedForGood();
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.books.captured).toBe(0);
      expect(shop.books.booked.size).toBe(0);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('that is late is told to operators at each stage, and goes out all the same', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await sleep('2 days');
      await waitFor(() => shop.told.includes('notice picking-overdue'));
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('2'));
      await waitFor(() => shop.books.booked.size === 2);
      await sleep('2 days');
      await waitFor(
        () => shop.told.filter(told => told === 'notice dispatch-overdue').length === 2,
      );
      for (const number of ['1', '2']) {
        await handle.shipment(number).signal(dispatchedSignal, dispatch(number));
      }
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });

  it('that is packed in time and waits for its van is late there only', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      for (const number of ['1', '2']) await handle.signal(packedSignal, packing(number));
      await waitFor(() => shop.books.booked.size === 2);
      await sleep('2 days');
      await waitFor(() => shop.told.filter(told => told.startsWith('notice')).length === 2);
      expect(shop.told.filter(told => told.startsWith('notice'))).toEqual([
        'notice dispatch-overdue',
        'notice dispatch-overdue',
      ]);
      for (const number of ['1', '2']) {
        await handle.shipment(number).signal(dispatchedSignal, dispatch(number));
      }
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.told).not.toContain('notice picking-overdue');
    });
  });
});
