/** Promise 2: one workflow per order id, for ever, whatever Temporal's retention. */
import { waitFor } from '../support/waitFor';
import { heldUp, holdOrder } from './support/barriers';
import { executions, startedOrders, untilClosed, withWorkflow } from './support/orders';
import {
  orderOf,
  refusalEventId,
  type Submission,
  send,
  submissionOf,
} from './support/submissions';
import { deadLetterOrigins, eventIds, untilAllCommitted } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000 });
});
afterAll(() => world?.close());

const submissions = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => submissionOf(orderOf(`${name}-${i}`)));

describe('an order that Temporal has forgotten', () => {
  const first = submissions('forgotten', 24);
  const orderIds = first.map(({ orderId }) => orderId!);

  it('does not run again when it is redelivered, submitted again or submitted with other content', () =>
    world.run(async () => {
      const roles = await Promise.all([world.start('intake'), world.start('order-worker')]);
      await send(world, first);
      await untilClosed(world, first.length);
      await Promise.all(roles.map(role => role.end('SIGTERM')));
      await world.emptyTemporal();
      expect(await withWorkflow(world, orderIds)).toEqual(new Set());
      const [intake] = await Promise.all([world.start('intake'), world.start('order-worker')]);

      const again = orderIds.map(orderId => submissionOf(orderOf(orderId)));
      const changed = orderIds.map(orderId =>
        submissionOf(orderOf(orderId, [{ productCode: 'TEA', quantity: 2 }])),
      );
      const redelivered = await send(world, first);
      await send(world, again);
      const conflicts = await send(world, changed);
      await untilAllCommitted(world);

      expect(redelivered).toHaveLength(first.length);
      await expectNoneToRun();
      expect(await eventIds(world, 'InventoryErrors')).toEqual(
        new Set([...again, ...changed].map(refusalEventId)),
      );
      const places = conflicts.map(({ partition, offset }) => `${partition}/${offset}`);
      expect(await deadLetterOrigins(world)).toEqual(new Set(places));
      await intake.end('SIGTERM');
    })());

  it('does not run again when the whole topic is read again', () =>
    world.run(async () => {
      await world.admin.resetOffsets({
        groupId: 'orderly-intake',
        topic: 'OrderReceived',
        earliest: true,
      });
      const intake = await world.start('intake');
      await untilAllCommitted(world);
      expect(await intake.metric('orderly_intake_records_total')).toBe(4 * first.length);
      await expectNoneToRun();
      await intake.end('SIGTERM');
    })());

  async function expectNoneToRun(): Promise<void> {
    expect(await withWorkflow(world, orderIds)).toEqual(new Set());
    expect(await executions(world)).toEqual([]);
    const confirmed = orderIds.map(orderId => `OrderConfirmed:${orderId}`);
    expect(await eventIds(world, 'OrderConfirmed')).toEqual(new Set(confirmed));
  }
});

describe('two intakes that read the same records at once', () => {
  const groups = ['first-group', 'second-group'];

  it('start one workflow per order between them', () =>
    world.run(async () => {
      const intakes = await Promise.all(
        groups.map(group => world.start('intake', { KAFKA_INTAKE_GROUP: group })),
      );
      await Promise.all(groups.map(group => untilAllCommitted(world, group)));
      const before = await Promise.all(
        intakes.map(it => it.metric('orderly_intake_records_total')),
      );

      const orders = submissions('raced', 90);
      const repeated = orders.slice(0, 30).map(({ orderId }) => submissionOf(orderOf(orderId!)));
      const release = await holdOrder(world, orders[0]!.orderId!);
      await send(world, [...orders, ...repeated]);
      await waitFor(async () => (await heldUp(world)) >= 2, 'both intakes to be held up');
      await release();
      await Promise.all(groups.map(group => untilAllCommitted(world, group)));
      const after = await Promise.all(intakes.map(it => it.metric('orderly_intake_records_total')));
      expect(after.map((records, i) => records - before[i]!)).toEqual([120, 120]);

      await expectEachOnce(orders);
      const events = await eventIds(world, 'InventoryErrors');
      for (const submission of repeated) expect(events).toContain(refusalEventId(submission));
      await Promise.all(intakes.map(intake => intake.end('SIGTERM')));
    })());
});

describe('two intakes that share the records', () => {
  it('run each order once when one joins and the other is killed in mid-stream', () =>
    world.run(async () => {
      const settings = { INTAKE_STARTS_IN_FLIGHT: '6' };
      const first = await world.start('intake', settings);
      await untilAllCommitted(world);
      const orders = submissions('shared', 90);
      const release = await holdOrder(world, orders[60]!.orderId!);
      await send(world, orders.slice(0, 30));
      await waitFor(async () => (await startedOrders(world, 'shared')) > 0, 'orders to start');
      await send(world, orders.slice(30));
      await waitFor(async () => (await heldUp(world)) > 0, 'the intake to be held up');
      const second = await world.start('intake', settings);
      expect(await startedOrders(world, 'shared')).toBeLessThan(orders.length);
      expect(await first.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await release();

      await untilAllCommitted(world);
      await expectEachOnce(orders);
      await second.end('SIGTERM');
    })());
});

/** Each of these orders was run once and announced once. */
async function expectEachOnce(orders: readonly Submission[]): Promise<void> {
  const orderIds = orders.map(({ orderId }) => orderId!).sort();
  const prefix = orderIds[0]!.replace(/\d+$/, '');
  const ours = (ids: Iterable<string>) => [...ids].filter(id => id.includes(prefix)).sort();
  await waitFor(async () => {
    const runs = await executions(world);
    const done = runs.filter(({ status }) => status === 'COMPLETED');
    return ours(done.map(({ orderId }) => orderId)).length >= orderIds.length;
  }, 'the orders to be closed');
  const runs = await executions(world);
  expect(ours(runs.map(({ orderId }) => orderId))).toEqual(orderIds);
  const confirmed = orderIds.map(orderId => `OrderConfirmed:${orderId}`);
  expect(ours(await eventIds(world, 'OrderConfirmed'))).toEqual(confirmed);
}
