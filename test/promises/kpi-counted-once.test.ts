/**
 * Promise 5: a KPI event counts once, whatever is killed while it is being counted. Each event is sent
 * twice; afterwards the figures are those of the events themselves, worked out here.
 */
import { type Message, Partitioners, type Producer } from 'kafkajs';
import { figuresOf, figuresOfEvents } from '../support/kpiFigures';
import { waitFor } from '../support/waitFor';
import { removeMembers } from './support/consumerGroup';
import type { RoleProcess } from './support/roleProcess';
import { openWorld, refusesConnections, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;
let producer: Producer;
let ledger: RoleProcess;

beforeAll(async () => {
  world = await openWorld({ TEA: 1 });
  producer = world.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  ledger = await world.start('ledger');
});
afterAll(async () => {
  await producer?.disconnect();
  await world?.close();
});

const group = 'orderly-ledger';
const topic = 'OrderLatency';
const channels = ['web', 'shop', 'phone'] as const;
const portions = 30;
const perPortion = 100;
const begin = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

interface Event {
  readonly id: string;
  readonly at: number;
  readonly value: number;
  readonly channel: string;
}

/** Everything that was sent, over all tests. */
const events: Event[] = [];

function moreEvents(name: string): Event[] {
  const more = Array.from({ length: portions * perPortion }, (_, i) => ({
    id: `order-latency@1:milestone:${name}-${i}:OrderConfirmed`,
    at: begin + (i % 300) * 1_000,
    value: (i % 64) / 16,
    channel: channels[i % 3]!,
  }));
  events.push(...more);
  return more;
}

/** Sends all of them twice, in portions; the second time in another order. */
async function send(all: readonly Event[]): Promise<void> {
  const again = all.map((_, i) => all[(i * 7_919) % all.length]!);
  for (let portion = 0; portion < portions; portion++) {
    const place = portion * perPortion;
    const messages = [all, again].flatMap(of => of.slice(place, place + perPortion).map(messageOf));
    await waitFor(() => isSent(messages), 'a portion to be sent', 60_000);
  }
}

/** False while the broker is away; what is sent again then is one more copy. */
const isSent = (messages: Message[]): Promise<boolean> =>
  producer.send({ topic, messages }).then(
    () => true,
    () => false,
  );

function messageOf({ id, at, value, channel }: Event) {
  const dimensions = { outcome: 'confirmed', channel, region: 'DE', deployment: 'test' };
  return {
    key: id,
    headers: { ce_specversion: '1.0', ce_id: id, ce_source: 'urn:test', ce_type: 'KpiEvent' },
    value: JSON.stringify({
      kpi: 'order-latency',
      version: 1,
      metric: 'order_latency',
      value,
      unit: 'seconds',
      timestamp: new Date(at).toISOString(),
      metadata: [
        ...Object.entries(dimensions).map(([name, its]) => ({ name, value: its })),
        { name: 'synthetic', value: false },
      ],
    }),
  };
}

async function countedNow(): Promise<number> {
  const [row] = await world.sql<{ count: string }>(
    `SELECT count(*) FROM counted_events JOIN kpi_series USING (series_id)
     WHERE kpi = 'order-latency'`,
  );
  return Number(row!.count);
}

/** Some of the events that are being sent are counted, and some are not. */
async function inMidIngest(): Promise<void> {
  const before = events.length - portions * perPortion;
  await waitFor(async () => (await countedNow()) > before, 'the first of them to be counted');
  expect(await countedNow()).toBeLessThan(events.length);
}

async function untilAllCommitted(): Promise<void> {
  await waitFor(
    async () => {
      const ends = await world.admin.fetchTopicOffsets(topic);
      const [entry] = await world.admin.fetchOffsets({ groupId: group, topics: [topic] });
      return ends.every(({ partition, high }) =>
        entry!.partitions.some(p => p.partition === partition && p.offset === high),
      );
    },
    'the ledger to have committed everything',
    60_000,
  );
}

/** All of the ledger's aggregates, against those of the events. */
async function expectFigures(): Promise<void> {
  const expected = events.map(({ at, value, channel }) => ({
    ...{ at, value },
    slice: { outcome: 'confirmed', channel, region: 'DE' },
  }));
  expect(await figuresOf(world.pool, 'order-latency')).toEqual(figuresOfEvents(expected));
  expect(await countedNow()).toBe(events.length);
}

/** Lets a transaction of the ledger come as far as its figures, and no further until it is let go. */
async function holdFigures(): Promise<() => Promise<void>> {
  const client = await world.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE kpi_minutes IN ACCESS EXCLUSIVE MODE');
  return () => client.end();
}

const victimIsHeldUp = async (): Promise<boolean> => {
  const backends = await world.sql(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
       AND query LIKE '%kpi_minutes%' AND application_name = 'orderly victim'`,
  );
  return backends.length > 0;
};

describe('each event counts once', () => {
  it('when a ledger is killed in the middle of a transaction, and another takes over', () =>
    world.run(async () => {
      const victim = await world.start('ledger', { SERVICE_INSTANCE: 'victim' });
      const sending = send(moreEvents('process'));
      await inMidIngest();
      const letGo = await holdFigures();
      await waitFor(victimIsHeldUp, 'its transaction to be in its middle');
      const before = await countedNow();
      expect(await victim.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      await letGo();
      expect(before).toBeLessThan(events.length);
      await sending;
      await removeMembers(world, group);
      await untilAllCommitted();
      await expectFigures();
    })());

  it('when a ledger is killed and the next one is given everything again, from the first offset', () =>
    world.run(async () => {
      const [entry] = await world.admin.fetchOffsets({ groupId: group, topics: [topic] });
      await ledger.end('SIGKILL');
      await removeMembers(world, group);
      const partitions = entry!.partitions.map(({ partition }) => ({ partition, offset: '0' }));
      await world.admin.setOffsets({ groupId: group, topic, partitions });
      ledger = await world.start('ledger');
      await untilAllCommitted();
      await expectFigures();
    })());

  it.each([
    ['Postgres', 'postgres'],
    ['the broker', 'kafka'],
  ] as const)('when %s is killed in mid-ingest and comes back', (_, server) =>
    world.run(async () => {
      const sending = send(moreEvents(server));
      await inMidIngest();
      await world.killServer(server);
      const address = server === 'kafka' ? world.brokers[0]! : world.postgresAddress;
      await waitFor(() => refusesConnections(address));
      await world.startServer(server);
      await sending;
      await untilAllCommitted();
      await expectFigures();
    })(),
  );
});
