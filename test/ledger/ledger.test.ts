/** The ledger on real Kafka and Postgres: what is counted is what happened, whatever the deliveries. */
import { Registry } from 'prom-client';
import { createPublisher, type Publisher } from '../../src/kafka/publisher';
import type { IncomingRecord, OutgoingRecord } from '../../src/kafka/record';
import { createLedger, type LedgerOptions } from '../../src/ledger/ledger';
import { createLedgerMetrics } from '../../src/ledger/metrics';
import { TestGroup } from '../support/consumers';
import { createDatabase, type TestDatabase } from '../support/database';
import { committedOffsets, createTopicAs, quiet, testKafka, withAdmin } from '../support/kafka';
import { figuresOf, figuresOfEvents } from '../support/kpiFigures';
import { backendWaitingForLock } from '../support/locks';
import { waitFor } from '../support/waitFor';
import { asIncoming, eventRecord, type TestEvent, type TestKpi, testKpi } from './events';

jest.setTimeout(60_000);

let database: TestDatabase;
let publisher: Publisher;
beforeAll(async () => {
  [database, publisher] = await Promise.all([
    createDatabase(),
    createPublisher(testKafka(), { logger: quiet }),
  ]);
});
afterAll(async () => {
  await publisher?.stop();
  await database?.drop();
});

const begin = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;

/** A ledger as a process has it; its dead letters are kept in memory. */
function ledger(kpi: TestKpi, options: Partial<LedgerOptions> = {}) {
  const deadLetters: OutgoingRecord[] = [];
  const metrics = new Registry();
  const stopping = new AbortController();
  const handle = createLedger({
    pool: database.pool,
    catalogue: kpi.catalogue,
    publisher: {
      async publish(record) {
        deadLetters.push(record);
        return { partition: 0, offset: '0' };
      },
    },
    group: 'ledger',
    keepDays: 35,
    graceSeconds: 30,
    metrics: createLedgerMetrics(metrics),
    logger: quiet,
    signal: stopping.signal,
    ...options,
  });
  const counted = async (result: string): Promise<number> => {
    const [metric] = await metrics.getMetricsAsJSON();
    const values = metric!.values as { labels: { result?: string }; value: number }[];
    return values.find(({ labels }) => labels.result === result)?.value ?? 0;
  };
  return { handle, deadLetters, counted, stopping };
}

interface Row {
  readonly slice: Record<string, unknown>;
  readonly minute: Date;
  readonly count: number;
  readonly sum: string;
}

async function figures(kpi: TestKpi): Promise<Row[]> {
  const { rows } = await database.pool.query<Row>(
    `SELECT slice, minute, count, trim_scale(sum)::text AS sum
     FROM kpi_minutes JOIN kpi_series USING (series_id)
     WHERE kpi = $1 AND NOT total AND NOT synthetic AND count > 0
     ORDER BY minute, slice ->> 'channel'`,
    [kpi.name],
  );
  return rows;
}

async function watermarks(kpi: TestKpi): Promise<Record<number, number>> {
  const { rows } = await database.pool.query<{ partition: number; next: number }>(
    'SELECT partition, next_offset AS next FROM ledger_watermarks WHERE topic = $1',
    [kpi.topic],
  );
  return Object.fromEntries(rows.map(({ partition, next }) => [partition, next]));
}

async function deadLettersOf(kpi: TestKpi): Promise<string[]> {
  const { rows } = await database.pool.query<{ reason: string }>(
    'SELECT reason FROM refused_events WHERE topic = $1 ORDER BY reason',
    [kpi.topic],
  );
  return rows.map(({ reason }) => reason);
}

