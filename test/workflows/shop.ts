/** Everything that an order calls, in memory and with books: each test says what goes wrong. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Announcement } from '../../src/domain/announcement';
import { orderWorkflowId, shipmentWorkflowId } from '../../src/domain/ids';
import type { OrderInput } from '../../src/domain/orderInput';
import type {
  AuthorizationAnswer,
  AuthorizationRequest,
  CaptureRequest,
  RefundRequest,
  VoidRequest,
} from '../../src/domain/payment';
import type { OrderPlan } from '../../src/domain/plan';
import type { Reservation, ReservationRequest } from '../../src/domain/reservation';
import type { BookingAnswer, BookingRequest, Parcel } from '../../src/domain/shipping';
import { order } from '../../src/workflows/order';
import { orderInput } from '../support/orders';

/** Two parcels: the tea from one place, the cup from another. The total is 1900. */
export const parcels: readonly Parcel[] = [
  { shipment: '1', location: 'north', products: [{ productCode: 'TEA-100', quantity: 2 }] },
  { shipment: '2', location: 'south', products: [{ productCode: 'CUP-7', quantity: 1 }] },
];
export const reserved = {
  status: 'reserved',
  unitPrices: [500, 900],
  total: 1900,
  parcels,
} as const satisfies Reservation;

export const plan = {
  backOrder: { deadlineSeconds: 7 * 86_400 },
  payment: { providers: ['a', 'b'], deadlineSeconds: 3_600 },
  fulfilment: { pickingSeconds: 86_400, dispatchSeconds: 86_400 },
} as const satisfies OrderPlan;

/** Of all that cost more than 10.00. */
export const approval = {
  limits: { EUR: 1_000 },
  remindSeconds: 3_600,
  deadlineSeconds: 86_400,
  onExpiry: 'reject',
} as const;

export const unavailable = () =>
  ApplicationFailure.nonRetryable('it is down', 'PaymentProviderUnavailable');

/** A provider that does not say what became of it. */
export const silence = () => ApplicationFailure.retryable('no answer', 'PaymentOutcomeUnknown');

export const refusedForGood = () => ApplicationFailure.nonRetryable('no', 'DataRefused');

/** What one order holds, as the books of its partners have it. */
export interface Books {
  stock: 'none' | 'waiting' | 'reserved' | 'released';
  readonly parcels: Map<string, 'shipped' | 'returned'>;
  /** Minor units by `<provider> <key>`. */
  readonly held: Map<string, number>;
  captured: number;
  refunded: number;
  readonly booked: Set<string>;
}

export interface Shop {
  readonly calls: string[];
  readonly announced: Announcement[];
  readonly books: Books;
  /** The types and reasons of all messages, in their order. */
  readonly told: string[];
  readonly activities: ReturnType<typeof activitiesOf>;
}

export type Overrides = Partial<ReturnType<typeof activitiesOf>>;

export function openShop(overrides: (shop: Shop) => Overrides = () => ({})): Shop {
  const books: Books = {
    stock: 'none',
    parcels: new Map(),
    held: new Map(),
    captured: 0,
    refunded: 0,
    booked: new Set(),
  };
  const shop: Omit<Shop, 'activities'> = { calls: [], announced: [], told: [], books };
  const activities = activitiesOf(shop);
  const whole = { ...shop, activities };
  Object.assign(activities, overrides({ ...shop, activities: { ...activities } }));
  return whole;
}

/** Operators that can not be told anything. */
export const withoutNotices = (shop: Shop, failure: () => Error) => ({
  announce: async (announcement: Parameters<Shop['activities']['announce']>[0]) => {
    if (announcement.milestone === undefined) throw failure();
    return shop.activities.announce(announcement);
  },
});

/** A carrier that takes every parcel but the first. */
export const carrierRefusing1 = (shop: Shop) => ({
  bookCarrier: async (request: BookingRequest): Promise<BookingAnswer> =>
    request.shipment === '1'
      ? { status: 'refused', reason: 'nobody drives there' }
      : shop.activities.bookCarrier(request),
});

/** An inventory that has the order wait until its stock has come. */
export const waitingForStock = (shop: Shop, until: () => boolean) => ({
  reserveStock: async (request: Parameters<Shop['activities']['reserveStock']>[0]) => {
    if (until()) return shop.activities.reserveStock(request);
    shop.books.stock = 'waiting';
    return { status: 'waiting', productCodes: ['TEA-100'] } as const;
  },
});

