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

describe('the handler of heartbeats', () => {
  it.each([
    { value: Buffer.from('beat'), code: 'NotJson' },
    { value: null, code: 'EmptyMessage' },
    { value: { ...kpiHeartbeat.example, sequence: 0 }, code: 'MessageInvalid' },
    { value: { ...kpiHeartbeat.example, settledAt: 'soon' }, code: 'MessageInvalid' },
  ])('puts aside what is none: $code', async ({ value, code }) => {
    const refused: string[] = [];
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: async (_record, error) => void refused.push(error.code),
    });
    await handle(incomingRecord(value));
    expect(refused).toEqual([code]);
  });

  it('takes what is one in plain JSON, too', async () => {
    const handle = createHeartbeats({
      pool: database.pool,
      refuse: (_record, error) => Promise.reject(error),
    });
    const producer = unique('producer');
    await handle(incomingRecord({ ...kpiHeartbeat.example, producer }));
    const all = { from: 0, until: Date.now() };
    const { lives } = await readTestimony(database.pool, [producer], 'OrderLatency', all);
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
    const life = async () => {
      const all = { from: 0, until: Date.now() + 60_000 };
      const rows = await database.pool.query<{ started_at: Date }>(
        'SELECT started_at FROM kpi_producers WHERE instance = $1',
        [instance],
      );
      const from = rows.rows[0]?.started_at.getTime();
      const { lives } = await readTestimony(ledger.pool, ['order-worker'], kpi.topic, all);
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
      publisher,
      progress: now => tracked.progress(now),
      dropped: () => 0,
      logger: quiet,
    });
    await group.consume(kpiHeartbeat.topic, handleHeartbeat);
    const before = await waitFor(life, 'the first heartbeat');
    expect(before).toMatchObject({ goodbye: false, countedUntil: before.from });

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
