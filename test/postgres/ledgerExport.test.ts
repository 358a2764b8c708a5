/** What an export asks of Postgres; what it writes is in test/cli/kpiExport.test.ts. */
import type { Pool } from 'pg';
import { countBatch } from '../../src/postgres/ledger';
import { eventKey } from '../../src/postgres/ledgerEvents';
import {
  changedMinutes,
  type ExportedMinute,
  exportHorizon,
} from '../../src/postgres/ledgerExport';
import { openGeneration, swapGeneration } from '../../src/postgres/ledgerGenerations';
import { seriesIds } from '../../src/postgres/ledgerSeries';
import { createDatabase, type TestDatabase } from '../support/database';
import { waitFor } from '../support/waitFor';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

const midnight = Date.parse('2026-02-03T00:00:00Z');
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const slices = 100;

/** Until an export may see all that was written so far: transactions of others may hold it back. */
async function allSettled(): Promise<void> {
  const { rows } = await database.pool.query<{ xid: string }>(
    'SELECT pg_current_xact_id()::text AS xid',
  );
  await waitFor(async () => {
    const { next } = await exportHorizon(database.pool);
    return BigInt(next) > BigInt(rows[0]!.xid) || undefined;
  }, 'older transactions to end');
}

/** Counts something in each of so many minutes of each of the slices. */
async function fill(from: number, minutes: number): Promise<void> {
  const series = { kpi: 'k', version: 1, synthetic: false, total: false };
  const ids = await seriesIds(
    database.pool,
    Array.from({ length: slices }, (_, channel) => ({ ...series, slice: { channel } })),
  );
  await database.pool.query(
    `INSERT INTO kpi_minutes (generation, series_id, minute, count)
     SELECT 1, series_id, $2::timestamptz + place * interval '1 minute', 1
     FROM unnest($1::integer[]) AS series_id, generate_series(0, $3 - 1) AS place`,
    [ids, new Date(from), minutes],
  );
  await database.pool.query('ANALYZE kpi_minutes, kpi_series');
  await allSettled();
}

async function exported(pool: Pool, from?: Awaited<ReturnType<typeof exportHorizon>>) {
  const minutes: ExportedMinute[] = [];
  const until = await exportHorizon(pool);
  for await (const page of changedMinutes(pool, from, until)) minutes.push(...page);
  return minutes;
}

describe('an export', () => {
  it('tells each minute once, however many there are in an hour and however far apart they are', async () => {
    await fill(midnight + 30 * minuteMs, 200);
    await fill(midnight + 3 * dayMs, 1);
    const minutes = await exported(database.pool);
    const places = minutes.map(({ seriesId, minute }) => `${seriesId} ${minute.toISOString()}`);
    expect(places).toHaveLength(201 * slices);
    expect(new Set(places).size).toBe(places.length);
  });

  it('has nothing to tell of a ledger that has counted nothing', async () => {
    expect(await exported(database.pool)).toEqual([]);
  });

  it('looks at no more than an hour of minutes per statement, though hardly anything has changed', async () => {
    await fill(midnight, 600);
    const before = await exportHorizon(database.pool);
    await fill(midnight + dayMs, 1);
    const asked: [string, unknown[]][] = [];
    const pool = {
      query: (text: string, values: unknown[]) => {
        asked.push([text, values]);
        return database.pool.query(text, values);
      },
    } as unknown as Pool;
    expect(await exported(pool, before)).toHaveLength(slices);
    const looked = await Promise.all(
      asked.map(async ([text, values]) => {
        const { rows } = await database.pool.query(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          values,
        );
        return minutesLookedAt(rows[0]['QUERY PLAN'][0].Plan);
      }),
    );
    expect(Math.max(...looked)).toBe(60 * slices);
  });
});

describe('an export after a rebuild', () => {
  /** Counts an event in a slice. */
  async function count(id: string, channel: string, generation?: number): Promise<void> {
    const place = { kpi: 'k', version: 1, synthetic: false };
    const [seriesId, totalId] = await seriesIds(database.pool, [
      { ...place, total: false, slice: { channel } },
      { ...place, total: true, slice: {} },
    ]);
    const event = {
      ...{ key: eventKey(id), id, at: midnight, value: 1, deployment: 'test' },
      ...{ seriesId: seriesId!, totalId: totalId! },
      ...{ provisional: false, mayReplace: false, reconciled: false, late: false },
    };
    await countBatch(database.pool, { events: [event], refusals: [], progress: [] }, generation);
  }

  async function swap(generation: number): Promise<void> {
    expect(await swapGeneration(database.pool, generation, [], [])).toBeDefined();
    await allSettled();
  }

  /** Counts the event anew in this slice, and makes that the live figures. */
  async function countAnew(channel: string): Promise<void> {
    const generation = await openGeneration(database.pool);
    await count('e', channel, generation);
    await swap(generation);
  }

  const told = ({ slice, count: its }: ExportedMinute) => ({ ...slice, count: its });

  it('says of minutes that are counted no more that they hold nothing, also after another one', async () => {
    await countAnew('web');
    const first = await exportHorizon(database.pool);
    expect((await exported(database.pool)).map(told)).toEqual([{ channel: 'web', count: 1 }]);
    await countAnew('shop');
    expect((await exported(database.pool, first)).map(told)).toEqual([
      { channel: 'web', count: 0 },
      { channel: 'shop', count: 1 },
    ]);
    await countAnew('phone');
    expect((await exported(database.pool, first)).map(told)).toEqual([
      { channel: 'web', count: 0 },
      { channel: 'shop', count: 0 },
      { channel: 'phone', count: 1 },
    ]);
  });

  it('has a greater change for every minute than was exported before, whichever was counted first', async () => {
    const generation = await openGeneration(database.pool);
    await count('e', 'web', generation);
    await count('e', 'web');
    await count('counted in error', 'web');
    await allSettled();
    const before = await exported(database.pool);
    expect(before.map(told)).toEqual([{ channel: 'web', count: 2 }]);
    await swap(generation);
    const after = await exported(database.pool);
    expect(after.map(told)).toEqual([{ channel: 'web', count: 1 }]);
    expect(BigInt(after[0]!.change)).toBeGreaterThan(BigInt(before[0]!.change));
  });
});

interface Node {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

function minutesLookedAt(node: Node): number {
  const isOfMinutes = node['Relation Name']?.startsWith('kpi_minutes');
  const each = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  const here = isOfMinutes ? each * node['Actual Loops'] : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + minutesLookedAt(child), here);
}
