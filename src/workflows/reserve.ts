/** The stock of an order: reserved at once, or waited for where the order allows it. */
import { CancellationScope, condition, patched, workflowInfo } from '@temporalio/workflow';
import { type Decision, decide, rejectedFor } from '../domain/decision';
import { backOrderAnnouncement } from '../domain/orderAnnouncement';
import type { OrderInput } from '../domain/orderInput';
import type { Reservation, ReservationRequest } from '../domain/reservation';
import { releaseStock, reserveStock } from './activities';
import type { OrderContext } from './orderContext';
import { tell } from './tell';

/** A waiting order asks by itself now and then, though rarely: each time takes room in its history. */
const askAgainMs = 6 * 3_600_000;

/** Every line or none; what the inventory's answer makes of the order. */
export async function reserve(context: OrderContext): Promise<Decision> {
  const { input, life, saga } = context;
  const { orderId } = input.order;
  const request = requestOf(input);

  const { forget } = saga.before('releaseStock', () => releaseStock(orderId));
  const first = await reserveStock(request);
  const answer = first.status === 'waiting' ? await waitForStock(context, request, first) : first;
  if (answer.status === 'waiting') return rejectedFor('BackOrderExpired');
  if (answer.status === 'short') forget();
  if (answer.status === 'reserved' && input.plan) {
    life.enter('reserved');
    if (first.status === 'waiting') life.publish();
  }
  return decide(answer);
}

/**
 * Whether the stock is still there. Only a run that was reset may have lost it: the run before may have
 * given it back, and so may the sweep, while there was none.
 */
export async function isStillReserved({ input }: OrderContext): Promise<boolean> {
  const { runId, originalExecutionRunId, unsafe } = workflowInfo();
  // A tool that replays a history knows of no reset; there the patch alone says what was done.
  const mayBeLost = runId !== originalExecutionRunId || unsafe.isReplaying;
  if (!mayBeLost || !patched('stock-after-a-reset')) return true;
  const { status } = await reserveStock(requestOf(input));
  return status !== 'released';
}

function requestOf({ order, plan }: OrderInput): ReservationRequest {
  const { orderId, currency, products, allowBackOrder } = order;
  const mayWait = allowBackOrder === true && plan?.backOrder !== undefined;
  return { orderId, currency, lines: products, ...(mayWait && { mayWait }) };
}

async function waitForStock(
  { input, life, news }: OrderContext,
  request: ReservationRequest,
  { productCodes }: Extract<Reservation, { status: 'waiting' }>,
): Promise<Reservation> {
  const end = Date.now() + (input.plan?.backOrder?.deadlineSeconds ?? 0) * 1_000;
  const waitsUntil = new Date(end).toISOString();
  const at = life.enter('back-ordered', `until ${waitsUntil}, for ${productCodes.join(', ')}`);
  life.publish();
  // Told as a whole or not at all: after a cancellation nobody is to hear that the order waits.
  await CancellationScope.nonCancellable(() =>
    tell(backOrderAnnouncement(input, productCodes, { at, waitsUntil })),
  );
  for (;;) {
    const left = end - Date.now();
    if (left > 0) await condition(() => news.stockReserved, Math.min(left, askAgainMs));
    news.stockReserved = false;
    const answer = await reserveStock(request);
    if (answer.status !== 'waiting' || left <= 0) return answer;
  }
}
