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
  /** The set of figures; after a rebuild it is another one, and everything is exported anew. */
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
 * The minutes that changed from one place on until before another, page by page.
 * @param from everything where it is absent or of another generation
 * @throws OrderlyError PostgresUnavailable
 */
export async function* changedMinutes(
  pool: Pool,
  from: ExportPlace | undefined,
  until: ExportPlace,
): AsyncGenerator<ExportedMinute[], void, undefined> {
  const first = from?.generation === until.generation ? from.next : '0';
  let after = { seriesId: 0, minute: new Date(0) };
  for (;;) {
    const page = await query<ExportedMinute>(
      pool,
      `SELECT series_id AS "seriesId", kpi, version, minute, slice, count, sum::text AS sum, min, max,
              revision, changed_in::text AS change, histogram
       FROM kpi_minutes JOIN kpi_series USING (series_id)
       WHERE generation = $1 AND NOT synthetic AND NOT total
         AND changed_in >= $2::xid8 AND changed_in < $3::xid8
         AND (series_id, minute) > ($4, $5)
       ORDER BY series_id, minute LIMIT ${pageRows}`,
      [until.generation, first, until.next, after.seriesId, after.minute],
    );
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last;
  }
}
