/** A rebuild on real Kafka and Postgres: equal input gives equal figures, and nothing is lost on the way. */
import { Registry } from 'prom-client';
import { createPublisher, type Publisher } from '../../src/kafka/publisher';
import { createLedger, type LedgerOptions } from '../../src/ledger/ledger';
import { createLedgerMetrics } from '../../src/ledger/metrics';
import { rebuild } from '../../src/ledger/rebuild';
import { liveGeneration } from '../../src/postgres/ledger';
import { openGeneration } from '../../src/postgres/ledgerGenerations';
import { TestGroup } from '../support/consumers';
import { createDatabase, type TestDatabase } from '../support/database';
import { committedOffsets, createTopicAs, quiet, testKafka, withAdmin } from '../support/kafka';
import { waitFor } from '../support/waitFor';
import { eventRecord, type TestEvent, type TestKpi, testKpi } from './events';

jest.setTimeout(60_000);

let database: TestDatabase;
let publisher: Publisher;
let kpi: TestKpi;
let group: TestGroup;

beforeAll(async () => {
  publisher = await createPublisher(testKafka(), { logger: quiet });
});
afterAll(() => publisher?.stop());

beforeEach(async () => {
  kpi = testKpi();
  group = new TestGroup();
  database = await createDatabase();
  await createTopicAs({ topic: kpi.topic, numPartitions: 2, replicationFactor: 1 });
});
afterEach(async () => {
  await group.stop();
  await database.drop();
});

const minuteMs = 60_000;
const begin = Math.floor(Date.now() / minuteMs) * minuteMs - 30 * minuteMs;

const options = (): Omit<LedgerOptions, 'publisher' | 'group'> => ({
  pool: database.pool,
  catalogue: kpi.catalogue,
  keepDays: 35,
  graceSeconds: 30,
  metrics: createLedgerMetrics(new Registry()),
  logger: quiet,
  signal: new AbortController().signal,
});

/** A ledger that goes on counting until the test is over. */
const startLedger = () =>
  group.consume(kpi.topic, createLedger({ ...options(), publisher, group: group.group }));

const rebuildNow = (signal = new AbortController().signal) =>
  rebuild({ ...options(), signal, kafka: testKafka() });

const placeBeyondAll = 1_000_000;

/** Until it is called off, no rebuild has caught up. */
async function holdUpRebuilds(): Promise<{ callOff(): Promise<void> }> {
  await database.pool.query(
    `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
     VALUES (1, $1, 0, $2, now())`,
    [kpi.topic, placeBeyondAll],
  );
  return {
    async callOff() {
      await database.pool.query('DELETE FROM ledger_watermarks WHERE next_offset = $1', [
        placeBeyondAll,
      ]);
    },
  };
}

/** Waits until a rebuild is under way that began after this many others. */
const untilBuilding = (others: number) =>
  waitFor(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM ledger_generations WHERE state = 'building' AND generation = $1`,
      [others + 2],
    );
    return rows.length > 0;
  }, 'a rebuild to be under way');

function eventsFrom(name: string, at: number): TestEvent[] {
  return Array.from({ length: 300 }, (_, i) => ({
    id: `${name}-${i}`,
    at: at + i * 500,
    value: i / 10,
    channel: ['web', 'shop'][i % 2]!,
    ...(i % 7 === 0 && { failure: i % 14 === 0 ? 'unknown' : 'known' }),
  }));
}

/** Published at the time at which they happened, each twice. */
async function publish(events: readonly TestEvent[]): Promise<void> {
  const records = [...events, ...events].map(event => ({
    ...eventRecord(kpi, event),
    timestamp: event.at,
  }));
  await Promise.all(records.map(record => publisher.publish(record)));
}

async function untilCounted(): Promise<void> {
  await waitFor(async () => {
    const ends = await withAdmin(admin => admin.fetchTopicOffsets(kpi.topic));
    const committed = await committedOffsets(group.group, kpi.topic);
    return ends.every(({ partition, high }) => committed[partition] === Number(high));
  }, 'everything to be counted');
}

async function liveFigures(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT series_id, minute, count, sum::text, min, max, encode(histogram, 'hex') AS histogram
     FROM kpi_minutes JOIN ledger_generations USING (generation)
     WHERE state = 'live' ORDER BY series_id, minute`,
  );
  return rows;
}

