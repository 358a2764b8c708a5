/** Every arrow in the picture of an order's life is taken by an order, on the server whose time skips. */
import { mayFollow, type OrderStatus, orderStatuses } from '../../src/domain/orderStatus';
import type { OrderPlan } from '../../src/domain/plan';
import type { Reservation, ReservationRequest } from '../../src/domain/reservation';
import {
  cancelUpdate,
  decideUpdate,
  packedSignal,
  stockReservedSignal,
} from '../../src/workflows/orderInterface';
import {
  onSkippingTime,
  packing,
  send,
  statusesOf,
  untilAtRest,
  untilAwaited,
  untilStatus,
} from './drive';
import {
  approval,
  holdings,
  type OrderHandle,
  type Overrides,
  openShop,
  plan,
  refusedForGood,
  type Shop,
  unavailable,
  waitingForStock,
} from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

interface Life {
  readonly statuses: readonly OrderStatus[];
  readonly plan?: OrderPlan | undefined;
  /** What goes otherwise than well. */
  readonly wrong?: (shop: Shop) => Overrides;
  /** What customers, operators and partners do. */
  readonly act?: (handle: OrderHandle, shop: Shop) => Promise<unknown>;
}

const everything: OrderPlan = { ...plan, approval };
/** Where it is down, nothing is under way until it is asked again. */
const oneProvider = { ...plan.payment, providers: ['a'] };

const neverInStock = (shop: Shop) => waitingForStock(shop, () => false);
const declined = () => ({
  authorizePayment: async () => ({ status: 'declined', reason: 'no' }) as const,
});
const noProvider = () => ({ authorizePayment: () => Promise.reject(unavailable()) });
const refused = () => Promise.reject(refusedForGood());
const answering = (reservation: Reservation) => () => ({ reserveStock: async () => reservation });

/** Its stock is not there at first; what happens when it is asked for again. */
const inStockLater =
  (later: (shop: Shop) => Shop['activities']['reserveStock']) => (shop: Shop) => {
    let hasAsked = false;
    return {
      reserveStock: (request: ReservationRequest) => {
        const reserve = hasAsked ? later(shop) : neverInStock(shop).reserveStock;
        hasAsked = true;
        return reserve(request);
      },
    };
  };

const wake = async (handle: OrderHandle) => {
  await untilStatus(handle, 'back-ordered');
  await handle.signal(stockReservedSignal);
};
const decide = (decision: 'approve' | 'reject') => async (handle: OrderHandle) => {
  await untilAwaited(handle);
  await handle.executeUpdate(decideUpdate, { args: [{ decision, by: 'ada' }] });
};
const cancelOnce = (status: OrderStatus) => async (handle: OrderHandle) => {
  await untilStatus(handle, status);
  await untilAtRest(handle);
  await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
};
const sendAll = (handle: OrderHandle, shop: Shop) => send(handle, shop, '1', '2');

