/** The lives that are recorded of each version. Each brings its order to where nothing but its end is left. */
import {
  cancelUpdate,
  changeAddressUpdate,
  decideUpdate,
  dispatchedSignal as dispatchedToOrder,
  packedSignal,
  stockReservedSignal,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import {
  dispatch,
  finishes,
  packing,
  resetTo,
  send,
  untilConfirmed,
  untilStatus,
  withoutNews,
} from './drive';
import {
  approval,
  carrierRefusing1,
  type OrderHandle,
  type OrderOptions,
  openShop,
  plan,
  refusedForGood,
  type Shop,
  silence,
  unavailable,
} from './shop';

export interface Scene extends OrderOptions {
  readonly shop: Shop;
  readonly play: (handle: OrderHandle, shop: Shop) => Promise<unknown>;
  /** Under which name a parcel's own history is kept, by its number. */
  readonly parcels?: Readonly<Record<string, string>>;
}

const nothing = async () => undefined;

/** Back-ordered, approved, in two parcels, dispatched as the order is told before and after it is packed. */
const completed: Scene = {
  shop: openShop(({ activities, books, calls }) => ({
    reserveStock: async request => {
      if (calls.includes('stock has come')) return activities.reserveStock(request);
      books.stock = 'waiting';
      return { status: 'waiting', productCodes: ['TEA-100'] };
    },
  })),
  plan: { ...plan, approval },
  order: { allowBackOrder: true },
  parcels: { '1': 'shipment-shipped' },
  play: async (handle, shop) => {
    await untilStatus(handle, 'back-ordered');
    shop.calls.push('stock has come');
    await handle.signal(stockReservedSignal);
    await untilStatus(handle, 'awaiting-approval');
    await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'ada' }] });
    await untilConfirmed(handle);
    await handle.signal(dispatchedToOrder, dispatch('1'));
    await handle.signal(packedSignal, packing('1'));
    await handle.signal(packedSignal, packing('2'));
    await waitFor(() => shop.books.booked.size === 2, 'both carriers to be booked');
    await handle.signal(dispatchedToOrder, dispatch('2'));
  },
};

/** Paid by the second provider, sent elsewhere, and then called off. */
const cancelled: Scene = {
  shop: openShop(({ activities }) => ({
    authorizePayment: async request => {
      if (request.provider === 'a') throw unavailable();
      return activities.authorizePayment(request);
    },
  })),
  play: async handle => {
    await untilConfirmed(handle);
    const address = { line1: '1 New Street', city: 'Oslo', state: 'Oslo', postalCode: '0150' };
    await handle.executeUpdate(changeAddressUpdate, { args: [address] });
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
  },
};

/** The carrier refuses one parcel, and to be asked for the other. */
const failed: Scene = {
  shop: openShop(() => ({
    bookCarrier: async request => {
      if (request.shipment === '1') return { status: 'refused', reason: 'nobody drives there' };
      throw refusedForGood();
    },
  })),
  parcels: { '1': 'shipment-refused', '2': 'shipment-failed' },
  play: async handle => {
    await untilConfirmed(handle);
    for (const number of ['1', '2']) await handle.signal(packedSignal, packing(number));
  },
};

/** Somebody terminates the workflow of a parcel. */
const lost: Scene = {
  shop: openShop(),
  play: async (handle, shop) => {
    await untilConfirmed(handle);
    await handle.signal(packedSignal, packing('1'));
    await waitFor(() => shop.books.booked.has('1'), 'the carrier to be booked');
    await handle.shipment('1').terminate();
    await send(handle, shop, '2');
  },
};

/** Packed too late. */
const overdue: Scene = {
  shop: openShop(),
  plan: { ...plan, fulfilment: { ...plan.fulfilment, pickingSeconds: 2 } },
  play: async (handle, shop) => {
    await waitFor(() => shop.told.includes('notice picking-overdue'), 'operators to be told');
    await send(handle, shop, '1', '2');
  },
};

const times = (all: readonly string[], what: string) => all.filter(it => it === what).length;

/** Packed in time; the money of one parcel is not to be had until it is late, the van of the other is. */
const vanOverdue: Scene = {
  shop: openShop(shop => ({
    capturePayment: async request => {
      const isLate = times(shop.told, 'notice dispatch-overdue') > 0;
      if (request.amount === 1_000 && !isLate) throw silence();
      return shop.activities.capturePayment(request);
    },
  })),
  plan: { ...plan, fulfilment: { pickingSeconds: 5, dispatchSeconds: 6 } },
  parcels: { '1': 'shipment-overdue', '2': 'shipment-van-overdue' },
  play: async (handle, shop) => {
    await untilConfirmed(handle);
    for (const number of ['1', '2']) await handle.signal(packedSignal, packing(number));
    await waitFor(() => times(shop.told, 'notice dispatch-overdue') === 2, 'operators to be told');
    await waitFor(() => shop.books.booked.size === 2, 'both carriers to be booked');
    for (const number of ['1', '2']) {
      await handle.shipment(number).signal(dispatchedSignal, dispatch(number));
    }
  },
};