function activitiesOf({ calls, announced, told, books }: Omit<Shop, 'activities'>) {
  return {
    async reserveStock(_: ReservationRequest): Promise<Reservation> {
      calls.push('reserve');
      if (books.stock === 'released') return { status: 'released' };
      books.stock = 'reserved';
      return reserved;
    },
    async releaseStock(_: string): Promise<Reservation> {
      calls.push('release');
      books.stock = 'released';
      return { status: 'released' };
    },
    async shipStock({ shipment }: { shipment: string }): Promise<void> {
      calls.push(`ship ${shipment}`);
      books.parcels.set(shipment, 'shipped');
    },
    async returnParcel({ shipment }: { shipment: string }): Promise<void> {
      calls.push(`return ${shipment}`);
      books.parcels.set(shipment, 'returned');
    },
    async authorizePayment(request: AuthorizationRequest): Promise<AuthorizationAnswer> {
      const { provider, key, amount } = request;
      calls.push(`authorize ${provider}`);
      const authorizationId = `${provider} ${key}`;
      if (!books.held.has(authorizationId)) books.held.set(authorizationId, amount);
      return { status: 'authorized', authorizationId };
    },
    async capturePayment({ authorizationId, amount }: CaptureRequest) {
      calls.push(`capture ${amount}`);
      books.held.set(authorizationId, (books.held.get(authorizationId) ?? 0) - amount);
      books.captured += amount;
      return { captureId: `capture ${amount}` };
    },
    async refundPayment({ amount }: RefundRequest): Promise<void> {
      calls.push(`refund ${amount}`);
      books.refunded += amount;
    },
    async voidPayment({ provider, key }: VoidRequest): Promise<void> {
      calls.push(`void ${provider}`);
      books.held.set(`${provider} ${key}`, 0);
    },
    async bookCarrier({ shipment }: BookingRequest): Promise<BookingAnswer> {
      calls.push(`book ${shipment}`);
      books.booked.add(shipment);
      return { status: 'booked', bookingId: shipment, carrier: 'swift' };
    },
    async cancelBooking({ key }: { key: string }): Promise<void> {
      calls.push('cancel booking');
      books.booked.delete(key.split(':').at(-1)!);
    },
    async announce(announcement: Announcement): Promise<string> {
      announced.push(announcement);
      for (const { type, data } of announcement.messages) {
        const { reason } = data as { reason?: string };
        if (type === 'OperatorNotice') told.push(`notice ${reason}`);
        else if (type !== 'Notification') told.push(type);
      }
      return new Date().toISOString();
    },
  };
}

/** What is held for an order, of money and of stock that neither went out nor came back. */
export function holdings({ books }: Shop): { money: number; stock: boolean } {
  const money = [...books.held.values()].reduce((sum, amount) => sum + amount, 0);
  const settled = parcels.every(({ shipment }) => books.parcels.has(shipment));
  const stock = books.stock === 'waiting' || (books.stock === 'reserved' && !settled);
  return { money, stock };
}

export interface OrderOptions {
  /** The whole life where it is not named; none where it is undefined. */
  readonly plan?: OrderPlan | undefined;
  readonly order?: Partial<OrderInput['order']>;
}

/** Runs one order with a worker of its own, and hands its handle over. */
export async function withOrder<T>(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleWithSourceMap,
  shop: Shop,
  options: OrderOptions,
  use: (handle: OrderHandle) => Promise<T>,
): Promise<T> {
  const worker = await createWorker(env, workflowBundle, shop.activities);
  return worker.runUntil(async () =>
    use(await startOrder(env, worker.options.taskQueue, randomUUID(), options)),
  );
}

/** A worker with a task queue of its own. */
export const createWorker = (
  { nativeConnection: connection }: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleWithSourceMap,
  activities: Shop['activities'],
): Promise<Worker> =>
  Worker.create({
    connection,
    taskQueue: randomUUID(),
    workflowBundle,
    activities,
    sinks: { kpi: { occurred: { fn: () => undefined } } },
  });

export async function startOrder(
  { client }: TestWorkflowEnvironment,
  taskQueue: string,
  orderId: string,
  options: OrderOptions,
): Promise<OrderHandle> {
  const lived = 'plan' in options ? options.plan : plan;
  const handle = await client.workflow.start(order, {
    taskQueue,
    workflowId: orderWorkflowId(orderId),
    args: [{ ...orderInput(orderId, options.order), ...(lived && { plan: lived }) }],
  });
  const shipment = (number: string) =>
    client.workflow.getHandle(shipmentWorkflowId(orderId, number));
  return Object.assign(handle, { orderId, shipment });
}

type Workflows = TestWorkflowEnvironment['client']['workflow'];
export type OrderHandle = WorkflowHandleWithFirstExecutionRunId<typeof order> & {
  readonly orderId: string;
  shipment(number: string): ReturnType<Workflows['getHandle']>;
};
