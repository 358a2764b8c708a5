import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnnouncementActivities } from '../activities/announcements';
import type { InventoryActivities } from '../activities/inventory';
import { type Decision, decide } from '../domain/decision';
import { announcementOf } from '../domain/orderAnnouncement';
import type { OrderInput, OrderResult } from '../domain/orderInput';
import type { Reservation } from '../domain/reservation';
import { acceptCancellation } from './cancellation';
import { OrderLife } from './orderLife';

/** No attempt limit: an order waits for Postgres and Kafka rather than fail with them. */
const untilItWorks = {
  startToCloseTimeout: '10 seconds',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;

const { reserveStock, releaseStock } = proxyActivities<InventoryActivities>(untilItWorks);
const { announce } = proxyActivities<AnnouncementActivities>(untilItWorks);

/** One order, from received to decided: reserve the stock, decide, tell the world. */
export async function order(input: OrderInput): Promise<OrderResult> {
  const life = new OrderLife(input);
  const temporal = CancellationScope.current();

  return CancellationScope.nonCancellable(async () => {
    const undecided = new CancellationScope({ cancellable: true });
    const cancellation = acceptCancellation(life, input.order.orderId, temporal, undecided);
    const reservation = await reserve(input, life, undecided);
    const decision = decide(reservation, cancellation.request);
    const decidedAt = now();
    life.decide(decision, decidedAt);
    if (decision.outcome === 'cancelled') await releaseStock(input.order.orderId);
    const endedAt = await announce(announcementOf(input, decision, decidedAt, traceparent()));
    life.publish();
    return resultOf(input, decision, endedAt);
  });
}

/** Reserves every line or none; gives up waiting, not caring, once the order is cancelled. */
async function reserve(
  { order: { orderId, currency, products } }: OrderInput,
  life: OrderLife,
  undecided: CancellationScope,
): Promise<Reservation | undefined> {
  try {
    return await undecided.run(() => reserveStock({ orderId, currency, lines: products }));
  } catch (failure) {
    if (isCancellation(failure)) return undefined;
    life.enter('failed', now());
    await releaseStock(orderId);
    life.publish();
    throw failure;
  }
}

function resultOf(
  { order: { orderId, currency } }: OrderInput,
  decision: Decision,
  endedAt: string,
): OrderResult {
  const { outcome } = decision;
  switch (outcome) {
    case 'confirmed':
      return { orderId, outcome, currency, total: decision.total, endedAt };
    case 'rejected':
      return { orderId, outcome, currency, refusals: decision.refusals, endedAt };
    case 'cancelled':
      return { orderId, outcome, currency, endedAt };
  }
}

const now = (): string => new Date().toISOString();

const traceparent = (): string | undefined =>
  workflowInfo().memo?.traceparent as string | undefined;
