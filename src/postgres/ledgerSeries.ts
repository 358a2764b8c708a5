/** The dictionaries of the ledger: which values a dimension may have, and the number of each series. */
import type { Pool } from 'pg';
import { query, transaction } from './pool';

export type DimensionValue = string | number | boolean;

/** What makes a series: see kpi_series. */
export interface SeriesIdentity {
  readonly kpi: string;
  readonly version: number;
  readonly synthetic: boolean;
  readonly total: boolean;
  readonly slice: Readonly<Record<string, DimensionValue>>;
}

export interface Dimension {
  readonly kpi: string;
  readonly version: number;
  readonly dimension: string;
}

/**
 * Admits values to a dimension for as long as it has fewer than `bound`, in the order given.
 * @returns every value that it has by now
 */
export async function admitValues(
  pool: Pool,
  { kpi, version, dimension }: Dimension,
  bound: number,
  values: readonly DimensionValue[],
): Promise<DimensionValue[]> {
  const key = [kpi, version, dimension];
  return await transaction(pool, async client => {
    // The last free places go to one process or to another, never to both.
    await client.query('LOCK TABLE kpi_dimension_values IN SHARE ROW EXCLUSIVE MODE');
    await client.query(
      `INSERT INTO kpi_dimension_values (kpi, version, dimension, value)
       SELECT $1, $2, $3, value
       FROM unnest($4::jsonb[]) WITH ORDINALITY AS candidate (value, place)
       WHERE NOT EXISTS (
         SELECT FROM kpi_dimension_values AS known
         WHERE (kpi, version, dimension) = ($1, $2, $3) AND known.value = candidate.value
       )
       ORDER BY place
       LIMIT greatest(0, $5 - (
         SELECT count(*) FROM kpi_dimension_values WHERE (kpi, version, dimension) = ($1, $2, $3)
       ))`,
      [...key, values.map(value => JSON.stringify(value)), bound],
    );
    const { rows } = await client.query<{ value: DimensionValue }>(
      'SELECT value FROM kpi_dimension_values WHERE (kpi, version, dimension) = ($1, $2, $3)',
      key,
    );
    return rows.map(({ value }) => value);
  });
}

/** The numbers of these series, in their order; they are made where there are none yet. */
export async function seriesIds(pool: Pool, series: readonly SeriesIdentity[]): Promise<number[]> {
  const columns = [
    series.map(({ kpi }) => kpi),
    series.map(({ version }) => version),
    series.map(({ synthetic }) => synthetic),
    series.map(({ total }) => total),
    series.map(({ slice }) => JSON.stringify(slice)),
  ];
  const wanted = `unnest($1::text[], $2::integer[], $3::boolean[], $4::boolean[], $5::jsonb[])
    WITH ORDINALITY AS wanted (kpi, version, synthetic, total, slice, place)`;
  await query(
    pool,
    `INSERT INTO kpi_series (kpi, version, synthetic, total, slice)
     SELECT kpi, version, synthetic, total, slice FROM ${wanted}
     ORDER BY kpi COLLATE "C", version, synthetic, total, slice
     ON CONFLICT DO NOTHING`,
    columns,
  );
  const rows = await query<{ id: number }>(
    pool,
    `SELECT known.series_id AS id
     FROM ${wanted} JOIN kpi_series AS known
       USING (kpi, version, synthetic, total, slice)
     ORDER BY place`,
    columns,
  );
  return rows.map(({ id }) => id);
}

/**
 * In SQL, the number of the total that counts the events of a slice, a row of kpi_series. A total has of its
 * slices' values those of the dimensions that totals keep: of all totals that a slice agrees with it is the
 * one that keeps most, because the others lack a value that the slice has.
 */
export const totalOf = (slice: string): string => `(
  SELECT total.series_id FROM kpi_series AS total
  WHERE total.total AND (total.kpi, total.version, total.synthetic)
                      = (${slice}.kpi, ${slice}.version, ${slice}.synthetic)
    AND ${slice}.slice @> total.slice
  ORDER BY (SELECT count(*) FROM jsonb_object_keys(total.slice)) DESC
  LIMIT 1)`;
