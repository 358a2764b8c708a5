/** What customers ask of an order while it lives, on the server whose time skips. */
import type { OrderPlan } from '../../src/domain/plan';
import { orderReceived } from '../../src/messages/orderReceived';
import {
  cancelUpdate,
  changeAddressUpdate,
  packedSignal,
  statusQuery,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilAtRest, untilStatus } from './drive';
import { holdings, openShop, plan, refusedForGood } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

const newAddress = { line1: '1 New Street', city: 'Oslo', state: 'Oslo', postalCode: '0150' };

describe('Cancelling', () => {
  it.each([
    ['waits for stock', 'back-ordered'],
    ['waits for a person', 'awaiting-approval'],
    ['is confirmed', 'confirmed'],
  ] as const)('an order that %s gives back what it held', async (_, status) => {
    const approval = {
      limits: { EUR: 1 },
      remindSeconds: 60,
      deadlineSeconds: 120,
      onExpiry: 'reject',
    };
    const shop = openShop(opened =>
      status === 'back-ordered'
        ? {
            reserveStock: async () => {
              opened.books.stock = 'waiting';
              return { status: 'waiting', productCodes: ['TEA-100'] };
            },
          }
        : {},
    );
    const options = {
      plan: { ...plan, ...(status === 'awaiting-approval' && { approval }) } as OrderPlan,
      order: { allowBackOrder: true },
    };
    await live(shop, options, async handle => {
      await untilStatus(handle, status);
      await untilAtRest(handle);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      expect(shop.told.at(-1)).toBe('OrderCancelled');
      const { compensations } = await handle.query(statusQuery);
      const undone = compensations?.map(({ step }) => step);
      expect(undone).toEqual(
        status === 'confirmed' ? ['voidPayment', 'releaseStock'] : ['releaseStock'],
      );
      const { parcels = [] } = await handle.query(statusQuery);
      expect(parcels.map(({ status }) => status)).toEqual(
        status === 'confirmed' ? ['cancelled', 'cancelled'] : [],
      );
    });
  });

  it('and a new address are taken as long as only parcels are packed that the order does not have', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await handle.signal(packedSignal, packing('1000'));
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('999'));
      const { shippingAddress } = orderReceived.example.customer;
      await handle.executeUpdate(changeAddressUpdate, { args: [shippingAddress] });
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    });
  });

  it('and a new address are refused from the first packed parcel on, with the status', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await untilStatus(handle, 'shipping');
      const refused = { cause: { type: 'OrderDecided' } };
      const asked = handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(asked).rejects.toMatchObject(refused);
      const moved = handle.executeUpdate(changeAddressUpdate, { args: [newAddress] });
      await expect(moved).rejects.toMatchObject(refused);
      await handle.cancel();
      await waitFor(() => shop.books.booked.has('1'));
      await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
      await send(handle, shop, '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });

  it('goes on until every compensation has succeeded, and operators hear of one that is stuck', async () => {
    let refusals = 0;
    const shop = openShop(({ activities }) => ({
      voidPayment: async request => {
        if (++refusals < 3) throw refusedForGood();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(shop.told).toContain('notice compensation-stuck');
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });
});

describe('Changing the address', () => {
  it('until it is packed sends the parcel there', async () => {
    const shop = openShop();
    const booked: string[] = [];
    const { bookCarrier } = shop.activities;
    shop.activities.bookCarrier = request => {
      booked.push(request.recipient.shippingAddress.line1);
      return bookCarrier(request);
    };
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(changeAddressUpdate, { args: [newAddress] });
      await send(handle, shop, '1', '2');
      await handle.result();
      expect(booked).toEqual(['1 New Street', '1 New Street']);
    });
  });

  it('is refused by name where it is no address', async () => {
    await live(openShop(), {}, async handle => {
      await untilStatus(handle, 'confirmed');
      const asked = handle.executeUpdate(changeAddressUpdate, {
        args: [{ ...newAddress, city: '' }],
      });
      await expect(asked).rejects.toMatchObject({ cause: { type: 'AddressInvalid' } });
      await handle.terminate();
    });
  });
});
