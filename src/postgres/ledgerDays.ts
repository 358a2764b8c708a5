/** The events' partitions, one for each UTC day: made when they are needed, dropped when they are old. */
import pg, { type Pool } from 'pg';
import { query, transaction } from './pool';

const dayMs = 86_400_000;
const hourMs = dayMs / 24;

/** Any numbers do, as long as no other lock has them. */
const makingDays = 7_364_201_119;
const forgettingDays = 7_364_201_120;

/** Whether an event was refused because its day has no partition yet. */
export const isMissingDay = (thrown: unknown): boolean =>
  thrown instanceof pg.DatabaseError && thrown.code === '23514' && thrown.constraint === undefined;

/** Makes the partitions of the days in which these times (milliseconds since the epoch) lie. */
export async function ensureDays(
  pool: Pool,
  generation: number,
  times: Iterable<number>,
): Promise<void> {
  const days = new Set([...times].map(time => time - (time % dayMs)));
  await transaction(pool, async client => {
    await client.query(`SELECT pg_advisory_xact_lock(${makingDays})`);
    for (const day of days) {
      await client.query(
        `CREATE TABLE IF NOT EXISTS ${partitionOf(generation, day)}
           PARTITION OF kpi_events_${generation}
           FOR VALUES FROM ('${isoOf(day)}') TO ('${isoOf(day + dayMs)}')`,
      );
    }
  });
}

/**
 * Forgets the events of all days that ended before a time (milliseconds since the epoch), ids first: an
 * id outlives its event by nothing. One process does it at a time; a second finds nothing to do.
 * @returns the number of days dropped
 */
export async function forgetDays(pool: Pool, generation: number, before: number): Promise<number> {
  const days = (await daysOf(pool, generation)).filter(day => day + dayMs <= before);
  let dropped = 0;
  for (const day of days) if (await forgetDay(pool, generation, day)) dropped++;
  await query(pool, 'DELETE FROM refused_events WHERE generation = $1 AND refused_at < $2', [
    generation,
    isoOf(before),
  ]);
  return dropped;
}

/** By the hour, each in a transaction of its own: a day of a busy ledger takes minutes. */
async function forgetDay(pool: Pool, generation: number, day: number): Promise<boolean> {
  const partition = partitionOf(generation, day);
  for (let hour = day; hour <= day + dayMs; hour += hourMs) {
    const isLast = hour === day + dayMs;
    const isOurs = await transaction(pool, async client => {
      const lock = await client.query<{ taken: boolean }>(
        `SELECT pg_try_advisory_xact_lock(${forgettingDays}) AND to_regclass($1) IS NOT NULL AS taken`,
        [partition],
      );
      if (lock.rows[0]?.taken !== true) return false;
      if (isLast) await client.query(`DROP TABLE ${partition}`);
      else {
        await client.query(
          `DELETE FROM counted_events USING ${partition} AS event
           WHERE counted_events.generation = $1 AND counted_events.event_key = event.event_key
             AND event.at >= $2 AND event.at < $3`,
          [generation, isoOf(hour), isoOf(hour + hourMs)],
        );
      }
      return true;
    });
    if (!isOurs) return false;
  }
  return true;
}

/** The days that a generation has, as the times at which they begin. */
export async function daysOf(pool: Pool, generation: number): Promise<number[]> {
  const rows = await query<{ day: string }>(
    pool,
    `SELECT right(relname, 8) AS day FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = to_regclass($1) ORDER BY day`,
    [`kpi_events_${generation}`],
  );
  return rows.map(({ day }) =>
    Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6))),
  );
}

const partitionOf = (generation: number, day: number): string =>
  `kpi_events_${generation}_${isoOf(day).slice(0, 10).replaceAll('-', '')}`;

const isoOf = (time: number): string => new Date(time).toISOString();
