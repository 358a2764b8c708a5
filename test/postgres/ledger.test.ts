/** What the ledger's tables say after any deliveries, held against every event counted by hand. */
import fc from 'fast-check';
import { bucketOf } from '../../src/kpi/buckets';
import { countBatch, type LedgerBatch } from '../../src/postgres/ledger';
import type { LedgerEvent } from '../../src/postgres/ledgerEvents';
import { eventKey } from '../../src/postgres/ledgerEvents';
import { openGeneration } from '../../src/postgres/ledgerGenerations';
import { seriesIds } from '../../src/postgres/ledgerSeries';
import { createDatabase, type TestDatabase } from '../support/database';
import { backendWaitingForLock } from '../support/locks';

type Place = Pick<LedgerEvent, 'seriesId' | 'totalId'>;

let database: TestDatabase;
/** Where events count: in slices that have one total, and in slices of which each has its own. */
let joint: readonly Place[];
let apart: readonly Place[];

beforeAll(async () => {
  database = await createDatabase();
  joint = await placesOf('joint', () => ({}));
  apart = await placesOf('apart', ({ channel, ...kept }) => kept);
});
afterAll(() => database?.drop());

type Slice = Readonly<Record<string, string>>;

/** One slice has a part of what another has, and some come before `unknown` in any order, others after it. */
const slices: readonly Slice[] = [
  { channel: 'a', failure: 'unknown' },
  { channel: 'a', failure: 'NoStock' },
  { channel: 'a', failure: 'write EPIPE' },
  { channel: 'a' },
  {},
];

async function placesOf(kpi: string, totalOf: (slice: Slice) => Slice): Promise<Place[]> {
  const series = { kpi, version: 1, synthetic: false };
  const ids = await seriesIds(
    database.pool,
    slices.flatMap(slice => [
      { ...series, total: false, slice },
      { ...series, total: true, slice: totalOf(slice) },
    ]),
  );
  return slices.map((_, i) => ({ seriesId: ids[2 * i]!, totalId: ids[2 * i + 1]! }));
}

const midnight = Date.UTC(2026, 5, 2);

/** An event of one second before midnight, so that some are of the day before. */
function ledgerEvent(id: string, changes: Partial<LedgerEvent> = {}): LedgerEvent {
  return {
    key: eventKey(id),
    id,
    at: midnight - 1_000,
    value: 1,
    ...joint[0]!,
    provisional: false,
    mayReplace: true,
    reconciled: false,
    deployment: 'test',
    late: false,
    ...changes,
  };
}

const batchOf = (...events: LedgerEvent[]): LedgerBatch => ({
  events,
  refusals: [],
  progress: [],
});

interface Figures {
  readonly count: number;
  readonly sum: string;
  readonly min: number;
  readonly max: number;
  readonly buckets: Readonly<Record<string, number>>;
}

/** By series and minute, of all minutes that count something. */
async function figuresOf(generation: number): Promise<Record<string, Figures>> {
  const { rows } = await database.pool.query<Figures & { place: string }>(
    `SELECT series_id || ' ' || extract(epoch FROM minute)::bigint AS place, count::float8 AS count,
            trim_scale(sum)::text AS sum, min, max,
            (SELECT jsonb_object_agg(bucket, counted.count)
             FROM histogram_buckets(histogram) AS counted) AS buckets
     FROM kpi_minutes WHERE generation = $1 AND count > 0`,
    [generation],
  );
  return Object.fromEntries(rows.map(({ place, ...figures }) => [place, figures]));
}

