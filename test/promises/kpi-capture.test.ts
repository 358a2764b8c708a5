/**
 * Promise 6: KPI capture never slows or fails an order: bounded memory, bounded waiting, and what is
 * dropped is counted.
 */
import { derive } from '../../src/kpi/derive';
import type { Occurrence } from '../../src/kpi/occurrence';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiTopic } from '../../src/messages/kpiEvent';
import { milestone, stepEnded, workflowClosed } from '../kpi/samples';
import { waitFor } from '../support/waitFor';
import { holdProduct } from './support/barriers';
import { executions, untilClosed } from './support/orders';
import type { RoleProcess } from './support/roleProcess';
import { orderOf, send, submissionOf } from './support/submissions';
import { eventIds, refuseRecords } from './support/topics';
import { openWorld, refusesConnections, type World } from './support/world';

jest.setTimeout(180_000);

/** All that happens to a confirmed order. */
const occurrences: readonly Occurrence[] = [
  milestone,
  workflowClosed,
  { ...stepEnded, step: 'reserveStock' },
  { ...stepEnded, step: 'announce' },
];
/** The topic of each event that the KPIs of the project make of it, whichever they are. */
const topicsOfOrder = occurrences.flatMap(occurrence =>
  derive(readKpiCatalogue(), { ...occurrence, versionAt: Date.now() }, '').map(({ data }) =>
    kpiTopic(data.kpi),
  ),
);
const goneTopic = 'OrderLatency';
const goneOfOrder = topicsOfOrder.filter(topic => topic === goneTopic).length;
const kpiTopics = [...new Set(topicsOfOrder)];
const eventsPerOrder = topicsOfOrder.length;
const ordersAtOnce = 4;
const queueLimit = eventsPerOrder * ordersAtOnce;

let world: World;
let worker: RoleProcess;
let ordersSent = 0;

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000 });
  [worker] = await Promise.all([
    world.start('order-worker', { KPI_QUEUE_LIMIT: String(queueLimit) }),
    world.start('intake'),
  ]);
});
afterAll(() => world?.close());

async function sendOrders(name: string, count: number): Promise<void> {
  const orders = Array.from({ length: count }, (_, i) => submissionOf(orderOf(`${name}-${i}`)));
  await send(world, orders);
  ordersSent += count;
}

const count = (result: string) => worker.metric('orderly_kpi_events_total', { result });
const pending = () => worker.metric('orderly_kpi_events_pending');

async function expectAllConfirmed(): Promise<void> {
  const runs = await untilClosed(world, ordersSent);
  expect(runs.filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
  await waitFor(async () => (await eventIds(world, 'OrderConfirmed')).size === ordersSent);
  expect(await worker.isReady()).toBe(true);
}

describe('orders and their KPI events', () => {
  it('all arrive while the KPI topics take them', () =>
    world.run(async () => {
      // In small numbers, so that the queue holds them all.
      for (let round = 0; round < 3; round++) {
        await sendOrders(`well-${round}`, ordersAtOnce);
        await expectAllConfirmed();
        await waitFor(async () => (await pending()) === 0);
      }
      expect(await count('published')).toBe(eventsPerOrder * ordersSent);
    })());

  it('are confirmed while the KPI topics refuse every event, and each loss is counted', () =>
    world.run(async () => {
      const published = await count('published');
      const lostBefore = (await count('failed')) + (await count('dropped'));
      for (const topic of kpiTopics) await refuseRecords(world, topic);
      await sendOrders('refused', 40);
      await expectAllConfirmed();
      await waitFor(async () => (await pending()) === 0);
      const lost = (await count('failed')) + (await count('dropped')) - lostBefore;
      expect(await count('failed')).toBeGreaterThan(0);
      expect(await count('published')).toBe(published);
      expect(lost).toBe(eventsPerOrder * 40);
      for (const topic of kpiTopics) await refuseRecords(world, topic, false);
    })());

  it('outlast a Kafka that is away: no more events wait than the limit, the others are counted', () =>
    world.run(async () => {
      const dropped = await count('dropped');
      const release = await holdProduct(world, 'TEA');
      await sendOrders('away', 40);
      await waitFor(async () => (await executions(world)).length === ordersSent);
      await world.killServer('kafka');
      await waitFor(() => refusesConnections(world.brokers[0]!));
      await release();

      // One event for each order that is about to be announced.
      await waitFor(async () => (await count('dropped')) >= dropped + 40 - queueLimit);
      expect(await pending()).toBe(queueLimit);
      await world.startServer('kafka');
      await expectAllConfirmed();
      await waitFor(async () => (await pending()) === 0);
    })());

  it('are confirmed when a KPI topic is gone, and each loss is counted', () =>
    world.run(async () => {
      const published = await count('published');
      const lostBefore = (await count('failed')) + (await count('dropped'));
      await world.admin.deleteTopics({ topics: [goneTopic] });
      await waitFor(async () => !(await world.admin.listTopics()).includes(goneTopic));
      await sendOrders('gone', 40);
      await expectAllConfirmed();
      // The client looks for the topic for some seconds, once for each batch that holds one of its events.
      await waitFor(async () => (await pending()) === 0, 'no event that waits', 120_000);
      const lost = (await count('failed')) + (await count('dropped')) - lostBefore;
      expect(lost).toBeGreaterThanOrEqual(goneOfOrder * 40);
      expect((await count('published')) - published + lost).toBe(eventsPerOrder * 40);
    })());
});
