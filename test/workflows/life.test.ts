/** Every way that an order can go, on the server whose time skips. */
import type { AuthorizationAnswer } from '../../src/domain/payment';
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import {
  dispatchedSignal as dispatchedToOrder,
  packedSignal,
  statusQuery,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, statusesOf, untilStatus } from './drive';
import { holdings, type OrderHandle, openShop, refusedForGood } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

describe('An order that is paid and fulfilled', () => {
  it('goes from received to completed, is paid parcel by parcel, and tells of each step', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', total: 1900 });
      expect(await statusesOf(handle)).toEqual([
        'received',
        'reserved',
        'authorized',
        'confirmed',
        'shipping',
        'completed',
      ]);
      expect(shop.told).toEqual(['OrderConfirmed', 'OrderShipped', 'OrderShipped']);
      expect(shop.calls).toEqual(expect.arrayContaining(['capture 1000', 'capture 900']));
      expect(shop.books).toMatchObject({ captured: 1900, refunded: 0 });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      const { parcels, provider } = await handle.query(statusQuery);
      expect(provider).toBe('a');
      expect(parcels).toMatchObject([
        { shipment: '1', status: 'shipped', trackingNumber: 'T-1' },
        { shipment: '2', status: 'shipped', trackingNumber: 'T-2' },
      ]);
    });
  });

  it('costs the server no write of its status on its plain way before it is confirmed', async () => {
    let answer: ((given: AuthorizationAnswer) => void) | undefined;
    const shop = openShop(() => ({
      authorizePayment: () =>
        new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        }),
    }));
    await live(shop, {}, async handle => {
      await waitFor(() => answer !== undefined, 'its payment to be asked for');
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(orderSearchAttributes.status)).toBeUndefined();
      answer?.({ status: 'declined', reason: 'no' });
      await handle.result();
    });
  });

  it('is told which parcels to pack, where', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '2', '1');
      await handle.result();
      expect(shop.announced[0]?.messages[0]?.data).toMatchObject({
        shipments: [
          { shipment: '1', location: 'north' },
          { shipment: '2', location: 'south' },
        ],
      });
    });
  });

  it('takes what its partners say twice, late or out of order as it is meant', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(dispatchedToOrder, dispatch('1'));
      await handle.signal(packedSignal, packing('9'));
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('1'));
      await send(handle, shop, '2');
      await handle
        .shipment('2')
        .signal(dispatchedSignal, dispatch('2'))
        .catch(() => undefined);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.told.filter(type => type === 'OrderShipped')).toHaveLength(2);
      expect(shop.books.captured).toBe(1900);
    });
  });

  it('hands on what the carrier told the order after the parcel began its own way', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '1');
      await handle.signal(packedSignal, packing('2'));
      await waitFor(() => shop.books.booked.has('2'));
      await handle.signal(dispatchedToOrder, dispatch('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });

  it('costs nothing where its total is nothing', async () => {
    const shop = openShop(({ activities }) => ({
      reserveStock: async request => ({
        ...(await activities.reserveStock(request)),
        status: 'reserved',
        unitPrices: [0, 0],
        total: 0,
        parcels: [{ shipment: '1', location: 'north', products: [] }],
      }),
    }));
    await live(shop, {}, async handle => {
      await send(handle, shop, '1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.calls.filter(call => /authorize|capture/.test(call))).toEqual([]);
    });
  });
});

describe('The Temporal UI', () => {
  it('describes all that an order and a parcel can be asked and told', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await waitFor(() => shop.books.booked.has('1'), 'the carrier to be booked');
      expect(await described(handle)).toEqual([
        'cancel',
        'changeAddress',
        'decide',
        'dispatched',
        'packed',
        'status',
        'stockReserved',
      ]);
      expect(await described(handle.shipment('1'))).toEqual(['dispatched']);
      await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
      await send(handle, shop, '2');
      await handle.result();
    });
  });
});

type Handler = { readonly name: string; readonly description?: string };

/** Handlers of our own, by name. Fails where one says nothing of what it is for. */
async function described(handle: Pick<OrderHandle, 'query'>): Promise<string[]> {
  const { definition } = await handle.query<{ definition: Record<string, Handler[]> }>(
    '__temporal_workflow_metadata',
  );
  const handlers = ['queryDefinitions', 'signalDefinitions', 'updateDefinitions'].flatMap(
    kind => definition[kind] ?? [],
  );
  const ours = handlers.filter(({ name }) => !name.startsWith('__'));
  for (const { description } of ours) expect(description).toMatch(/^[A-Z].{20,}\.$/);
  return ours.map(({ name }) => name).sort();
}

describe('An order that is refused for good', () => {
  it.each(['reserveStock', 'authorizePayment'] as const)(
    'by %s fails, gives back what it held, and operators are told',
    async name => {
      const shop = openShop(() => ({
        [name]: async () => {
          throw refusedForGood();
        },
      }));
      await live(shop, {}, async handle => {
        await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
        expect(shop.told).toEqual(['notice order-failed']);
        expect(holdings(shop)).toEqual({ money: 0, stock: false });
        await expect(handle.query(statusQuery)).resolves.toMatchObject({ status: 'failed' });
      });
    },
  );
});