/** The same, from nothing but the events that hold. Values are whole hundredths. */
function expectedOf(events: readonly LedgerEvent[]): Record<string, Figures> {
  const values = new Map<string, number[]>();
  for (const { at, value, seriesId, totalId } of events) {
    for (const series of [seriesId, totalId]) {
      const place = `${series} ${Math.floor(at / 60_000) * 60}`;
      values.set(place, [...(values.get(place) ?? []), value]);
    }
  }
  return Object.fromEntries(
    [...values].map(([place, of]) => {
      const buckets: Record<string, number> = {};
      for (const value of of) buckets[bucketOf(value)] = (buckets[bucketOf(value)] ?? 0) + 1;
      const hundredths = of.reduce((sum, value) => sum + Math.round(value * 100), 0);
      const figures = {
        count: of.length,
        sum: String(hundredths / 100),
        min: Math.min(...of),
        max: Math.max(...of),
        buckets,
      };
      return [place, figures];
    }),
  );
}

async function rowsOf(table: string, generation: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ row: string }>(
    `SELECT concat_ws(' ', event_key, at, value, series_id, provisional) AS row
     FROM ${table} WHERE generation = $1 ORDER BY row`,
    [generation],
  );
  return rows.map(({ row }) => row);
}

/** One event of some id: the failure whose type is known, and any number of guesses at it. */
const story = fc.record({
  known: fc.option(
    fc.record({
      seconds: fc.integer({ min: -90, max: 90 }),
      hundredths: fc.integer({ min: -500, max: 500 }),
      slice: fc.nat(slices.length - 1),
    }),
  ),
  guesses: fc.array(fc.integer({ min: -90, max: 90 }), { maxLength: 2 }),
  copies: fc.integer({ min: 1, max: 2 }),
});

