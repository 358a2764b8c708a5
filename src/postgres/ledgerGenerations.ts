/** The sets of figures: one is live, another may be built beside it and take its place. */
import type { Pool, PoolClient } from 'pg';
import { liveGeneration } from './ledger';
import { daysOf, ensureDays } from './ledgerDays';
import { query, transaction } from './pool';

/** From when on a KPI's topic still holds all events, in milliseconds since the epoch. */
export interface Reach {
  readonly kpi: string;
  readonly from: number;
}

/** Figures of one version of a KPI, before and after. Sums are decimal digits, exact. */
export interface Comparison {
  readonly kpi: string;
  readonly version: number;
  readonly countBefore: number;
  readonly countAfter: number;
  readonly sumBefore: string;
  readonly sumAfter: string;
  /** Minutes of slices whose figures differ. */
  readonly minutesChanged: number;
}

const partitioned = ['counted_events', 'kpi_minutes', 'kpi_events'] as const;

/** Copying and comparing what was counted for years takes longer than a statement may elsewhere. */
const patienceMs = 3_600_000;

/** Opens an empty generation beside the live one, with partitions of its own. @returns its number */
export async function openGeneration(pool: Pool): Promise<number> {
  return await transaction(pool, async client => {
    const { rows } = await client.query<{ generation: number }>(
      `INSERT INTO ledger_generations (generation, state)
       SELECT max(generation) + 1, 'building' FROM ledger_generations
       RETURNING generation`,
    );
    const { generation } = rows[0]!;
    const values = `FOR VALUES IN (${generation})`;
    await client.query(
      `CREATE TABLE counted_events_${generation} PARTITION OF counted_events ${values};
       CREATE TABLE kpi_minutes_${generation} PARTITION OF kpi_minutes ${values}
         WITH (fillfactor = 70);
       CREATE TABLE kpi_events_${generation} PARTITION OF kpi_events ${values}
         PARTITION BY RANGE (at);`,
    );
    return generation;
  });
}

/** Drops what rebuilds left behind that came to no end. */
export async function discardUnfinished(pool: Pool): Promise<void> {
  const rows = await query<{ generation: number }>(
    pool,
    `SELECT generation FROM ledger_generations WHERE state = 'building'`,
  );
  for (const { generation } of rows) await dropGeneration(pool, generation);
}

/** A row where generation $1 has not counted all that the live one has, on the topics $2. */
const behind = `SELECT FROM ledger_watermarks AS live JOIN ledger_generations USING (generation)
    LEFT JOIN ledger_watermarks AS built
      ON built.generation = $1 AND built.topic = live.topic AND built.partition = live.partition
  WHERE state = 'live' AND live.topic = ANY($2)
    AND coalesce(built.next_offset, 0) < live.next_offset
  LIMIT 1`;

/**
 * Whether a generation has counted all that the live one has, on these topics.
 * @throws OrderlyError PostgresUnavailable
 */
export const hasCaughtUp = async (
  pool: Pool,
  generation: number,
  topics: readonly string[],
): Promise<boolean> => (await query(pool, behind, [generation, topics])).length === 0;

/**
 * Makes a generation the live one, if it has caught up, and drops the one that was. What a topic no longer
 * reaches is taken over from that one first. Nothing is counted meanwhile.
 * @returns what differs; nothing where it has not caught up
 */
export async function swapGeneration(
  pool: Pool,
  generation: number,
  topics: readonly string[],
  reaches: readonly Reach[],
): Promise<Comparison[] | undefined> {
  const before = await liveGeneration(pool);
  await ensureDays(pool, generation, await daysOf(pool, before));
  const comparison = await transaction(pool, async client => {
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SELECT FROM ledger_generations ORDER BY generation FOR UPDATE');
    const { rows } = await client.query(behind, [generation, topics]);
    if (rows.length > 0) return undefined;
    if (reaches.length > 0) await takeOver(client, before, generation, reaches);
    const differences = await compare(client, before, generation);
    await supersede(client, before, generation);
    const turn = `UPDATE ledger_generations SET state = $2 WHERE generation = $1`;
    await client.query(turn, [before, 'retired']);
    await client.query(turn, [generation, 'live']);
    return differences;
  });
  if (comparison !== undefined) await dropGeneration(pool, before);
  return comparison;
}

