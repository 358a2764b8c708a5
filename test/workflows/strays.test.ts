/** What is packed or sent though its order, or it itself, is over and still gives back what it held. */
import {
  cancelUpdate,
  decideUpdate,
  dispatchedSignal,
  packedSignal,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal as dispatchedToParcel } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilStatus } from './drive';
import {
  approval,
  carrierRefusing1,
  type OrderHandle,
  type Overrides,
  openShop,
  plan,
  refusedForGood,
  type Shop,
} from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

const notices = ({ told }: Shop) => told.filter(what => what.startsWith('notice'));

/** A shop in which one compensation is refused until the test has seen enough. */
function openStuckShop(
  step: 'voidPayment' | 'returnParcel' | 'releaseStock',
  others: (shop: Shop) => Overrides = () => ({}),
) {
  const until = { mended: false };
  const shop = openShop(opened => ({
    ...others(opened),
    [step]: async (request: never) => {
      if (!until.mended) throw refusedForGood();
      return opened.activities[step](request);
    },
  }));
  return { shop, until };
}

describe('A cancelled order that still gives back what it held', () => {
  it('tells operators of its parcels that are packed or sent all the same', async () => {
    const { shop, until } = openStuckShop('voidPayment');
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(dispatchedSignal, dispatch('2'));
      await waitFor(() => notices(shop).length === 3, 'operators to be told');
      until.mended = true;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(notices(shop).toSorted()).toEqual([
        'notice compensation-stuck',
        'notice dispatched-after-end',
        'notice packed-after-end',
      ]);
      const texts = shop.announced.map(({ messages }) => JSON.stringify(messages)).join();
      expect(texts).toContain('its parcel 1 is packed: have it unpacked');
      expect(texts).toContain('its parcel 2 is with swift, T-2: call it back');
    });
  });

  it('tells operators of a parcel that was sent before it was known as packed', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(dispatchedSignal, dispatch('1'));
      await handle.signal(dispatchedSignal, dispatch('9'));
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(notices(shop)).toEqual(['notice dispatched-after-end']);
    });
  });

  it('passes over news of parcels that it does not have', async () => {
    const { shop, until } = openStuckShop('voidPayment');
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      await handle.signal(packedSignal, packing('9'));
      await handle.signal(dispatchedSignal, dispatch('9'));
      until.mended = true;
      await handle.result();
      expect(notices(shop)).toEqual(['notice compensation-stuck']);
    });
  });
});

describe('An order that hears of its parcels before it is confirmed, as one that was reset does', () => {
  const early = { plan: { ...plan, approval } };

  async function hearEarly(handle: OrderHandle) {
    await untilStatus(handle, 'awaiting-approval');
    await handle.signal(packedSignal, packing('1'));
    await handle.signal(packedSignal, packing('9'));
    await handle.signal(dispatchedSignal, dispatch('2'));
  }

  it('sends them once it is confirmed, and passes over those that it does not have', async () => {
    const shop = openShop();
    await live(shop, early, async handle => {
      await hearEarly(handle);
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'ada' }] });
      await waitFor(() => shop.books.booked.has('1'), 'the carrier to be booked');
      await handle.shipment('1').signal(dispatchedToParcel, dispatch('1'));
      await handle.signal(packedSignal, packing('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(notices(shop)).toEqual(['notice approval-needed']);
    });
  });

  it.each([
    [
      'rejected',
      (handle: OrderHandle) =>
        handle.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ada' }] }),
    ],
    [
      'cancelled',
      (handle: OrderHandle) => handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] }),
    ],
  ] as const)('tells operators of them where it is %s instead', async (outcome, end) => {
    const shop = openShop();
    await live(shop, early, async handle => {
      await hearEarly(handle);
      await end(handle);
      await expect(handle.result()).resolves.toMatchObject({ outcome });
      expect(notices(shop).toSorted()).toEqual([
        'notice approval-needed',
        'notice dispatched-after-end',
        'notice packed-after-end',
        'notice packed-after-end',
      ]);
      const texts = shop.announced.map(({ messages }) => JSON.stringify(messages)).join();
      expect(texts).toContain(`is ${outcome}, and its parcel 1 is packed: have it unpacked`);
    });
  });

  it('tells operators of them where it fails instead', async () => {
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        await waitFor(() => until.isHeard, 'the order to hear early');
        if (request.provider === 'a') throw refusedForGood();
        return activities.authorizePayment(request);
      },
    }));
    const until = { isHeard: false };
    await live(shop, {}, async handle => {
      await handle.signal(packedSignal, packing('1'));
      until.isHeard = true;
      await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
      expect(notices(shop).toSorted()).toEqual(['notice order-failed', 'notice packed-after-end']);
    });
  });

  it('tells operators of what comes while it gives back what it held', async () => {
    const { shop, until } = openStuckShop('releaseStock');
    await live(shop, early, async handle => {
      await untilStatus(handle, 'awaiting-approval');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      await handle.signal(packedSignal, packing('1'));
      await waitFor(() => shop.told.includes('notice packed-after-end'), 'operators to be told');
      until.mended = true;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    });
  });
});

describe('A parcel that is given up and still goes back', () => {
  it('tells operators where the carrier has taken it over all the same, and only then', async () => {
    const { shop, until } = openStuckShop('returnParcel', carrierRefusing1);
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      for (let time = 1; time <= 2; time++) {
        await handle.shipment('1').signal(dispatchedToParcel, dispatch('1'));
      }
      await waitFor(() => shop.told.includes('notice dispatched-after-end'));
      until.mended = true;
      await send(handle, shop, '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(notices(shop)).toEqual([
        'notice compensation-stuck',
        'notice dispatched-after-end',
        'notice shipment-failed',
      ]);
    });
  });
});
