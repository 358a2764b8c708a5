/** All of the ledger's aggregates by minute and series, as its tables hold them and as the events alone say. */
import type { Pool } from 'pg';
import { bucketOf } from '../../src/kpi/buckets';

export interface Figures {
  readonly count: number;
  /** With all its digits. */
  readonly sum: string;
  readonly min: number;
  readonly max: number;
  /** How many values lie in which bucket of the histogram. */
  readonly buckets: Readonly<Record<string, number>>;
}

/** By minute and slice; the totals of the slices of a minute are there, too. */
export type FiguresByPlace = Readonly<Record<string, Figures>>;

export interface CountedOnce {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A whole number of sixteenths: such values add up without rounding. */
  readonly value: number;
  readonly slice: Readonly<Record<string, string>>;
}

/** What is counted of a KPI, in the live generation, of real orders. */
export async function figuresOf(pool: Pick<Pool, 'query'>, kpi: string): Promise<FiguresByPlace> {
  const { rows } = await pool.query<
    Figures & { minute: Date; total: boolean; slice: Record<string, string> }
  >(
    `SELECT minute, total, slice, count::float8 AS count, trim_scale(sum)::text AS sum, min, max,
            (SELECT jsonb_object_agg(bucket, counted.count)
             FROM histogram_buckets(histogram) AS counted) AS buckets
     FROM kpi_minutes JOIN kpi_series USING (series_id) JOIN ledger_generations USING (generation)
     WHERE state = 'live' AND kpi = $1 AND NOT synthetic AND count > 0`,
    [kpi],
  );
  return Object.fromEntries(
    rows.map(({ minute, total, slice, ...figures }) => [
      placeOf(minute.getTime(), slice, total ? 'total' : 'slice'),
      figures,
    ]),
  );
}

/**
 * The same from nothing but the events that hold, each once.
 * @param kept the dimensions that totals keep
 */
export function figuresOfEvents(
  events: readonly CountedOnce[],
  kept: readonly string[] = [],
): FiguresByPlace {
  const values = new Map<string, number[]>();
  for (const { at, value, slice } of events) {
    const total = Object.fromEntries(Object.entries(slice).filter(([name]) => kept.includes(name)));
    for (const place of [placeOf(at, slice, 'slice'), placeOf(at, total, 'total')]) {
      values.set(place, [...(values.get(place) ?? []), value]);
    }
  }
  return Object.fromEntries([...values].map(([place, of]) => [place, aggregated(of)]));
}

function aggregated(values: readonly number[]): Figures {
  const buckets: Record<string, number> = {};
  for (const value of values) buckets[bucketOf(value)] = (buckets[bucketOf(value)] ?? 0) + 1;
  return {
    count: values.length,
    sum: String(values.reduce((sum, value) => sum + value, 0)),
    min: Math.min(...values),
    max: Math.max(...values),
    buckets,
  };
}

function placeOf(
  at: number,
  slice: Readonly<Record<string, string>>,
  of: 'slice' | 'total',
): string {
  const minute = new Date(Math.floor(at / 60_000) * 60_000).toISOString();
  const named = Object.entries(slice).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${minute} ${of} ${JSON.stringify(named)}`;
}