describe('counting', () => {
  it('keeps ids and deployments as they are, whatever characters they have', async () => {
    const generation = await openGeneration(database.pool);
    const texts = ['"', '\\', '{a,b}', 'NULL', 'null', ' ', "'", '\\"', '💥', 'a\\\\'];
    const events = texts.map(text => ledgerEvent(text, { deployment: `in ${text}` }));
    await countBatch(database.pool, batchOf(...events), generation);
    const { rows } = await database.pool.query<{ id: string; deployment: string }>(
      'SELECT event_id AS id, deployment FROM kpi_events WHERE generation = $1',
      [generation],
    );
    const kept = new Map(rows.map(({ id, deployment }) => [id, deployment]));
    expect(kept).toEqual(new Map(texts.map(text => [text, `in ${text}`])));
  });

  it.each([
    ['one total', () => joint],
    ['totals apart', () => apart],
  ])(
    'comes to the figures of the events that hold, in any order, repetition, split and process: %s',
    async (_, placesOfKpi) => {
      const places = placesOfKpi();
      const pools = [database.pool, database.openPool(), database.openPool()];
      await fc.assert(
        fc.asyncProperty(
          fc.array(story, { minLength: 1, maxLength: 25 }),
          fc.infiniteStream(fc.nat()),
          async (stories, chance) => {
            const generation = await openGeneration(database.pool);
            const deliveries: LedgerEvent[] = [];
            const holding: LedgerEvent[] = [];
            stories.forEach(({ known, guesses, copies }, i) => {
              const told = guesses.map(seconds =>
                ledgerEvent(`e${i}`, {
                  ...places[0]!,
                  at: midnight + seconds * 1_000,
                  provisional: true,
                }),
              );
              if (known) {
                const { seconds, hundredths, slice } = known;
                const changes = {
                  at: midnight + seconds * 1_000,
                  value: hundredths / 100,
                  ...places[slice]!,
                };
                told.push(ledgerEvent(`e${i}`, changes));
              }
              for (let copy = 0; copy < copies; copy++) deliveries.push(...told);
              const [earliest] = told.sort((a, b) => a.at - b.at);
              const holds = told.find(({ provisional }) => !provisional) ?? earliest;
              if (holds) holding.push(holds);
            });
            await Promise.all(
              deal(deliveries, pools.length, chance).map(async (mine, process) => {
                for (const events of split(mine, chance)) {
                  await countBatch(pools[process]!, batchOf(...events), generation);
                }
              }),
            );
            expect(await figuresOf(generation)).toEqual(expectedOf(holding));
            expect(await rowsOf('kpi_events', generation)).toEqual(
              await rowsOf('counted_events', generation),
            );
            expect(await rowsOf('kpi_events', generation)).toHaveLength(holding.length);
          },
        ),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  it('says how many events were new, and how many took the place of another', async () => {
    const generation = await openGeneration(database.pool);
    const guess = ledgerEvent('one', { provisional: true });
    const count = (...events: LedgerEvent[]) =>
      countBatch(database.pool, batchOf(...events), generation);
    expect(await count(guess, ledgerEvent('two'))).toEqual({ fresh: 2, replaced: 0 });
    expect(await count(guess)).toEqual({ fresh: 0, replaced: 0 });
    expect(await count(ledgerEvent('one'))).toEqual({ fresh: 0, replaced: 1 });
    expect(await count(ledgerEvent('one'), guess)).toEqual({ fresh: 0, replaced: 0 });
  });

  it('takes an event that turns out otherwise off the total in which it was counted', async () => {
    const generation = await openGeneration(database.pool);
    const count = (...events: LedgerEvent[]) =>
      countBatch(database.pool, batchOf(...events), generation);
    const others = apart.map((place, i) => ledgerEvent(`other ${i}`, { ...place, value: i }));
    await count(ledgerEvent('guess', { ...apart[0]!, value: 9, provisional: true }), ...others);
    const known = ledgerEvent('guess', { ...apart[2]!, value: 9, at: midnight - 61_000 });
    await count(known);
    expect(await figuresOf(generation)).toEqual(expectedOf([known, ...others]));
  });

  it('finds least and greatest anew when the event that was either turns out otherwise', async () => {
    const generation = await openGeneration(database.pool);
    const count = (...events: LedgerEvent[]) =>
      countBatch(database.pool, batchOf(...events), generation);
    const guess = ledgerEvent('extreme', { value: 100, provisional: true });
    await count(guess, ledgerEvent('low', { value: 3 }), ledgerEvent('high', { value: 7 }));
    const known = ledgerEvent('extreme', { value: 5, ...joint[1]! });
    await count(known);
    expect(await figuresOf(generation)).toEqual(
      expectedOf([known, ledgerEvent('low', { value: 3 }), ledgerEvent('high', { value: 7 })]),
    );
  });

  it('makes a new revision of a minute for each late event, wherever it counts or counted', async () => {
    const generation = await openGeneration(database.pool);
    const count = (...events: LedgerEvent[]) =>
      countBatch(database.pool, batchOf(...events), generation);
    const [guessed, known] = [joint[0]!, joint[1]!];
    const revisions = async () => {
      const { rows } = await database.pool.query<{ series: number; revision: number }>(
        'SELECT series_id AS series, revision FROM kpi_minutes WHERE generation = $1',
        [generation],
      );
      const bySeries = new Map(rows.map(({ series, revision }) => [series, revision]));
      return [guessed.seriesId, known.seriesId, guessed.totalId].map(id => bySeries.get(id));
    };
    await count(ledgerEvent('timely'), ledgerEvent('guess', { provisional: true }));
    expect(await revisions()).toEqual([0, undefined, 0]);
    await count(ledgerEvent('late', { late: true }));
    expect(await revisions()).toEqual([1, undefined, 1]);
    await count(ledgerEvent('late', { late: true }));
    expect(await revisions()).toEqual([1, undefined, 1]);
    await count(ledgerEvent('guess', { ...known, late: true }));
    expect(await revisions()).toEqual([2, 1, 3]);
  });

  it('moves watermarks forward only', async () => {
    const generation = await openGeneration(database.pool);
    const progress = (nextOffset: number, eventTime?: number) => ({
      topic: 'T',
      partition: 3,
      nextOffset,
      recordTime: midnight + nextOffset,
      ...(eventTime !== undefined && { eventTime }),
    });
    const note = (...places: LedgerBatch['progress']) =>
      countBatch(database.pool, { events: [], refusals: [], progress: places }, generation);
    await note(progress(10, midnight));
    await note(progress(11));
    await note(progress(7, midnight + 5_000));
    const { rows } = await database.pool.query(
      'SELECT topic, partition, next_offset, record_time, event_time FROM ledger_watermarks WHERE generation = $1',
      [generation],
    );
    expect(rows).toEqual([
      {
        topic: 'T',
        partition: 3,
        next_offset: 11,
        record_time: new Date(midnight + 11),
        event_time: new Date(midnight + 5_000),
      },
    ]);
  });

  it('counts a refused event once, however often it comes', async () => {
    const generation = await openGeneration(database.pool);
    const refusals = [{ key: eventKey('bad'), topic: 'T', reason: 'NotJson' }];
    for (let time = 0; time < 2; time++) {
      await countBatch(database.pool, { events: [], refusals, progress: [] }, generation);
    }
    const { rows } = await database.pool.query(
      'SELECT topic, reason FROM refused_events WHERE generation = $1',
      [generation],
    );
    expect(rows).toEqual([{ topic: 'T', reason: 'NotJson' }]);
  });

  it('keeps the reason for which an event was refused last, of batches and within one', async () => {
    const generation = await openGeneration(database.pool);
    const refuse = (...reasons: string[]) => {
      const refusals = reasons.map(reason => ({ key: eventKey('bad'), topic: 'T', reason }));
      return countBatch(database.pool, { events: [], refusals, progress: [] }, generation);
    };
    const kept = async () => {
      const { rows } = await database.pool.query<{ reason: string }>(
        'SELECT reason FROM refused_events WHERE generation = $1',
        [generation],
      );
      return rows.map(({ reason }) => reason);
    };
    await refuse('NotJson', 'KpiVersionUnknown');
    expect(await kept()).toEqual(['KpiVersionUnknown']);
    await refuse('MessageInvalid');
    expect(await kept()).toEqual(['MessageInvalid']);
  });

  it('does not let the live generation be swapped while it counts', async () => {
    const other = database.openPool();
    const client = await other.connect();
    await client.query('BEGIN');
    await client.query('SELECT FROM ledger_generations FOR UPDATE');
    const counting = countBatch(database.pool, batchOf(ledgerEvent('waits')));
    await backendWaitingForLock(other);
    await client.query('ROLLBACK');
    client.release();
    expect(await counting).toEqual({ fresh: 1, replaced: 0 });
  });

  it('leaves no trace of a batch that fails', async () => {
    const generation = await openGeneration(database.pool);
    const impossible = ledgerEvent('bad', { id: 'with \u0000 in it' });
    await expect(
      countBatch(database.pool, batchOf(ledgerEvent('good'), impossible), generation),
    ).rejects.toMatchObject({ code: 'DataRefused' });
    expect(await figuresOf(generation)).toEqual({});
    expect(await rowsOf('counted_events', generation)).toEqual([]);
  });
});

/** Deals shuffled deliveries to processes. */
function deal<T>(items: readonly T[], hands: number, chance: fc.Stream<number>): T[][] {
  const dealt: T[][] = Array.from({ length: hands }, () => []);
  const left = [...items];
  while (left.length > 0) {
    const [item] = left.splice(draw(chance) % left.length, 1);
    dealt[draw(chance) % hands]!.push(item!);
  }
  return dealt;
}

/** Cuts deliveries into batches; within one, an id stands once. */
function split(events: readonly LedgerEvent[], chance: fc.Stream<number>): LedgerEvent[][] {
  const batches: LedgerEvent[][] = [[]];
  for (const event of events) {
    const current = batches.at(-1)!;
    const isFull = draw(chance) % 5 === 0 || current.some(({ id }) => id === event.id);
    if (isFull) batches.push([event]);
    else current.push(event);
  }
  return batches;
}

const draw = (chance: fc.Stream<number>): number => chance.next().value ?? 0;
