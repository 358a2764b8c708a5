/** The events' partitions, one for each UTC day: made when they are needed, dropped when they are old. */
import pg, { type Pool } from 'pg';
import { query, transaction } from './pool';

const dayMs = 86_400_000;

/** Pages of a table that one statement takes, a megabyte: some thousand events, whose ids lie anywhere. */
const pagesAtOnce = 128;

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
  await forgetRefusals(pool, generation, before);
  return dropped;
}

/**
 * Some pages of events at a time, each in a transaction of its own: a day of a busy ledger takes many
 * minutes, and what is forgotten stays so wherever this ends.
 */
async function forgetDay(pool: Pool, generation: number, day: number): Promise<boolean> {
  const partition = partitionOf(generation, day);
  for (let page = 0; ; page += pagesAtOnce) {
    const done = await transaction(pool, async client => {
      const { rows } = await client.query<{ pages: number | null }>(
        `SELECT ${pagesOf('$1')} AS pages
         WHERE pg_try_advisory_xact_lock(${forgettingDays})`,
        [partition],
      );
      const pages = rows[0]?.pages ?? undefined;
      if (pages === undefined) return 'by another';
      if (page >= pages) {
        await client.query(`DROP TABLE ${partition}`);
        return 'all';
      }
      // As an array, so that ids are looked up however many more the planner expects.
      await client.query(
        `DELETE FROM counted_events WHERE generation = $1 AND event_key = ANY(ARRAY(
           SELECT event_key FROM ${partition} WHERE ctid >= $2::tid AND ctid < $3::tid))`,
        [generation, ...placesFrom(page)],
      );
      return 'some';
    });
    if (done !== 'some') return done === 'all';
  }
}

async function forgetRefusals(pool: Pool, generation: number, before: number): Promise<void> {
  const [table] = await query<{ pages: number }>(
    pool,
    `SELECT ${pagesOf("'refused_events'")} AS pages`,
  );
  for (let page = 0; page < table!.pages; page += pagesAtOnce) {
    await query(
      pool,
      `DELETE FROM refused_events
       WHERE ctid >= $3::tid AND ctid < $4::tid AND generation = $1 AND refused_at < $2`,
      [generation, isoOf(before), ...placesFrom(page)],
    );
  }
}

const pagesOf = (table: string): string =>
  `pg_relation_size(to_regclass(${table})) / current_setting('block_size')::bigint`;

/** From the first row on that a page may have, until before the first of the page that is left for the next. */
const placesFrom = (page: number): [string, string] => [`(${page},0)`, `(${page + pagesAtOnce},0)`];

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
