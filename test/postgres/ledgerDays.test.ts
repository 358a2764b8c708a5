import { countBatch, liveGeneration } from '../../src/postgres/ledger';
import { ensureDays, forgetDays } from '../../src/postgres/ledgerDays';
import { eventKey } from '../../src/postgres/ledgerEvents';
import { seriesIds } from '../../src/postgres/ledgerSeries';
import { createDatabase, type TestDatabase } from '../support/database';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 2, 29);

let database: TestDatabase;
let series: readonly number[];

beforeEach(async () => {
  database = await createDatabase();
  const identity = { kpi: 'k', version: 1, synthetic: false, slice: {} };
  series = await seriesIds(database.pool, [
    { ...identity, total: false },
    { ...identity, total: true },
  ]);
});
afterEach(() => database?.drop());

async function count(...times: number[]): Promise<void> {
  const events = times.map(at => {
    const id = `event of ${at}`;
    const [seriesId, totalId] = series;
    return {
      ...{ id, key: eventKey(id), at, value: 1, seriesId: seriesId!, totalId: totalId! },
      ...{ provisional: false, mayReplace: false, reconciled: false, late: false },
      deployment: 'test',
    };
  });
  await countBatch(database.pool, { events, refusals: [], progress: [] });
}

async function single<T>(sql: string): Promise<T[]> {
  const { rows } = await database.pool.query<{ value: T }>(sql);
  return rows.map(({ value }) => value);
}
const days = () =>
  single<string>(
    `SELECT inhrelid::regclass::text AS value FROM pg_inherits
     WHERE inhparent = 'kpi_events_1'::regclass ORDER BY 1`,
  );
const ids = () => single<string>('SELECT event_id AS value FROM kpi_events ORDER BY at');
const guarded = () => single<number>('SELECT count(*) AS value FROM counted_events');
const counted = () => single<number>('SELECT sum(count)::int AS value FROM kpi_minutes');

describe("the ledger's days", () => {
  it('come into being with their first event, in UTC, also when processes make one at once', async () => {
    const other = database.openPool();
    await Promise.all([
      count(today - 1, today),
      ensureDays(other, await liveGeneration(other), [today, today + dayMs]),
    ]);
    expect(await days()).toEqual([
      'kpi_events_1_20260328',
      'kpi_events_1_20260329',
      'kpi_events_1_20260330',
    ]);
  });

  it('go once they are too old, with their events and ids, and leave the figures', async () => {
    await count(today - 2 * dayMs, today - dayMs - 1, today - dayMs, today);
    expect(await forgetDays(database.pool, 1, today)).toBe(2);
    expect(await days()).toEqual(['kpi_events_1_20260329']);
    expect(await ids()).toEqual([`event of ${today}`]);
    expect(await guarded()).toEqual([1]);
    expect(await counted()).toEqual([8]);
  });

  it('stay while any of their time is still kept', async () => {
    await count(today, today + dayMs - 1);
    expect(await forgetDays(database.pool, 1, today + dayMs - 1)).toBe(0);
    expect(await ids()).toHaveLength(2);
  });

  it('are forgotten little by little, so that no statement takes longer the more was counted', async () => {
    await count(today - dayMs);
    await database.pool.query(`
      INSERT INTO kpi_events SELECT 1, at + place * interval '1 millisecond', gen_random_uuid(),
        event_id, value, series_id, provisional, reconciled, deployment
      FROM kpi_events, generate_series(1, 50000) AS place;
      INSERT INTO counted_events SELECT generation, event_key, at, value, series_id, provisional
      FROM kpi_events ON CONFLICT DO NOTHING`);
    const deletions = await noteDeletions('counted_events');
    expect(await forgetDays(database.pool, 1, today)).toBe(1);
    expect(await guarded()).toEqual([0]);
    expect(sumOf(await deletions())).toBe(50_001);
    expect(Math.max(...(await deletions()))).toBeLessThan(20_000);
  });

  it('are forgotten once by two processes that do so at the same time', async () => {
    await count(today - 3 * dayMs, today - 2 * dayMs, today);
    const other = database.openPool();
    const dropped = await Promise.all([
      forgetDays(database.pool, 1, today),
      forgetDays(other, 1, today),
    ]);
    await forgetDays(database.pool, 1, today);
    expect(dropped[0] + dropped[1]).toBeLessThanOrEqual(2);
    expect(await days()).toEqual(['kpi_events_1_20260329']);
    expect(await guarded()).toEqual([1]);
  });
});

describe('refused events', () => {
  it('are forgotten once they are as old, little by little, too', async () => {
    await database.pool.query(
      `INSERT INTO refused_events
       SELECT 1, gen_random_uuid(), 'T', 'NotJson', $1::timestamptz + age * interval '1 second'
       FROM generate_series(-50000, 4) AS age`,
      [new Date(today)],
    );
    const deletions = await noteDeletions('refused_events');
    await forgetDays(database.pool, 1, today);
    expect(await single('SELECT count(*) AS value FROM refused_events')).toEqual([5]);
    expect(sumOf(await deletions())).toBe(50_000);
    expect(Math.max(...(await deletions()))).toBeLessThan(20_000);
  });
});

const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Of every statement that deletes from a table from now on, how many rows. */
async function noteDeletions(table: string): Promise<() => Promise<number[]>> {
  await database.pool.query(`
    CREATE TABLE deletions (deleted integer);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO deletions SELECT count(*) FROM gone; RETURN NULL; END $$;
    CREATE TRIGGER note AFTER DELETE ON ${table} REFERENCING OLD TABLE AS gone
      FOR EACH STATEMENT EXECUTE FUNCTION note()`);
  return () => single<number>('SELECT deleted AS value FROM deletions');
}
