/** What the ledger says: the figures of the live generation, and what the producers vouch for. */
import type { Pool } from 'pg';
import type { Span } from '../kpi/spans';
import type { Testimony } from '../kpi/windows';
import { type FigureRow, readPacked } from './packedFigures';
import { query } from './pool';
import { isCounted } from './producers';

/** Value by dimension; a dimension that an event lacks is absent. */
export type Slice = Readonly<Record<string, string | number | boolean>>;

/** What is counted separately. The totals hold every event of all slices once more. */
export interface Series {
  readonly seriesId: number;
  readonly total: boolean;
  readonly slice: Slice;
}

/** A series to read. Those of one group add up to one row per window. */
export interface Pick {
  readonly seriesId: number;
  readonly group: number;
  /** Whether its events are good ones. */
  readonly good: boolean;
}

/** What of the good events is told: their number, or the sum of their values. */
export type Weight = 'count' | 'sum';

/** The windows to tell of, each of `windowMs`, a whole number of minutes. */
interface Windows extends Span {
  readonly windowMs: number;
}

const minuteMs = 60_000;

/** Read at once: while one such piece is taken apart here, Postgres puts the next ones together. */
const pieceWindows = 7_200;
/** Connections that read pieces side by side. */
const lanes = 2;

/** Every series of real orders of one version of a KPI. @throws OrderlyError PostgresUnavailable */
export async function readSeries(pool: Pool, kpi: string, version: number): Promise<Series[]> {
  return await query<Series>(
    pool,
    `SELECT series_id AS "seriesId", total, slice FROM kpi_series
     WHERE kpi = $1 AND version = $2 AND NOT synthetic ORDER BY series_id`,
    [kpi, version],
  );
}

/**
 * The figures of windows, the first of which begins at `from`, in any order.
 * @param onRow is given the same object for each row, which is another one after the call
 * @throws OrderlyError PostgresUnavailable
 */
export async function readFigures(
  pool: Pool,
  picks: readonly Pick[],
  { from, until, windowMs }: Windows,
  weight: Weight,
  onRow: (row: FigureRow) => void,
): Promise<void> {
  const pieceMs = pieceWindows * windowMs;
  const pieces = Array.from({ length: Math.ceil((until - from) / pieceMs) }, (_, number) => ({
    from: from + number * pieceMs,
    until: Math.min(until, from + (number + 1) * pieceMs),
  }));
  const left = pieces.values();
  const readOn = async () => {
    for (const piece of left) {
      await readSpan(pool, picks, { ...piece, windowMs, first: from }, weight, onRow);
    }
  };
  await Promise.all(Array.from({ length: lanes }, readOn));
}

/** @param windows of which the one at `first` has number 0 */
async function readSpan(
  pool: Pool,
  picks: readonly Pick[],
  { from, until, windowMs, first }: Windows & { readonly first: number },
  weight: Weight,
  onRow: (row: FigureRow) => void,
): Promise<void> {
  const isApart =
    windowMs === minuteMs && new Set(picks.map(({ group }) => group)).size === picks.length;
  await readPacked(
    pool,
    `SELECT ((date_part('epoch', minute)::bigint - ${first / 1_000}) / ${windowMs / 1_000})::integer AS "window",
            ${isApart ? apart(weight) : added(weight)}
     FROM unnest(${array(picks, 'seriesId')}::integer[], ${array(picks, 'group')}::integer[],
                 ${array(picks, 'good')}::boolean[]) AS pick (series_id, "group", good)
       JOIN kpi_minutes USING (series_id)
     WHERE generation = (SELECT generation FROM ledger_generations WHERE state = 'live')
       AND minute >= to_timestamp(${from / 1_000}) AND minute < to_timestamp(${until / 1_000})
     ${isApart ? '' : 'GROUP BY 1, 2'}`,
    onRow,
  );
}

const array = <Key extends keyof Pick>(picks: readonly Pick[], key: Key): string =>
  `'{${picks.map(pick => pick[key]).join()}}'`;

/** Of an exact figure the nearest double: of a sum beyond all of them Postgres would answer nothing at all. */
const double: Readonly<Record<Weight, (exact: string) => string>> = {
  count: exact => `${exact}::float8`,
  sum: exact => `least(greatest(${exact}, -${Number.MAX_VALUE}), ${Number.MAX_VALUE})::float8`,
};

/** Each minute of each series is a window by itself. */
const apart = (weight: Weight): string => `
  "group", count::float8 AS count, ${double.sum('sum')} AS sum, coalesce(min, 'NaN') AS min,
  coalesce(max, 'NaN') AS max, revision::float8 AS revision,
  CASE WHEN good THEN ${double[weight](weight)} ELSE 0 END AS good,
  histogram AS histograms, length(histogram) AS "histogramLength"`;

const added = (weight: Weight): string => `
  "group", sum(count)::float8 AS count, ${double.sum('sum(sum)')} AS sum,
  coalesce(min(min), 'NaN') AS min, coalesce(max(max), 'NaN') AS max,
  sum(revision)::float8 AS revision,
  ${double[weight](`coalesce(sum(${weight}) FILTER (WHERE good), 0)`)} AS good,
  string_agg(histogram, '') AS histograms, sum(length(histogram))::integer AS "histogramLength"`;

/** For which events it is asked who vouches. */
interface Vouched {
  readonly topic: string;
  /** The version of the KPI, as heartbeats name it. */
  readonly version: string;
}

/**
 * The lives of these producers that reach into a span, each with the time up to which it is counted on
 * the topic and whether it knows the version, and what they lost. A life that does not tell what it knows,
 * as those of before migration 0008, counts as knowing all. @throws OrderlyError PostgresUnavailable
 */
export async function readTestimony(
  pool: Pool,
  producers: readonly string[],
  { topic, version }: Vouched,
  { from, until }: Span,
): Promise<Testimony> {
  const parameters = [producers, new Date(from), new Date(until)];
  const [lives, drops] = await Promise.all([
    query<{
      readonly producer: string;
      readonly knows: boolean;
      readonly from: number;
      readonly until: number;
      readonly heardAt: number;
      readonly goodbye: boolean;
      readonly countedUntil: number;
    }>(
      pool,
      `SELECT producer, goodbye, coalesce($5 = ANY(kpis), true) AS knows,
              ${milliseconds('started_at')} AS "from",
              ${milliseconds('leased_until')} AS "until", ${milliseconds('heard_at')} AS "heardAt",
              ${milliseconds(`greatest(counted_until, (
                SELECT max(settled_at) FROM kpi_heartbeats AS heartbeat
                WHERE (heartbeat.producer, heartbeat.instance, heartbeat.started_at)
                    = (life.producer, life.instance, life.started_at)
                  AND ${isCounted('heartbeat', '$4')}))`)} AS "countedUntil"
       FROM kpi_producers AS life
       WHERE producer = ANY($1) AND leased_until > $2 AND started_at < $3`,
      [...parameters, topic, version],
    ),
    query<{ readonly producer: string; readonly from: number; readonly until: number }>(
      pool,
      `SELECT producer, ${milliseconds('dropped_from')} AS "from",
              ${milliseconds('dropped_until')} AS "until"
       FROM kpi_drops
       WHERE producer = ANY($1) AND dropped_until > $2 AND dropped_from < $3`,
      parameters,
    ),
  ]);
  return { lives, drops };
}

/** Of a time, since the epoch. */
const milliseconds = (time: string): string => `(date_part('epoch', ${time}) * 1000)::float8`;