describe('a ledger', () => {
  it('counts what several processes are given, in any order and any number of times, once', async () => {
    const kpi = testKpi();
    const partitions = 3;
    await createTopicAs({ topic: kpi.topic, numPartitions: partitions, replicationFactor: 1 });
    const events = Array.from(
      { length: 3_000 },
      (_, i): TestEvent => ({
        id: `event-${i}`,
        at: begin + (i % 180) * 1_000,
        value: (i % 40) / 8,
        channel: ['web', 'shop', 'phone'][i % 3]!,
      }),
    );
    const copies = [...shuffled(events, 7_919), ...shuffled(events, 104_729)];
    const sent = copies.map(event => publisher.publish(eventRecord(kpi, event)));

    const group = new TestGroup();
    const start = () =>
      group.consume(kpi.topic, ledger(kpi, { pool: database.openPool() }).handle, {
        maxInFlight: 500,
      });
    const first = await start();
    await start();
    await waitFor(async () => (await figures(kpi)).length > 0, 'the first figures');
    await first.stop();
    await start();
    await Promise.all(sent);
    const ends = await withAdmin(admin => admin.fetchTopicOffsets(kpi.topic));
    await waitFor(async () => {
      const committed = await committedOffsets(group.group, kpi.topic);
      return ends.every(({ partition, high }) => committed[partition] === Number(high));
    }, 'all offsets to be committed');
    await group.stop();
    expect(await watermarks(kpi)).toEqual(
      Object.fromEntries(ends.map(({ partition, high }) => [partition, Number(high)])),
    );

    const expected = events.map(({ channel, ...event }) => ({
      ...{ ...event, slice: { channel: String(channel) } },
    }));
    expect(await figuresOf(database.pool, kpi.name)).toEqual(figuresOfEvents(expected));
  });

  it('shows at once what it was handed, in one transaction for what came together', async () => {
    const kpi = testKpi();
    const { handle, counted } = ledger(kpi);
    const event = (i: number): TestEvent => ({ id: `e${i}`, at: begin, value: i, channel: 'web' });
    const before = await transactions();
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        handle(asIncoming(eventRecord(kpi, event(i % 250)), { offset: String(i) })),
      ),
    );
    expect(await figures(kpi)).toMatchObject([{ count: 250, sum: String((249 * 250) / 2) }]);
    expect(await watermarks(kpi)).toEqual({ 0: 500 });
    expect(await counted('counted')).toBe(250);
    expect(await counted('repeated')).toBe(250);
    expect((await transactions()) - before).toBeLessThan(20);
  });

  it('knows what it counted lately by its id alone', async () => {
    const kpi = testKpi();
    const { handle, counted, deadLetters } = ledger(kpi);
    const record = asIncoming(eventRecord(kpi, { id: 'e', at: begin, value: 1 }));
    await handle(record);
    await handle({ ...record, offset: '1', value: Buffer.from('no JSON') });
    expect([await counted('counted'), await counted('repeated')]).toEqual([1, 1]);
    expect(deadLetters).toEqual([]);
    expect(await watermarks(kpi)).toEqual({ 0: 2 });
  });

  it('keeps the first that comes under an id, whatever comes later, also once it has forgotten it', async () => {
    const kpi = testKpi();
    const event: TestEvent = { id: 'e', at: begin, value: 1, channel: 'web' };
    const other: TestEvent = { ...event, at: begin + 60_000, value: 7, channel: 'shop' };
    const one = ledger(kpi);
    await one.handle(asIncoming(eventRecord(kpi, event)));
    for (const { handle, counted, deadLetters } of [one, ledger(kpi)]) {
      await handle(asIncoming(eventRecord(kpi, other), { offset: '1' }));
      expect(await counted('repeated')).toBe(1);
      expect(deadLetters).toEqual([]);
    }
    expect(await figures(kpi)).toEqual([
      { slice: { channel: 'web' }, minute: new Date(begin), count: 1, sum: '1' },
    ]);
  });

  it('keeps test orders out of the figures of real ones', async () => {
    const kpi = testKpi();
    const { handle } = ledger(kpi);
    await handle(asIncoming(eventRecord(kpi, { id: 'r', at: begin, value: 1 })));
    await handle(asIncoming(eventRecord(kpi, { id: 's', at: begin, value: 50, synthetic: true })));
    expect(await figures(kpi)).toMatchObject([{ count: 1, sum: '1' }]);
  });

  it('puts wrong events aside, each with its reason, and counts the good ones beside them', async () => {
    const kpi = testKpi();
    const { handle, deadLetters, counted } = ledger(kpi);
    const good: TestEvent = { id: 'good', at: begin, value: 1 };
    const old: TestEvent = { id: 'old', at: begin - 40 * 86_400_000, value: 1 };
    const wrong = [
      asIncoming(eventRecord(kpi, { ...good, id: 'no-kpi' }, { kpi: 'nonesuch' })),
      asIncoming(eventRecord(kpi, { ...good, id: 'no-version' }, { version: 9 })),
      asIncoming(eventRecord(kpi, { ...good, id: 'no-value' }, { value: null })),
      asIncoming(eventRecord(kpi, old)),
      { ...asIncoming(eventRecord(kpi, good)), value: Buffer.from('{'), headers: {} },
    ];
    const records: IncomingRecord[] = [...wrong, asIncoming(eventRecord(kpi, good)), ...wrong];
    await Promise.all(records.map((record, i) => handle({ ...record, offset: String(i % 6) })));
    expect(await deadLettersOf(kpi)).toEqual([
      'KpiEventTooLate',
      'KpiUnknown',
      'KpiVersionUnknown',
      'MessageInvalid',
      'NotJson',
    ]);
    expect(new Set(deadLetters.map(reasonOf)).size).toBe(5);
    expect(deadLetters[0]!.value).toEqual(wrong[0]!.value);
    expect(await figures(kpi)).toMatchObject([{ count: 1 }]);
    expect(await watermarks(kpi)).toEqual({ 0: 6 });
    expect(await counted('KpiUnknown')).toBe(2);
  });

  it('counts what it refused for want of its definition, once it is started anew and that comes again', async () => {
    const kpi = testKpi();
    const event = asIncoming(eventRecord(kpi, { id: 'early', at: begin, value: 7 }));
    const early = ledger(kpi, { catalogue: testKpi().catalogue });
    await early.handle(event);
    expect(await deadLettersOf(kpi)).toEqual(['KpiUnknown']);
    await ledger(kpi).handle({ ...event, offset: '1' });
    expect(await figures(kpi)).toMatchObject([{ count: 1, sum: '7' }]);
  });

  it('replaces a failure that nobody could tell by the one that is known, in whatever order they come', async () => {
    const kpi = testKpi();
    const known: TestEvent = { id: 'a', at: begin, value: 1, failure: '40P01' };
    const guess: TestEvent = { id: 'a', at: begin + 90_000, value: 1, failure: 'unknown' };
    const again: TestEvent = { ...known, id: 'b' };
    const guessed: TestEvent = { ...guess, id: 'b' };
    const { handle, counted } = ledger(kpi);
    for (const event of [known, guess, guessed, again]) {
      await handle(asIncoming(eventRecord(kpi, event)));
    }
    expect(await figures(kpi)).toMatchObject([
      { slice: { failure: '40P01' }, minute: new Date(begin), count: 2, sum: '2' },
    ]);
    expect(await counted('replaced')).toBe(1);
  });

  it('does the same when both come in one batch', async () => {
    const kpi = testKpi();
    const known: TestEvent = { id: 'a', at: begin, value: 1, failure: '40P01' };
    const guess: TestEvent = { ...known, failure: 'unknown' };
    const { handle } = ledger(kpi);
    await Promise.all([guess, known, guess].map(e => handle(asIncoming(eventRecord(kpi, e)))));
    expect(await figures(kpi)).toMatchObject([{ slice: { failure: '40P01' }, count: 1 }]);
  });

  it('calls late what is published when its minute should have been complete, whenever it is read', async () => {
    const kpi = testKpi();
    const { handle } = ledger(kpi);
    const event = (id: string): TestEvent => ({ id, at: begin + 5_000, value: 1 });
    const end = begin + 60_000 + 30_000;
    await handle(asIncoming(eventRecord(kpi, event('just')), { timestamp: end }));
    const revision = async () => {
      const { rows } = await database.pool.query(
        'SELECT revision FROM kpi_minutes JOIN kpi_series USING (series_id) WHERE kpi = $1 AND total',
        [kpi.name],
      );
      return rows[0].revision;
    };
    expect(await revision()).toBe(0);
    await handle(asIncoming(eventRecord(kpi, event('late')), { timestamp: end + 1 }));
    expect(await revision()).toBe(1);
  });

  it('waits while Postgres can not take a batch, and lets none pass that came later', async () => {
    const kpi = testKpi();
    const pool = database.openPool({ statement_timeout: 100 });
    const { handle } = ledger(kpi, { pool });
    await handle(asIncoming(eventRecord(kpi, { id: 'before', at: begin, value: 1 })));
    const client = await database.openPool().connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE kpi_minutes IN ACCESS EXCLUSIVE MODE');
    let done = 0;
    const events = [1, 2].map(i =>
      handle(
        asIncoming(eventRecord(kpi, { id: `e${i}`, at: begin, value: 1 }), { offset: String(i) }),
      ).then(() => done++),
    );
    await backendWaitingForLock(database.pool);
    events.push(
      handle(asIncoming(eventRecord(kpi, { id: 'e3', at: begin, value: 1 }), { offset: '3' })).then(
        () => done++,
      ),
    );
    await waitFor(async () => (await backendWaitingForLock(database.pool)) > 0);
    expect(done).toBe(0);
    await client.query('ROLLBACK');
    client.release();
    await Promise.all(events);
    expect(await figures(kpi)).toMatchObject([{ count: 4 }]);
  });

  it('gives up what it can not count once it is to stop, so that its record is not committed', async () => {
    const kpi = testKpi();
    const pool = database.openPool();
    await pool.end();
    const { handle, stopping } = ledger(kpi, { pool });
    const counting = handle(asIncoming(eventRecord(kpi, { id: 'e', at: begin, value: 1 })));
    stopping.abort();
    await expect(counting).rejects.toThrow();
  });
});

/** In an order that has nothing to do with their own; `factor` is a prime and chooses it. */
function shuffled(events: readonly TestEvent[], factor: number): TestEvent[] {
  return events.map((_, i) => events[(i * factor) % events.length]!);
}

const reasonOf = ({ headers }: OutgoingRecord) => String(headers!['kafka_dlt-exception-fqcn']);

async function transactions(): Promise<number> {
  const { rows } = await database.pool.query(`SELECT pg_current_xact_id()::text::bigint AS id`);
  return rows[0].id;
}
