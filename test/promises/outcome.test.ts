/**
 * An order's outcome never differs from what was announced, whatever signal, cancellation or update
 * arrives at the moment of decision.
 */
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { waitFor } from '../support/waitFor';
import { heldUp, holdProduct } from './support/barriers';
import { executions, results, untilClosed } from './support/orders';
import { orderOf, send, submissionOf } from './support/submissions';
import { expectSumsToAddUp } from './support/sums';
import { refuseRecords } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000, SCARCE: 8 });
  await Promise.all([world.start('intake'), world.start('order-worker')]);
});
afterAll(() => world?.close());

const handleOf = (orderId: string) => world.temporal.workflow.getHandle(`order-${orderId}`);

/** Asks to cancel the order; answers with its status from then on, in the order's own words. */
async function cancelByUpdate(orderId: string): Promise<string> {
  try {
    return await handleOf(orderId).executeUpdate('cancel', { args: [{ by: 'customer' }] });
  } catch (thrown) {
    if (!(thrown instanceof WorkflowUpdateFailedError)) throw thrown;
    const { cause } = thrown;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'OrderDecided') throw thrown;
    const [parameters] = (cause.details ?? []) as { status?: string }[];
    return String(parameters?.status);
  }
}

const cancelInTemporal = (orderId: string) => handleOf(orderId).cancel();
const signalOddly = (orderId: string) => handleOf(orderId).signal('unheard-of', { a: 1 });

/** A third of them asks for what is scarce. */
const mixed = (i: number): string => (i % 3 === 0 ? 'SCARCE' : 'TEA');

async function sendOrders(
  name: string,
  count: number,
  productOf: (i: number) => string = mixed,
): Promise<string[]> {
  const orders = Array.from({ length: count }, (_, i) =>
    orderOf(`${name}-${i}`, [{ productCode: productOf(i), quantity: 1 }]),
  );
  await send(
    world,
    orders.map(order => submissionOf(order)),
  );
  return orders.map(({ orderId }) => orderId);
}

describe('an order that is cancelled', () => {
  it('while its stock is being reserved is cancelled, and holds nothing', () =>
    world.run(async () => {
      const release = await holdProduct(world, 'TEA');
      const orderIds = await sendOrders('early', 18, () => 'TEA');
      try {
        await waitFor(async () => (await heldUp(world)) > 0, 'a reservation to be under way');
        await waitFor(async () => (await executions(world)).length === 18);
        for (const [i, orderId] of orderIds.entries()) {
          await signalOddly(orderId);
          if (i % 2 === 0) await cancelInTemporal(orderId);
          else expect(await cancelByUpdate(orderId)).toBe('cancelled');
        }
      } finally {
        await release();
      }
      await untilClosed(world, 18);

      const outcomes = await results(world, orderIds);
      expect(new Set([...outcomes.values()].map(({ outcome }) => outcome))).toEqual(
        new Set(['cancelled']),
      );
      await expectSumsToAddUp(world);
    })());

  it('once it is decided, but not announced yet, stays as it was decided', () =>
    world.run(async () => {
      await refuseRecords(world, 'OrderConfirmed');
      const orderIds = await sendOrders('late', 18);
      await waitFor(async () => (await headers('late-')).length === orderIds.length);
      await waitFor(
        async () => (await announcing(orderIds)).length === orderIds.length,
        'the orders to be decided',
      );
      for (const orderId of orderIds) {
        await Promise.all([cancelInTemporal(orderId), signalOddly(orderId)]);
        expect(await cancelByUpdate(orderId)).toBe('confirmed');
      }
      expect((await announcing(orderIds)).length).toBe(orderIds.length);
      await refuseRecords(world, 'OrderConfirmed', false);
      await untilClosed(world, 36);

      const outcomes = await results(world, orderIds);
      for (const { outcome } of outcomes.values()) expect(outcome).toBe('confirmed');
      await expectSumsToAddUp(world);
    })());

  it('at any moment around its decision ends as it was announced, and as everyone was told', () =>
    world.run(async () => {
      const orderIds = await sendOrders('any', 90);
      const told = new Map<string, string>();
      const waiting = new Map(orderIds.map((orderId, i) => [orderId, i + wander(i)]));
      await waitFor(async () => {
        // An order cancelled before its reservation was asked for has no header.
        const headed = (await headers('any-')).map(row => String(row.order_id));
        const disturbed = orderIds.filter(orderId => !waiting.has(orderId));
        const decided = new Set([...headed, ...disturbed]).size;
        const due = [...waiting].filter(([, after]) => after <= decided || decided === 90);
        await Promise.all(
          due.map(async ([orderId]) => {
            if (await disturb(orderId, told)) waiting.delete(orderId);
          }),
        );
        return waiting.size === 0;
      }, 'all orders to be disturbed');
      await untilClosed(world, 36 + orderIds.length);

      const outcomes = await results(world, orderIds);
      for (const [orderId, status] of told) {
        expect([orderId, outcomes.get(orderId)?.outcome]).toEqual([orderId, status]);
      }
      const kinds = new Set([...outcomes.values()].map(({ outcome }) => outcome));
      expect(kinds).toEqual(new Set(['confirmed', 'rejected', 'cancelled']));
      await expectSumsToAddUp(world);
    })());
});

/** From 8 too early to 8 too late, scattered. */
const wander = (i: number): number => ((i * 7_919) % 17) - 8;

/**
 * Lets something arrive at an order, by turns an update, a cancellation, both or a signal. False where
 * the order has no workflow yet.
 * @param told takes the status that an update was answered with
 */
async function disturb(orderId: string, told: Map<string, string>): Promise<boolean> {
  const update = async () => void told.set(orderId, await cancelByUpdate(orderId));
  const arrivals = [
    [update],
    [() => cancelInTemporal(orderId)],
    [() => cancelInTemporal(orderId), update],
    [() => signalOddly(orderId), update],
  ];
  const chosen = arrivals[Number(orderId.replace(/\D/g, '')) % arrivals.length]!;
  const answers = await Promise.allSettled(chosen.map(arrive => arrive()));
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    if (!(answer.reason instanceof WorkflowNotFoundError)) throw answer.reason;
    // Also what Temporal says of a workflow that is closed.
    const runs = await world.temporal.workflow.count(`WorkflowId = 'order-${orderId}'`);
    if (runs.count === 0) return false;
  }
  return true;
}

/** The orders whose name begins like this for which the inventory has an answer. */
const headers = (prefix: string) =>
  world.sql('SELECT order_id FROM reservations WHERE starts_with(order_id, $1)', [prefix]);

/** Those orders whose announcement has failed and will be tried again. */
async function announcing(orderIds: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const orderId of orderIds) {
    const { raw } = await handleOf(orderId).describe();
    const [pending] = raw.pendingActivities ?? [];
    if (pending?.activityType?.name === 'announce' && pending.lastFailure) found.push(orderId);
  }
  return found;
}
