/**
 * The minutes of the ledger for somebody else's warehouse, each time only what has changed.
 *
 * Each minute notes the transaction that last changed it. Transactions do not end in the order of their
 * numbers, so an export goes no further than the oldest one under way at its start: all below that number
 * are over, and what they wrote can be seen. What is changed while it runs comes with the next export.
 */
import type { Pool } from 'pg';
import type { Slice } from './ledgerReport';
import { query } from './pool';

/** From where an export goes on: numbers of transactions as decimals, because they have 64 bits. */
export interface ExportPlace {
  /** Which database: numbers of transactions mean nothing in another one. */
  readonly database: string;
  /**
   * The set of figures; after a rebuild it is another one, and everything is exported anew, with a count of
   * zero for what is counted no more.
   */
  readonly generation: number;
  /** The oldest transaction whose changes are still to be exported. */
  readonly next: string;
}

/** One minute of one slice of real orders. */
export interface ExportedMinute {
  readonly seriesId: number;
  readonly kpi: string;
  readonly version: number;
  readonly minute: Date;
  readonly slice: Slice;
  readonly count: number;
  /** Exact, in decimal digits. */
  readonly sum: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly revision: number;
  /** The transaction of the last change: of two exports of a minute the greater one holds. */
  readonly change: string;
  readonly histogram: Buffer;
}

const pageRows = 5_000;
const hourMs = 3_600_000;

/** Where the next export is to begin, as of now. @throws OrderlyError PostgresUnavailable */
export async function exportHorizon(pool: Pool): Promise<ExportPlace> {
  const [row] = await query<ExportPlace>(
    pool,
    `SELECT (SELECT system_identifier FROM pg_control_system()) || '-' ||
            (SELECT oid FROM pg_database WHERE datname = current_database()) AS database,
            generation, pg_snapshot_xmin(pg_current_snapshot())::text AS next
     FROM ledger_generations WHERE state = 'live'`,
  );
  return row!;
}

/**
 * Whether an export of now can go on from a place: not from one of another database, nor from one that
 * this database, restored from a backup, has not come to yet.
 */
export const goesOnFrom = (place: ExportPlace, now: ExportPlace): boolean =>
  place.database === now.database && BigInt(place.next) <= BigInt(now.next);

/**
 * The minutes that changed from one place on until before another, page by page. All minutes are looked at,
 * an hour of them per statement, so that none takes longer the longer the ledger has counted. An index on
 * `changed_in` would find them at once, but then no update of a minute could stay on its page (HOT): each
 * minute is updated again and again while it lasts, and every one would leave a dead entry behind.
 * @param from everything where it is absent or of another generation
 * @throws OrderlyError PostgresUnavailable
 */
export async function* changedMinutes(
  pool: Pool,
  from: ExportPlace | undefined,
  until: ExportPlace,
): AsyncGenerator<ExportedMinute[], void, undefined> {
  const since = from?.generation === until.generation ? from.next : '0';
  const counted = await countedSpan(pool, until.generation);
  if (counted === undefined) return;
  for (let hour = counted.first; hour <= counted.last; hour += hourMs) {
    yield* changedWithin(pool, hour, since, until);
  }
}

/** The first minute and the last that a generation has, by their starts; nothing where it has none. */
async function countedSpan(
  pool: Pool,
  generation: number,
): Promise<{ first: number; last: number } | undefined> {
  const [row] = await query<{ first: Date | null; last: Date | null }>(
    pool,
    `SELECT min(first) AS first, max(last) AS last
     FROM kpi_series CROSS JOIN LATERAL (
       SELECT min(minute) AS first, max(minute) AS last FROM kpi_minutes
       WHERE generation = $1 AND series_id = kpi_series.series_id
     ) AS minutes`,
    [generation],
  );
  const { first, last } = row!;
  if (first === null || last === null) return undefined;
  return { first: first.getTime(), last: last.getTime() };
}

/** Series by series: what lies between two pages is not read twice. */
async function* changedWithin(
  pool: Pool,
  hour: number,
  since: string,
  until: ExportPlace,
): AsyncGenerator<ExportedMinute[], void, undefined> {
  let after = { seriesId: 0, minute: new Date(0) };
  for (;;) {
    const page = await query<ExportedMinute>(
      pool,
      `SELECT series_id AS "seriesId", kpi, version, minute, slice, count, sum::text AS sum, min, max,
              revision, changed_in::text AS change, histogram
       FROM (
         SELECT series_id, kpi, version, slice FROM kpi_series
         WHERE NOT synthetic AND NOT total AND series_id >= $6 ORDER BY series_id
       ) AS series CROSS JOIN LATERAL (
         SELECT minute, count, sum, min, max, revision, changed_in, histogram FROM kpi_minutes
         WHERE generation = $1 AND series_id = series.series_id
           AND minute >= $4 AND minute < $5 AND changed_in >= $2::xid8 AND changed_in < $3::xid8
         ORDER BY minute
       ) AS minutes
       WHERE (series_id, minute) > ($6, $7)
       ORDER BY series_id, minute LIMIT ${pageRows}`,
      [
        until.generation,
        since,
        until.next,
        new Date(hour),
        new Date(hour + hourMs),
        after.seriesId,
        after.minute,
      ],
    );
    if (page.length > 0) yield page;
    if (page.length < pageRows) return;
    after = page.at(-1)!;
  }
}
