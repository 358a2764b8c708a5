/**
 * Promises 1 to 3 while a server is away in mid-stream: afterwards nothing is lost, and every accepted
 * order was closed exactly once.
 */
import { waitFor } from '../support/waitFor';
import { missingFor } from './support/accounts';
import { heldUp, holdOrder, holdProduct } from './support/barriers';
import { executions, untilClosed } from './support/orders';
import type { RoleProcess } from './support/roleProcess';
import {
  mixedStream,
  orderOf,
  type Sent,
  type Submission,
  send,
  submissionOf,
} from './support/submissions';
import { expectSumsToAddUp } from './support/sums';
import { untilAllCommitted } from './support/topics';
import { openWorld, refusesConnections, type World } from './support/world';

jest.setTimeout(120_000);

/** In Temporal's API: a worker has it. */
const pendingActivityStarted = 2;

let world: World;
let roles: RoleProcess[];
const everythingSent: Sent[] = [];

beforeAll(async () => {
  world = await openWorld({ TEA: 150, GATE: 1_000 });
  roles = await Promise.all([world.start('intake'), world.start('order-worker')]);
});
afterAll(() => world?.close());

describe('the broker', () => {
  it.each([
    ['is stopped', 'stopServer'],
    ['is killed', 'killServer'],
  ] as const)('%s and started again in mid-stream, and nothing is lost', (how, end) =>
    world.run(async () => {
      const name = how.replace(' ', '-');
      const gated = orderOf(`${name}-gated`, [{ productCode: 'GATE', quantity: 1 }]);
      await sendAll(mixedStream(name, 24));
      await waitFor(() => isClosed(`${name}-0`), 'the stream to be under way');
      const release = await holdProduct(world, 'GATE');
      await sendAll([...mixedStream(`${name}-more`, 24), submissionOf(gated)]);
      await waitFor(async () => (await heldUp(world)) > 0, 'a reservation to be under way');

      await world[end]('kafka');
      await waitFor(() => refusesConnections(world.brokers[0]!));
      await release();
      await waitFor(() => isReserved(`${name}-gated`), 'an order to be decided meanwhile');
      expect(await isClosed(`${name}-gated`)).toBe(false);
      await world.startServer('kafka');
      await expectAllDone();
    })(),
  );
});

describe('Temporal', () => {
  it.each([
    ['is stopped', 'stopServer'],
    ['is killed', 'killServer'],
  ] as const)('%s and started again in mid-stream, and nothing is lost', (how, end) =>
    world.run(async () => {
      const name = `temporal-${how.replace(' ', '-')}`;
      await sendAll(mixedStream(name, 24));
      await waitFor(() => isClosed(`${name}-0`), 'the stream to be under way');
      const release = await holdOrder(world, `${name}-more-5`);
      await sendAll(mixedStream(`${name}-more`, 24));
      await waitFor(async () => (await heldUp(world)) > 0, 'the intake to be held up');

      await world[end]('temporal');
      await waitFor(() => refusesConnections(world.temporalAddress));
      await release();
      await waitFor(() => isRegistered(`${name}-more-5`), 'an order to be registered meanwhile');
      expect(await ordersNotStarted()).toBeGreaterThan(0);
      await world.startServer('temporal');
      await expectAllDone();
    })(),
  );
});

describe('a process that has lived through all that', () => {
  it('still warns of nothing, drains and ends', () =>
    world.run(async () => {
      for (const role of roles) {
        expect(role.says('MaxListenersExceededWarning')).toBe(false);
        expect(await role.end('SIGTERM')).toEqual({ code: 0, signal: null });
      }
    })());
});

describe('an order worker that is stopped while the broker is away', () => {
  it('ends within its time, and leaves what it could not announce to the next one', () =>
    world.run(async () => {
      const intake = await world.start('intake');
      const worker = await world.start('order-worker', { DRAIN_SECONDS: '2' });
      const release = await holdProduct(world, 'GATE');
      // The only one: KPI events of others would be lost with the worker, until a watcher finds them missing.
      const gated = orderOf('unannounced', [{ productCode: 'GATE', quantity: 1 }]);
      await sendAll([submissionOf(gated)]);
      await waitFor(async () => (await heldUp(world)) > 0, 'a reservation to be under way');
      await world.killServer('kafka');
      await waitFor(() => refusesConnections(world.brokers[0]!));
      await release();
      await waitFor(() => isBeingAnnounced('unannounced'), 'an announcement to be under way');

      expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
      await world.startServer('kafka');
      await world.start('order-worker');
      await expectAllDone();
      expect(await intake.end('SIGTERM')).toEqual({ code: 0, signal: null });
    })());
});

async function sendAll(submissions: readonly Submission[]): Promise<void> {
  everythingSent.push(...(await send(world, submissions)));
}

async function expectAllDone(): Promise<void> {
  await untilAllCommitted(world);
  const orderIds = new Set(everythingSent.flatMap(({ orderId }) => orderId ?? []));
  await untilClosed(world, orderIds.size);
  expect(await missingFor(world, everythingSent)).toEqual([]);
  await expectSumsToAddUp(world);
}

async function isClosed(orderId: string): Promise<boolean> {
  const runs = await executions(world);
  return runs.some(run => run.orderId === orderId && run.status !== 'RUNNING');
}

/** Whether a worker has it in hand. */
async function isBeingAnnounced(orderId: string): Promise<boolean> {
  const { raw } = await world.temporal.workflow.getHandle(`order-${orderId}`).describe();
  const started = raw.pendingActivities?.filter(({ state }) => state === pendingActivityStarted);
  return started?.some(({ activityType }) => activityType?.name === 'announce') === true;
}

const isReserved = (orderId: string): Promise<boolean> =>
  has(`SELECT FROM reservations WHERE order_id = $1 AND status = 'reserved'`, [orderId]);

const isRegistered = (orderId: string): Promise<boolean> =>
  has('SELECT FROM orders WHERE order_id = $1', [orderId]);

const ordersNotStarted = async (): Promise<number> =>
  (await world.sql('SELECT FROM orders WHERE started_at IS NULL')).length;

const has = async (statement: string, values: readonly unknown[]): Promise<boolean> =>
  (await world.sql(statement, values)).length > 0;
