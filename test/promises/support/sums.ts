/** The sums that must add up, from what the servers hold, whatever happened on the way. */
import { stockAudit } from '../../../src/postgres/stockAudit';
import { waitFor } from '../../support/waitFor';
import { executions, results } from './orders';
import { eventId, eventIds, header, type Read, readTopics } from './topics';
import type { World } from './world';

/** Which submission a record is: CloudEvent source and id, else its place in `OrderReceived`. */
const originOf = (record: Read, place: string): string =>
  header(record, 'ce_id') === undefined
    ? place
    : `${header(record, 'ce_source')} ${header(record, 'ce_id')}`;

/**
 * Expects that nothing was lost between `OrderReceived` and (workflow, dead letter, refusal), that every
 * order was closed and announced exactly once, and that the stock follows from the outcomes.
 */
export async function expectSumsToAddUp(world: World): Promise<void> {
  const orderIds = await expectOrdersToBeClosedOnce(world);
  const outcomes = await results(world, orderIds);
  const withOutcome = (wanted: string) =>
    orderIds.filter(orderId => outcomes.get(orderId)?.outcome === wanted);
  const announced = [];
  for (const [outcome, topic] of announcements) {
    const ids = withOutcome(outcome).map(orderId => `${topic}:${orderId}`);
    expect(await eventIds(world, topic)).toEqual(new Set(ids));
    announced.push(...ids);
  }
  expect(announced).toHaveLength(orderIds.length);
  const decided = [...withOutcome('confirmed'), ...withOutcome('rejected')];
  // KPI events are in no hurry.
  const latencies = async () => (await eventIds(world, 'OrderLatency')).size;
  await waitFor(async () => (await latencies()) >= decided.length, 'the latencies of all orders');
  expect(await latencies()).toBe(decided.length);

  expect(await stockAudit(world.pool)).toEqual([]);
  const holding = await world.sql<{ order_id: string }>(
    `SELECT order_id FROM reservations WHERE status = 'reserved'`,
  );
  expect(holding.map(row => row.order_id).sort()).toEqual(withOutcome('confirmed'));
}

/**
 * Expects that nothing was lost between `OrderReceived` and (workflow, dead letter, refusal), and that
 * every order was closed exactly once; answers with the order ids.
 * @param terminated the orders whose workflow somebody ended, which are not among the answer
 */
export async function expectOrdersToBeClosedOnce(
  world: World,
  terminated: readonly string[] = [],
): Promise<string[]> {
  const [received, letters, errors, registered, runs] = await Promise.all([
    readTopics(world, ['OrderReceived']),
    readTopics(world, ['DeadLetterQueue']),
    readTopics(world, ['InventoryErrors']),
    world.sql<{ order_id: string }>('SELECT order_id FROM orders ORDER BY order_id'),
    executions(world),
  ]);
  const origins = new Set(received.map(it => originOf(it, `${it.partition}/${it.offset}`)));
  const deadOrigins = new Set(
    letters
      .filter(letter => header(letter, 'kafka_dlt-original-topic') === 'OrderReceived')
      .map(letter => originOf(letter, originalPlace(letter))),
  );
  const duplicates = new Set(errors.filter(isDuplicate).map(eventId));
  expect(origins.size).toBe(registered.length + duplicates.size + deadOrigins.size);

  const orderIds = registered.map(row => row.order_id);
  const ended = runs.filter(({ status }) => status !== 'COMPLETED');
  expect(ended.map(({ orderId }) => orderId).sort()).toEqual([...terminated].sort());
  expect(runs.map(({ orderId }) => orderId).sort()).toEqual(orderIds.sort());
  return orderIds.filter(orderId => !terminated.includes(orderId));
}

/** The topic on which each outcome is announced. */
export const announcements = [
  ['confirmed', 'OrderConfirmed'],
  ['rejected', 'OrderRejected'],
  ['cancelled', 'OrderCancelled'],
] as const;

function originalPlace(letter: Read): string {
  const part = (name: string) => header(letter, `kafka_dlt-original-${name}`);
  return `${part('partition')}/${part('offset')}`;
}

function isDuplicate({ value }: Read): boolean {
  const { metadata } = JSON.parse(String(value)) as {
    metadata: { name: string; value: unknown }[];
  };
  return metadata.some(({ name, value: found }) => name === 'error' && found === 'DuplicateOrder');
}