async function takeOver(
  client: PoolClient,
  from: number,
  to: number,
  reaches: readonly Reach[],
): Promise<void> {
  const reach = `unnest($1::text[], $2::float8[]) AS reach (kpi, since)
    JOIN kpi_series AS series USING (kpi)`;
  const values = [reaches.map(({ kpi }) => kpi), reaches.map(({ from: since }) => since / 1_000)];
  const copies = [
    {
      ...{ table: 'kpi_minutes', time: 'minute' },
      columns: 'series_id, minute, count, sum, min, max, histogram, revision',
    },
    {
      ...{ table: 'counted_events', time: 'at' },
      columns: 'series_id, at, event_key, value, provisional',
    },
    {
      ...{ table: 'kpi_events', time: 'at' },
      columns: 'series_id, at, event_key, event_id, value, provisional, reconciled, deployment',
    },
  ];
  for (const { table, time, columns } of copies) {
    const older = `${table}.series_id = series.series_id AND ${table}.${time} < to_timestamp(since)`;
    await client.query(
      patiently(
        `DELETE FROM ${table} USING ${reach} WHERE generation = ${to} AND ${older}`,
        values,
      ),
    );
    const taken = columns.replace('series_id', `${table}.series_id`);
    await client.query(
      patiently(
        `INSERT INTO ${table} (generation, ${columns})
         SELECT ${to}, ${taken} FROM ${table} JOIN (${reach}) ON ${older} WHERE generation = ${from}
         ON CONFLICT DO NOTHING`,
        values,
      ),
    );
  }
}

/**
 * Lets what is said of a minute from now on be newer than all that was said before: whoever exported it holds
 * on to the newest. A minute that is counted no more stays, with nothing in it.
 */
async function supersede(client: PoolClient, from: number, to: number): Promise<void> {
  await client.query(
    patiently(
      `INSERT INTO kpi_minutes (generation, series_id, minute)
       SELECT ${to}, series_id, minute
       FROM (SELECT * FROM kpi_minutes WHERE generation = ${from}) AS before
         LEFT JOIN (SELECT * FROM kpi_minutes WHERE generation = ${to}) AS after
           USING (series_id, minute)
       WHERE after.changed_in IS NULL OR after.changed_in <= before.changed_in
       ON CONFLICT (generation, series_id, minute) DO UPDATE SET changed_in = excluded.changed_in`,
    ),
  );
}

async function compare(client: PoolClient, from: number, to: number): Promise<Comparison[]> {
  const counted = (generation: number) =>
    `(SELECT series_id, minute, count, sum, min, max, histogram
      FROM kpi_minutes WHERE generation = ${generation} AND count > 0)`;
  const { rows } = await client.query<Comparison>(
    patiently(
      `SELECT kpi, version,
              coalesce(sum(before.count) FILTER (WHERE total), 0)::float8 AS "countBefore",
              coalesce(sum(after.count) FILTER (WHERE total), 0)::float8 AS "countAfter",
              trim_scale(coalesce(sum(before.sum) FILTER (WHERE total), 0))::text AS "sumBefore",
              trim_scale(coalesce(sum(after.sum) FILTER (WHERE total), 0))::text AS "sumAfter",
              count(*) FILTER (WHERE NOT total AND before IS DISTINCT FROM after)::float8
                AS "minutesChanged"
       FROM ${counted(from)} AS before FULL JOIN ${counted(to)} AS after USING (series_id, minute)
         JOIN kpi_series USING (series_id)
       GROUP BY kpi, version ORDER BY kpi, version`,
    ),
  );
  return rows;
}

async function dropGeneration(pool: Pool, generation: number): Promise<void> {
  await transaction(pool, async client => {
    for (const table of partitioned) {
      await client.query(`DROP TABLE IF EXISTS ${table}_${generation}`);
    }
    for (const table of ['refused_events', 'ledger_watermarks']) {
      await client.query(`DELETE FROM ${table} WHERE generation = $1`, [generation]);
    }
    await client.query(`UPDATE ledger_generations SET state = 'retired' WHERE generation = $1`, [
      generation,
    ]);
  });
}

const patiently = (text: string, values: readonly unknown[] = []) => ({
  text,
  values: [...values],
  query_timeout: patienceMs,
});