describe('a rebuild', () => {
  it('gives the same figures to the last digit, and is then what is read and counted on', async () => {
    await startLedger();
    await publish(eventsFrom('first', begin));
    await untilCounted();
    const before = await liveFigures();
    const { reaches, comparison } = await rebuildNow();
    expect(await liveFigures()).toEqual(before);
    expect(await liveGeneration(database.pool)).toBe(2);
    expect(reaches).toEqual([]);
    expect(comparison).toMatchObject([
      { kpi: kpi.name, version: 1, countBefore: 300, countAfter: 300, minutesChanged: 0 },
    ]);

    await publish(eventsFrom('second', begin + 5 * minuteMs));
    await publish(eventsFrom('first', begin));
    await untilCounted();
    const { comparison: again } = await rebuildNow();
    expect(again).toMatchObject([{ countBefore: 600, countAfter: 600, minutesChanged: 0 }]);
    const { rows } = await database.pool.query(
      `SELECT relname FROM pg_class WHERE relname ~ '^(kpi_minutes|counted_events)_[12]$'`,
    );
    expect(rows).toEqual([]);
  });

  it('puts right what was wrong, and says how much', async () => {
    await startLedger();
    await publish(eventsFrom('e', begin));
    await untilCounted();
    const right = await liveFigures();
    await database.pool.query(
      `UPDATE kpi_minutes SET count = count + 5, sum = sum + 1
       WHERE (series_id, minute) = (
         SELECT series_id, minute FROM kpi_minutes JOIN kpi_series USING (series_id)
         WHERE total ORDER BY minute LIMIT 1)`,
    );
    await database.pool.query(
      'DELETE FROM kpi_minutes USING kpi_series WHERE kpi_minutes.series_id = kpi_series.series_id AND NOT total AND minute = to_timestamp($1)',
      [begin / 1_000],
    );
    const { comparison } = await rebuildNow();
    expect(comparison).toMatchObject([{ countBefore: 305, countAfter: 300 }]);
    expect(comparison[0]!.minutesChanged).toBeGreaterThan(0);
    expect(await liveFigures()).toEqual(right);
  });

  it('takes over what the topic no longer holds, and says from when it does', async () => {
    await startLedger();
    await publish(eventsFrom('old', begin));
    await untilCounted();
    const ends = await withAdmin(admin => admin.fetchTopicOffsets(kpi.topic));
    await publish(eventsFrom('young', begin + 10 * minuteMs));
    await untilCounted();
    const before = await liveFigures();
    await withAdmin(async admin => {
      // Only then does the client know where the partitions are.
      await admin.fetchTopicOffsets(kpi.topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic: kpi.topic, partitions });
    });
    const { reaches, comparison } = await rebuildNow();
    expect(reaches).toEqual([{ kpi: kpi.name, from: begin + 11 * minuteMs }]);
    expect(comparison).toMatchObject([{ countBefore: 600, countAfter: 600, minutesChanged: 0 }]);
    expect(await liveFigures()).toEqual(before);

    await publish(eventsFrom('old', begin));
    await untilCounted();
    expect(await liveFigures()).toEqual(before);
  });

  it('loses nothing that is counted while it runs', async () => {
    await startLedger();
    await publish(eventsFrom('before', begin));
    const running = rebuildNow();
    await publish(eventsFrom('meanwhile', begin + 3 * minuteMs));
    await running;
    await publish(eventsFrom('after', begin + 6 * minuteMs));
    await untilCounted();
    const { comparison } = await rebuildNow();
    expect(comparison).toMatchObject([{ countBefore: 900, countAfter: 900, minutesChanged: 0 }]);
  });

  it('refuses a second one at once while it is under way, and then ends as usual', async () => {
    await publish(eventsFrom('e', begin));
    const holdUp = await holdUpRebuilds();
    const first = rebuildNow();
    await untilBuilding(0);
    await expect(rebuildNow()).rejects.toMatchObject({ code: 'RebuildUnderWay' });
    await holdUp.callOff();
    await first;
    expect(await liveGeneration(database.pool)).toBe(2);
  });

  it('works after one that was interrupted, and after one whose connection was cut', async () => {
    const holdUp = await holdUpRebuilds();
    const interruption = new AbortController();
    const interrupted = rebuildNow(interruption.signal);
    await untilBuilding(0);
    interruption.abort();
    await expect(interrupted).rejects.toMatchObject({ code: 'Interrupted' });

    const cut = rebuildNow();
    await untilBuilding(1);
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND datname = current_database()`,
    );
    await expect(cut).rejects.toMatchObject({ code: 'PostgresUnavailable' });

    await holdUp.callOff();
    await rebuildNow();
    expect(await liveGeneration(database.pool)).toBe(4);
  });

  it('discards what an earlier one left unfinished', async () => {
    const left = await openGeneration(database.pool);
    await rebuildNow();
    const { rows } = await database.pool.query(
      'SELECT generation, state FROM ledger_generations ORDER BY generation',
    );
    expect(rows).toEqual([
      { generation: 1, state: 'retired' },
      { generation: left, state: 'retired' },
      { generation: left + 1, state: 'live' },
    ]);
  });
});
