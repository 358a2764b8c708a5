/** Heartbeats on real Kafka and Postgres, from the process that sends them to what they vouch for. */
import { createPublisher } from '../../src/kafka/publisher';
import { ensureTopics } from '../../src/kafka/topics';
import { TrackedPublisher } from '../../src/kafka/trackedPublisher';
import { createHeartbeats } from '../../src/ledger/heartbeats';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { readTestimony } from '../../src/postgres/ledgerReport';
import { startHeartbeats } from '../../src/workers/heartbeats';
import { TestGroup } from '../support/consumers';
import { createDatabase, type TestDatabase } from '../support/database';
import { quiet, testKafka, unique } from '../support/kafka';
import { incomingRecord } from '../support/records';
import { waitFor } from '../support/waitFor';
import { eventRecord, testKpi } from './events';
import { station } from './station';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const latency = { topic: 'OrderLatency', version: 'order-latency@1' };

describe('the handler of heartbeats', () => {
  it.each([
    { value: Buffer.from('beat'), code: 'NotJson' },
    { value: null, code: 'EmptyMessage' },
    { value: { ...kpiHeartbeat.example, sequence: 0 }, code: 'MessageInvalid' },
    { value: { ...kpiHeartbeat.example, settledAt: 'soon' }, code: 'MessageInvalid' },
    { value: { ...kpiHeartbeat.example, kpis: ['order-latency'] }, code: 'MessageInvalid' },
  ])('puts aside what is none: $code', async ({ value, code }) => {
    const refused: string[] = [];
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: async (_record, error) => void refused.push(error.code),
    });
    await handle(incomingRecord(value));
    expect(refused).toEqual([code]);
  });

  const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

  it.each([
    ['of the future', { sentAt: soon(60), settledAt: soon(0), startedAt: soon(0) }, 'to come'],
    ['that settles the future', { settledAt: '2999-01-01T00:00:00Z' }, 'what is settled'],
    [
      'of a process still to start',
      { startedAt: soon(-1), sentAt: soon(-2) },
      'before its process',
    ],
    [
      'with a partition that Kafka can not have',
      { acknowledged: [{ topic: 'Revenue', partition: 2 ** 31, offset: 1 }] },
      'no partition 2147483648',
    ],
  ])('puts aside one %s, and goes on', async (_, changes, detail) => {
    const refused: string[] = [];
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: async (_record, error) => void refused.push(error.message),
    });
    const producer = unique('producer');
    const heartbeat = { ...kpiHeartbeat.example, producer };
    await Promise.all([
      handle(incomingRecord({ ...heartbeat, instance: 'forged', ...changes })),
      handle(incomingRecord(heartbeat)),
    ]);
    expect(refused).toEqual([expect.stringContaining(detail)]);
    const all = { from: 0, until: Date.parse('2999-12-31') };
    const { lives } = await readTestimony(database.pool, [producer], latency, all);
    expect(lives).toMatchObject([{ from: Date.parse(heartbeat.startedAt) }]);
  });

  it('makes no window complete by a sequence that goes back, nor by offsets that nobody wrote', async () => {
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: (_record, error) => Promise.reject(error),
    });
    const producer = unique('producer');
    const begin = Date.now() - 600_000;
    const time = (seconds: number) => new Date(begin + seconds * 1_000).toISOString();
    const beat = (sequence: number, second: number, offset: number) =>
      incomingRecord({
        ...kpiHeartbeat.example,
        ...{ producer, sequence, startedAt: time(0), sentAt: time(second) },
        settledAt: time(second),
        acknowledged: [{ topic: producer, partition: 0, offset }],
      });
    const known = async () => {
      const all = { from: 0, until: Date.now() };
      const vouched = { topic: producer, version: 'order-latency@1' };
      const { lives } = await readTestimony(database.pool, [producer], vouched, all);
      return lives.map(({ heardAt, countedUntil }) => [heardAt - begin, countedUntil - begin]);
    };
    await handle(beat(2, 5, Number.MAX_SAFE_INTEGER));
    expect(await known()).toEqual([[5_000, 0]]);
    await handle(beat(1, 500, 0));
    await database.pool.query(
      `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
       VALUES (1, $1, 0, 1000, now())`,
      [producer],
    );
    expect(await known()).toEqual([[5_000, 0]]);
  });

  it('takes what is one in plain JSON, too', async () => {
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: (_record, error) => Promise.reject(error),
    });
    const producer = unique('producer');
    await handle(incomingRecord({ ...kpiHeartbeat.example, producer }));
    const all = { from: 0, until: Date.now() };
    const { lives } = await readTestimony(database.pool, [producer], latency, all);
    expect(lives).toHaveLength(1);
  });
});

describe('a process that sends heartbeats', () => {
  it('is vouched for once the ledger has counted what it published, until its goodbye', async () => {
    const kpi = testKpi();
    const kafka = testKafka();
    const plain = { partitions: 2, replicationFactor: 1, config: {} };
    await ensureTopics(
      kafka,
      [kpi.topic, kpiHeartbeat.topic].map(name => ({ name, ...plain })),
      quiet,
    );
    const group = new TestGroup();
    const { ledger, handleEvent, handleHeartbeat } = station(database, kpi.catalogue);
    const instance = unique('instance');
    const life = async (version = `${kpi.name}@1`) => {
      const vouched = { topic: kpi.topic, version };
      const all = { from: 0, until: Date.now() + 60_000 };
      const rows = await database.pool.query<{ started_at: Date }>(
        'SELECT started_at FROM kpi_producers WHERE instance = $1',
        [instance],
      );
      const from = rows.rows[0]?.started_at.getTime();
      const { lives } = await readTestimony(ledger.pool, ['order-worker'], vouched, all);
      return lives.find(one => one.from === from);
    };

    const publisher = await createPublisher(kafka, { logger: quiet });
    const tracked = new TrackedPublisher(publisher, new Set([kpi.topic]));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        tracked.publish(eventRecord(kpi, { id: `e${i}`, at: Date.now(), value: 1 })),
      ),
    );
    const published = Date.now();
    const heartbeats = startHeartbeats({
      producer: 'order-worker',
      instance,
      kpis: [`${kpi.name}@1`],
      publisher,
      progress: now => tracked.progress(now),
      dropped: () => 0,
      logger: quiet,
    });
    await group.consume(kpiHeartbeat.topic, handleHeartbeat);
    const before = await waitFor(life, 'the first heartbeat');
    expect(before).toMatchObject({ goodbye: false, countedUntil: before.from, knows: true });
    expect(await life(`${kpi.name}@2`)).toMatchObject({ knows: false });

    await group.consume(kpi.topic, handleEvent, { group: unique('events') });
    await waitFor(async () => (await life())!.countedUntil >= published, 'all to be counted');

    await heartbeats.stop();
    await publisher.stop();
    const after = await waitFor(async () => {
      const now = await life();
      return now?.goodbye === true && now.countedUntil === now.heardAt ? now : undefined;
    }, 'the goodbye');
    expect(after.until - after.heardAt).toBe(20_000);
    await group.stop();
  });
});