/** A compensation is refused, and refused again after its pause; meanwhile a parcel is packed and sent. */
const stuck: Scene = {
  shop: openShop(({ activities, calls }) => ({
    voidPayment: async request => {
      calls.push('void');
      if (times(calls, 'void') < 3) throw refusedForGood();
      return activities.voidPayment(request);
    },
  })),
  play: async (handle, shop) => {
    await untilConfirmed(handle);
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
    await waitFor(() => shop.told.includes('notice compensation-stuck'), 'operators to be told');
    await handle.signal(packedSignal, packing('1'));
    await handle.signal(dispatchedToOrder, dispatch('1'));
  },
};

/** A parcel does not go back at once, and is sent while it should. */
const stray: Scene = {
  shop: openShop(shop => ({
    ...carrierRefusing1(shop),
    returnParcel: async request => {
      shop.calls.push('return');
      if (times(shop.calls, 'return') < 2) throw refusedForGood();
      return shop.activities.returnParcel(request);
    },
  })),
  parcels: { '1': 'shipment-stray' },
  play: async (handle, shop) => {
    await untilConfirmed(handle);
    await handle.signal(packedSignal, packing('1'));
    await waitFor(() => shop.told.includes('notice compensation-stuck'), 'operators to be told');
    await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
    await send(handle, shop, '2');
  },
};

/** Nobody pays it in the first round. */
const unpaid: Scene = {
  shop: openShop(({ activities, calls }) => ({
    authorizePayment: async request => {
      calls.push('asked');
      if (times(calls, 'asked') < 3) throw unavailable();
      return activities.authorizePayment(request);
    },
  })),
  plan: { payment: plan.payment },
  play: nothing,
};

/** The workflow of a parcel is there before, as it is where the order was reset. */
const parcelWasThere: Scene = {
  shop: openShop(),
  play: async (handle, shop) => {
    await untilConfirmed(handle);
    const { workflowId } = handle.shipment('1');
    await handle.client.start('somebody-else', { workflowId, taskQueue: 'nobody-listens' });
    await handle.signal(packedSignal, packing('1'));
    await waitFor(() => shop.told.includes('notice shipment-failed'), 'operators to be told');
    await handle.shipment('1').terminate();
    await send(handle, shop, '2');
  },
};

/** Called off, reset to before it was paid, and confirmed no more: its stock is gone. */
const reset: Scene = {
  shop: openShop(),
  play: async handle => {
    await untilConfirmed(handle);
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
    await handle.result();
    const { events } = await handle.fetchHistory();
    await (await resetTo(handle, finishes(events)[1], withoutNews)).result();
  },
};

/** Heard of as packed and sent while a person is asked, as where it was reset to before that; and told once more. */
const early = (decision: 'approve' | 'reject', goesOn: Scene['play']): Scene => ({
  shop: openShop(),
  plan: { ...plan, approval },
  play: async (handle, shop) => {
    await untilStatus(handle, 'awaiting-approval');
    await handle.signal(packedSignal, packing('1'));
    await handle.signal(dispatchedToOrder, dispatch('1'));
    await handle.executeUpdate(decideUpdate, { args: [{ decision, by: 'ada' }] });
    await goesOn(handle, shop);
  },
});

/** By the name under which the order's history is kept. */
export const scenes: Readonly<Record<string, Scene>> = {
  confirmed: { shop: openShop(), plan: {}, play: nothing },
  rejected: {
    shop: openShop(() => ({
      authorizePayment: async () => ({ status: 'declined', reason: 'no' }),
    })),
    play: nothing,
  },
  completed,
  cancelled,
  'given-up': {
    shop: openShop(({ activities }) => ({
      authorizePayment: async request => {
        if (request.provider === 'a') throw silence();
        return activities.authorizePayment(request);
      },
    })),
    plan: { payment: { providers: ['a', 'b'], deadlineSeconds: 6 } },
    play: nothing,
  },
  refused: {
    shop: openShop(() => ({
      authorizePayment: async () => {
        throw refusedForGood();
      },
    })),
    play: nothing,
  },
  failed,
  lost,
  overdue,
  'van-overdue': vanOverdue,
  stuck,
  stray,
  unpaid,
  'parcel-was-there': parcelWasThere,
  reset,
  early: early('approve', async handle => {
    await untilConfirmed(handle);
    for (const shipment of ['1', '2']) {
      await handle.signal(packedSignal, packing(shipment));
      await handle.signal(dispatchedToOrder, dispatch(shipment));
    }
  }),
  'early-rejected': early('reject', nothing),
};
