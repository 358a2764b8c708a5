/** What is packed or sent though its order, or it itself, is over and still gives back what it held. */
import { cancelUpdate, dispatchedSignal, packedSignal } from '../../src/workflows/orderInterface';
import { dispatchedSignal as dispatchedToParcel } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilStatus } from './drive';
import { carrierRefusing1, type Overrides, openShop, refusedForGood, type Shop } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

const notices = ({ told }: Shop) => told.filter(what => what.startsWith('notice'));

/** A shop in which one compensation is refused until the test has seen enough. */
function openStuckShop(
  step: 'voidPayment' | 'returnParcel',
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
