/** Promise 7: a stopped process drains (consumer, then worker, then producer); nothing in flight is lost. */
import { waitFor } from '../support/waitFor';
import { fatesOf, missingFor } from './support/accounts';
import { heldUp, holdOrder, holdProduct } from './support/barriers';
import { membersOf } from './support/consumerGroup';
import { executions, startedOrders, untilClosed } from './support/orders';
import type { RoleProcess } from './support/roleProcess';
import {
  mixedStream,
  orderOf,
  replenish,
  type Sent,
  send,
  submissionOf,
} from './support/submissions';
import { expectSumsToAddUp } from './support/sums';
import { committedOffsets, eventIds, untilAllCommitted } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;
const everythingSent: Sent[] = [];

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000, GATE: 1_000 });
});
afterAll(() => world?.close());

/** SIGTERM while the process can not finish what it has begun, which it can from then on. */
async function stopInMidStream(role: RoleProcess, release: () => Promise<void>): Promise<void> {
  await waitFor(async () => (await heldUp(world)) > 0, `${role.name} to be in the middle of it`);
  role.signal('SIGTERM');
  await waitFor(() => role.says('drains'));
  expect(role.isRunning).toBe(true);
  await release();
  expect(await role.ended).toEqual({ code: 0, signal: null });
  expect(role.says('stopped before all handlers ended')).toBe(false);
}

describe('an intake that is stopped in mid-stream', () => {
  it('finishes what it has begun, and has committed exactly that', () =>
    world.run(async () => {
      const intake = await world.start('intake', { INTAKE_STARTS_IN_FLIGHT: '6' });
      const release = await holdOrder(world, 'drain-30');
      everythingSent.push(...(await send(world, mixedStream('drain', 72))));
      await stopInMidStream(intake, release);

      const committed = await committedOffsets(world);
      const done = everythingSent.filter(({ partition, offset }) => offset < committed[partition]!);
      const left = everythingSent.filter(
        ({ partition, offset }) => offset >= committed[partition]!,
      );
      expect(done.length).toBeGreaterThan(0);
      expect(left.length).toBeGreaterThan(0);
      expect(await missingFor(world, done, everythingSent)).toEqual([]);
      const begun = await world.sql<{ order_id: string }>('SELECT order_id FROM orders');
      const finished = await world.sql('SELECT FROM orders WHERE started_at IS NOT NULL');
      expect(finished).toHaveLength(begun.length);
      const ordersDone = new Set(done.flatMap(({ orderId }) => orderId ?? []));
      expect(new Set(begun.map(row => row.order_id))).toEqual(ordersDone);
      const fates = await fatesOf(world, everythingSent);
      const refused = done.filter(record => fates.get(record) !== 'accepted');
      expect(await world.sql('SELECT FROM refusals')).toHaveLength(refused.length);
    })());

  it('leaves the rest to the next one', () =>
    world.run(async () => {
      const next = await world.start('intake');
      await untilAllCommitted(world);
      expect(await missingFor(world, everythingSent)).toEqual([]);
      expect(await next.metric('orderly_intake_records_total')).toBeLessThan(everythingSent.length);
      expect(await next.end('SIGTERM')).toEqual({ code: 0, signal: null });
    })());
});

describe('an intake that is stopped while a partner’s record keeps it', () => {
  it('takes no more orders', () =>
    world.run(async () => {
      const intake = await world.start('intake');
      const release = await holdProduct(world, 'GATE');
      await replenish(world, 'GATE', 1);
      await waitFor(async () => (await heldUp(world)) > 0, 'the delivery to wait');
      intake.signal('SIGTERM');
      await waitFor(async () => (await membersOf(world)).length === 0, 'it to leave');
      expect(await membersOf(world, 'orderly-partners')).toHaveLength(1);
      await release();
      expect(await intake.ended).toEqual({ code: 0, signal: null });
      await world.start('intake');
    })());
});

describe('an order worker that is stopped in mid-stream', () => {
  it('finishes the activities under way, loses no event, and leaves nothing half done', () =>
    world.run(async () => {
      const before = await startedOrders(world);
      const worker = await world.start('order-worker');
      await untilClosed(world, before);
      const release = await holdProduct(world, 'GATE');
      const orders = Array.from({ length: 48 }, (_, i) =>
        orderOf(`worker-${i}`, [{ productCode: i % 4 === 0 ? 'GATE' : 'TEA', quantity: 1 }]),
      );
      everythingSent.push(
        ...(await send(
          world,
          orders.map(order => submissionOf(order)),
        )),
      );
      await stopInMidStream(worker, release);

      const runs = (await executions(world)).filter(({ orderId }) => orderId.startsWith('worker'));
      const open = runs.filter(({ status }) => status === 'RUNNING').map(({ orderId }) => orderId);
      expect(open.length).toBeGreaterThan(0);
      for (const orderId of open) {
        const { raw } = await world.temporal.workflow.getHandle(`order-${orderId}`).describe();
        for (const activity of raw.pendingActivities ?? []) {
          // 1 is "scheduled": no worker has it.
          expect([orderId, activity.state, activity.attempt]).toEqual([orderId, 1, 1]);
        }
      }
      await expectEventsOfWhatIsAnnounced();
    })());

  it('leaves the rest to the next one, which finds no attempt lost', () =>
    world.run(async () => {
      await world.start('order-worker');
      await untilAllCommitted(world);
      await untilClosed(world, await startedOrders(world));
      await expectSumsToAddUp(world);
      const errors = [...(await eventIds(world, 'InventoryErrors'))];
      expect(errors.filter(id => id.includes(':attempt:'))).toEqual([]);
    })());
});

/** Every order that is announced has its latency on Kafka, though the process is gone. */
async function expectEventsOfWhatIsAnnounced(): Promise<void> {
  const confirmed = [...(await eventIds(world, 'OrderConfirmed'))];
  expect(confirmed.length).toBeGreaterThan(0);
  const milestones = confirmed.map(id => {
    const [type, orderId] = id.split(':');
    return `order-latency@1:milestone:order-${orderId}:${type}`;
  });
  expect(await eventIds(world, 'OrderLatency')).toEqual(new Set(milestones));
}
