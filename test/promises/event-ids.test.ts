/**
 * No event id has two meanings, over all topics, however often a retried task, a crashed producer or a
 * redelivered record writes it.
 */
import { waitFor } from '../support/waitFor';
import { cutReservations, heldUp, holdProduct } from './support/barriers';
import { removeMembers } from './support/consumerGroup';
import { executions, untilClosed } from './support/orders';
import type { RoleProcess } from './support/roleProcess';
import { mixedStream, orderOf, type Submission, send, submissionOf } from './support/submissions';
import { eventId, header, type Read, readTopics, untilAllCommitted } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(180_000);

const announced = ['OrderConfirmed', 'OrderRejected', 'OrderCancelled', 'Notification'];
const kpis = ['InventoryErrors', 'OrderLatency', 'OrderDuration'];

let world: World;
let events: Read[];

beforeAll(async () => {
  world = await openWorld({ TEA: 60, GATE: 1_000 });
});
afterAll(() => world?.close());

describe('after intake, order worker, Temporal and Kafka were killed in mid-stream', () => {
  it('all orders are closed, and there is an attempt that nobody saw fail', () =>
    world.run(async () => {
      let [intake, worker] = await Promise.all([
        world.start('intake'),
        world.start('order-worker'),
      ]);
      const orderIds = new Set<string>();
      const sendAll = async (submissions: readonly Submission[]) => {
        await send(world, submissions);
        for (const { orderId } of submissions) if (orderId !== undefined) orderIds.add(orderId);
      };

      const refusedTwice = submissionOf(orderOf('temporal-0'));
      await sendAll([...mixedStream('temporal', 48), refusedTwice]);
      await untilSomeAreClosed('temporal');
      await world.killServer('temporal');
      await world.startServer('temporal');

      await sendAll([...mixedStream('worker', 24), refusedTwice]);
      const release = await holdProduct(world, 'GATE');
      await sendAll(gated('gated', 12));
      await waitFor(async () => (await heldUp(world)) > 0, 'a reservation to be under way');
      await cancel('gated-0');
      await cutReservations(world);
      await waitFor(toldAgain, 'the next attempts to tell of those that failed');
      await kill(worker);
      await release();
      worker = await world.start('order-worker');

      await sendAll(mixedStream('intake', 24));
      await kill(intake);
      await removeMembers(world);
      intake = await world.start('intake');

      await sendAll(mixedStream('kafka', 48));
      await untilSomeAreClosed('kafka');
      await world.killServer('kafka');
      await world.startServer('kafka');

      await untilAllCommitted(world);
      await untilClosed(world, orderIds.size);
      await worker.end('SIGTERM');
      await intake.end('SIGTERM');
      events = await readTopics(world, [...announced, ...kpis]);
      const errors = events.filter(({ topic }) => topic === 'InventoryErrors').map(eventId);
      expect(errors.some(id => id.includes(':attempt:'))).toBe(true);
      expect(new Set(errors).size).toBeLessThan(errors.length);
    })());

  it.each(announced)('each id on %s stands for one message, to the last byte', topic => {
    const meanings = meaningsOf(topic, ({ value }) => String(value));
    expect(meanings.filter(([, different]) => different.size > 1)).toEqual([]);
  });

  it.each(kpis)('each id on %s stands for one value at one time', topic => {
    const meanings = meaningsOf(topic, meaningOf);
    expect(meanings.filter(([, different]) => different.size > 1)).toEqual([]);
  });
});

/** Whether an event is on `InventoryErrors` twice. */
async function toldAgain(): Promise<boolean> {
  const ids = (await readTopics(world, ['InventoryErrors'])).map(eventId);
  return new Set(ids).size < ids.length;
}

async function kill(role: RoleProcess): Promise<void> {
  expect(await role.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
}

/** Waits until some orders of a stream are closed, and expects that others are not. */
async function untilSomeAreClosed(prefix: string): Promise<void> {
  const ours = async () =>
    (await executions(world)).filter(({ orderId }) => orderId.startsWith(prefix));
  // Of one look: a moment later all of them may be closed.
  const seen = await waitFor(async () => {
    const runs = await ours();
    return runs.some(({ status }) => status === 'COMPLETED') ? runs : undefined;
  });
  expect(seen.some(({ status }) => status === 'RUNNING')).toBe(true);
}

const cancel = (orderId: string): Promise<unknown> =>
  world.temporal.workflow
    .getHandle(`order-${orderId}`)
    .executeUpdate('cancel', { args: [{ by: 'customer' }] });

const gated = (name: string, count: number): Submission[] =>
  Array.from({ length: count }, (_, i) =>
    submissionOf(orderOf(`${name}-${i}`, [{ productCode: 'GATE', quantity: 1 }])),
  );

/** The different meanings of each event id on a topic. */
function meaningsOf(topic: string, meaning: (event: Read) => string): [string, Set<string>][] {
  const meanings = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.topic !== topic || isReplaced(event)) continue;
    const id = eventId(event);
    meanings.set(id, (meanings.get(id) ?? new Set()).add(meaning(event)));
  }
  expect(meanings.size).toBeGreaterThan(0);
  return [...meanings];
}

/** An attempt whose failure nobody told: what its own worker told of it replaces the event. */
function isReplaced(event: Read): boolean {
  const isUnknown = (other: Read) => errorOf(other) === 'unknown';
  return (
    isUnknown(event) && events.some(other => eventId(other) === eventId(event) && !isUnknown(other))
  );
}

const errorOf = ({ topic, value }: Read): unknown =>
  topic === 'InventoryErrors'
    ? (JSON.parse(String(value)) as KpiData).metadata.find(({ name }) => name === 'error')?.value
    : undefined;

interface KpiData {
  readonly metadata: readonly { readonly name: string; readonly value: unknown }[];
}

/** What a KPI event says, but for the version of the process that said so. */
function meaningOf(event: Read): string {
  const { metadata, ...data } = JSON.parse(String(event.value)) as KpiData;
  const dimensions = metadata.filter(({ name }) => name !== 'deployment');
  return JSON.stringify({ ...data, dimensions, time: header(event, 'ce_time') });
}
