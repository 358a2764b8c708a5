/** What the ledger has counted in all, and up to which offsets: for whoever counts the same by other means. */
import type { Pool } from 'pg';
import { query } from './pool';

export interface KpiTotal {
  readonly kpi: string;
  readonly version: number;
  readonly count: number;
  /** Decimal digits, exact. */
  readonly sum: string;
}

export interface LedgerTotals {
  /** Of real and test orders alike. */
  readonly totals: readonly KpiTotal[];
  /** What these figures hold: all before these offsets. */
  readonly counted: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly nextOffset: number;
  }[];
}

/**
 * Everything in the live figures at one moment.
 * @param before leaves out what was in them then
 * @throws OrderlyError PostgresUnavailable
 */
export async function readTotals(
  pool: Pool,
  before: readonly KpiTotal[] = [],
): Promise<LedgerTotals> {
  // One statement sees figures and offsets as of one commit.
  const [totals] = await query<LedgerTotals>(
    pool,
    `WITH live AS (SELECT generation FROM ledger_generations WHERE state = 'live'),
     before AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb)
         AS before (kpi text, version integer, count bigint, sum numeric)
     ), now AS (
       SELECT kpi, version, sum(count) AS count, sum(sum) AS sum
       FROM live JOIN kpi_minutes USING (generation) JOIN kpi_series USING (series_id)
       WHERE total GROUP BY kpi, version
     ), grown AS (
       SELECT kpi, version, now.count - coalesce(before.count, 0) AS count,
              trim_scale(now.sum - coalesce(before.sum, 0))::text AS sum
       FROM now LEFT JOIN before USING (kpi, version)
     )
     SELECT
       (SELECT coalesce(jsonb_agg(grown ORDER BY kpi, version), '[]') FROM grown) AS totals,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'topic', topic, 'partition', partition, 'nextOffset', next_offset)), '[]')
        FROM live JOIN ledger_watermarks USING (generation)) AS counted`,
    [JSON.stringify(before)],
  );
  return totals!;
}
