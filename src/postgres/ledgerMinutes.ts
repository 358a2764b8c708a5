/** The figures of each minute, and how events change them. */
import type { PoolClient } from 'pg';
import { ExactSum } from '../kpi/exactSum';
import { Histogram } from '../kpi/histogram';
import type { LedgerEvent, Uncounted } from './ledgerEvents';
import { totalOf } from './ledgerSeries';

export const minuteMs = 60_000;

/** What happens to the figures of one series in one minute. */
interface MinuteChange {
  readonly seriesId: number;
  /** Its start, milliseconds since the epoch. */
  readonly minute: number;
  readonly added: number[];
  readonly removed: number[];
  late: number;
}

/** Gathers what a batch changes, each minute of each series once. */
export class MinuteChanges {
  private readonly changes = new Map<number, Map<number, MinuteChange>>();

  add({ at, value, seriesId, totalId, late }: LedgerEvent): void {
    for (const series of [seriesId, totalId]) {
      const change = this.of(series, at);
      change.added.push(value);
      if (late) change.late++;
    }
  }

  remove({ at, value, seriesId, totalId }: Uncounted, late: boolean): void {
    for (const series of [seriesId, totalId]) {
      const change = this.of(series, at);
      change.removed.push(value);
      if (late) change.late++;
    }
  }

  /** In the order in which everyone locks them. */
  inOrder(): MinuteChange[] {
    return [...this.changes.values()]
      .flatMap(ofMinute => [...ofMinute.values()])
      .sort((a, b) => a.seriesId - b.seriesId || a.minute - b.minute);
  }

  private of(seriesId: number, at: number): MinuteChange {
    const minute = at - (at % minuteMs);
    const ofMinute = this.changes.get(minute) ?? new Map<number, MinuteChange>();
    this.changes.set(minute, ofMinute);
    let change = ofMinute.get(seriesId);
    if (change === undefined) {
      change = { seriesId, minute, added: [], removed: [], late: 0 };
      ofMinute.set(seriesId, change);
    }
    return change;
  }
}

/**
 * Applies the changes. The rows are made where they are missing, then locked, both in one round trip, so
 * that histograms can be added up here: merged by SQL, they would cost more than all the rest.
 */
export async function changeMinutes(
  client: PoolClient,
  generation: number,
  changes: readonly MinuteChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const keys = [
    generation,
    changes.map(({ seriesId }) => seriesId),
    changes.map(({ minute }) => minute / 1_000),
  ];
  const [, { rows }] = await Promise.all([
    client.query(
      `INSERT INTO kpi_minutes (generation, series_id, minute)
       SELECT $1, series_id, to_timestamp(minute)
       FROM unnest($2::integer[], $3::float8[]) AS change (series_id, minute)
       ORDER BY series_id, minute
       ON CONFLICT DO NOTHING`,
      keys,
    ),
    client.query<{ histogram: Buffer }>(
      `SELECT histogram
       FROM unnest($2::integer[], $3::float8[]) AS change (series_id, minute)
         JOIN kpi_minutes AS known
           ON known.series_id = change.series_id AND known.minute = to_timestamp(change.minute)
       WHERE generation = $1
       ORDER BY known.series_id, known.minute
       FOR UPDATE OF known`,
      keys,
    ),
  ]);
  const histograms = changes.map(({ added, removed }, place) =>
    Histogram.decode(rows[place]!.histogram)
      .plus(Histogram.of(added))
      .minus(Histogram.of(removed))
      .encode(),
  );
  await client.query(
    `UPDATE kpi_minutes AS known
     SET count = known.count + change.count, sum = known.sum + change.sum,
         min = least(known.min, change.min), max = greatest(known.max, change.max),
         histogram = change.histogram, revision = revision + late,
         changed_in = pg_current_xact_id()
     FROM unnest($2::integer[], $3::float8[], $4::bigint[], $5::numeric[], $6::float8[],
                 $7::float8[], $8::bytea[], $9::bigint[])
       AS change (series_id, minute, count, sum, min, max, histogram, late)
     WHERE generation = $1 AND known.series_id = change.series_id
       AND known.minute = to_timestamp(change.minute)`,
    [
      ...keys,
      changes.map(({ added, removed }) => added.length - removed.length),
      changes.map(sumOf),
      changes.map(({ added }) => extreme(added, Math.min)),
      changes.map(({ added }) => extreme(added, Math.max)),
      histograms.map(bytes => Buffer.from(bytes)),
      changes.map(({ late }) => late),
    ],
  );
  await findExtremesAnew(
    client,
    generation,
    changes.filter(({ removed }) => removed.length > 0),
  );
}

/** What was removed may have been the least or the greatest: of these minutes the events are asked. */
async function findExtremesAnew(
  client: PoolClient,
  generation: number,
  changes: readonly MinuteChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `UPDATE kpi_minutes AS known
     SET (min, max) = (
       SELECT min(least), max(greatest)
       FROM (
         SELECT series_id, min(value) AS least, max(value) AS greatest
         FROM kpi_events
         WHERE generation = $1
           AND at >= known.minute AND at < known.minute + interval '1 minute'
         GROUP BY series_id
       ) AS event JOIN kpi_series AS slice USING (series_id)
       WHERE (slice.kpi, slice.version, slice.synthetic)
           = (series.kpi, series.version, series.synthetic)
         AND series.series_id IN (slice.series_id, ${totalOf('slice')})
     )
     FROM unnest($2::integer[], $3::float8[]) AS change (series_id, minute)
       JOIN kpi_series AS series USING (series_id)
     WHERE known.generation = $1 AND known.series_id = change.series_id
       AND known.minute = to_timestamp(change.minute)`,
    [
      generation,
      changes.map(({ seriesId }) => seriesId),
      changes.map(({ minute }) => minute / 1_000),
    ],
  );
}

function sumOf({ added, removed }: MinuteChange): string {
  const sum = new ExactSum();
  for (const value of added) sum.add(value);
  for (const value of removed) sum.subtract(value);
  return sum.toString();
}

/** Not by spreading the values: there may be more than a call takes arguments. */
const extreme = (values: readonly number[], of: (a: number, b: number) => number): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => of(a, b));