const lives: Readonly<Record<string, Life>> = {
  'whose life ends with its decision': { statuses: ['received', 'confirmed'], plan: undefined },
  'that is short': {
    statuses: ['received', 'rejected'],
    wrong: answering({ status: 'short', refusals: [] }),
  },
  'whose stock is released under it': {
    statuses: ['received', 'cancelled'],
    wrong: answering({ status: 'released' }),
  },
  'that the inventory refuses for good': {
    statuses: ['received', 'failed'],
    wrong: () => ({ reserveStock: refused }),
  },
  'that waits in vain for its stock': {
    statuses: ['received', 'back-ordered', 'rejected'],
    wrong: neverInStock,
  },
  'that is cancelled while it waits for its stock': {
    statuses: ['received', 'back-ordered', 'cancelled'],
    wrong: neverInStock,
    act: cancelOnce('back-ordered'),
  },
  'that the inventory refuses for good once it is woken': {
    statuses: ['received', 'back-ordered', 'failed'],
    wrong: inStockLater(() => refused),
    act: wake,
  },
  'that needs nobody, is not paid and not sent': {
    statuses: ['received', 'reserved', 'confirmed'],
    plan: {},
  },
  'that the bank declines': {
    statuses: ['received', 'reserved', 'rejected'],
    wrong: declined,
  },
  'that no provider takes in time': {
    statuses: ['received', 'reserved', 'rejected'],
    wrong: noProvider,
  },
  'that is cancelled before it is paid': {
    statuses: ['received', 'reserved', 'cancelled'],
    plan: { payment: oneProvider },
    wrong: noProvider,
    act: cancelOnce('reserved'),
  },
  'whose payment is refused for good': {
    statuses: ['received', 'reserved', 'failed'],
    wrong: () => ({ authorizePayment: refused }),
  },
  'that a person refuses': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'rejected'],
    plan: everything,
    act: decide('reject'),
  },
  'that nobody decides in time': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'rejected'],
    plan: everything,
  },
  'that is cancelled while it waits for a person': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'cancelled'],
    plan: everything,
    act: cancelOnce('awaiting-approval'),
  },
  'that is approved, and not paid': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'approved', 'confirmed'],
    plan: { approval },
    act: decide('approve'),
  },
  'that is approved because nobody decided': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'approved', 'confirmed'],
    plan: { approval: { ...approval, onExpiry: 'approve' } },
  },
  'that is approved, and the bank declines': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'approved', 'rejected'],
    plan: everything,
    wrong: declined,
    act: decide('approve'),
  },
  'that is approved, and cancelled before it is paid': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'approved', 'cancelled'],
    plan: { approval, payment: oneProvider },
    wrong: noProvider,
    act: async handle => {
      await decide('approve')(handle);
      await cancelOnce('approved')(handle);
    },
  },
  'that is approved, and whose payment is refused for good': {
    statuses: ['received', 'reserved', 'awaiting-approval', 'approved', 'failed'],
    plan: everything,
    wrong: () => ({ authorizePayment: refused }),
    act: decide('approve'),
  },
  'that waits for its stock, then for a person, and is paid and sent': {
    statuses: [
      'received',
      'back-ordered',
      'reserved',
      'awaiting-approval',
      'approved',
      'authorized',
      'confirmed',
      'shipping',
      'completed',
    ],
    plan: everything,
    wrong: inStockLater(({ activities }) => activities.reserveStock),
    act: async (handle, shop) => {
      await wake(handle);
      await decide('approve')(handle);
      await sendAll(handle, shop);
    },
  },
  'that is paid, and cancelled before it is packed': {
    statuses: ['received', 'reserved', 'authorized', 'confirmed', 'cancelled'],
    act: cancelOnce('confirmed'),
  },
  'that the carrier does not take': {
    statuses: ['received', 'reserved', 'authorized', 'confirmed', 'shipping', 'failed'],
    wrong: () => ({ bookCarrier: async () => ({ status: 'refused', reason: 'too far' }) }),
    act: async handle => {
      await untilStatus(handle, 'confirmed');
      for (const shipment of ['1', '2']) await handle.signal(packedSignal, packing(shipment));
    },
  },
};

/** Money is held and the order confirmed in one moment, and nobody may refuse it after that or while a person decides. */
const neverTaken = [
  'authorized → cancelled',
  'authorized → failed',
  'awaiting-approval → failed',
  'confirmed → failed',
];

const arrowsOf = (statuses: readonly OrderStatus[]) =>
  statuses.slice(1).map((status, index) => `${statuses[index]} → ${status}`);

it.each(Object.entries(lives))(
  'An order %s goes its way, and holds nothing once it is closed',
  async (_, life) => {
    const shop = openShop(life.wrong);
    const options = { order: { allowBackOrder: true }, ...('plan' in life && { plan: life.plan }) };
    await live(shop, options, async handle => {
      await life.act?.(handle, shop);
      await handle.result().catch(failure => expect(failure.name).toBe('WorkflowFailedError'));
      expect(await statusesOf(handle)).toEqual(life.statuses);
      if (life.statuses.at(-1) === 'confirmed') return;
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  },
);

it('Orders take every arrow of the picture', () => {
  const taken = Object.values(lives).flatMap(({ statuses }) => arrowsOf(statuses));
  const allowed = orderStatuses.flatMap(from =>
    orderStatuses.filter(to => mayFollow(from, to)).map(to => `${from} → ${to}`),
  );
  expect([...new Set(taken), ...neverTaken].sort()).toEqual(allowed.sort());
});
