/**
 * The repairs of a step that is not saved yet. Each is noted before it is published, so that a step which
 * breaks off in between and is done again tells it as a repair, though the ledger has it by then.
 */
import type { Pool, PoolClient } from 'pg';
import type { Finding } from './findings';
import type { Depth } from './parity';
import { query } from './pool';

/** @throws OrderlyError PostgresUnavailable */
export async function noteRepairs(
  pool: Pool,
  depth: Depth,
  repairs: readonly Finding[],
): Promise<void> {
  await query(
    pool,
    `INSERT INTO noted_repairs AS known (depth, event_id, kpi, occurrence, at, detail)
     SELECT DISTINCT ON (event_id COLLATE "C") $1, *
     FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
       AS repair (event_id)
     ORDER BY event_id COLLATE "C"
     ON CONFLICT (depth, event_id) DO UPDATE SET noted_at = excluded.noted_at`,
    [
      depth,
      repairs.map(({ eventId }) => eventId),
      repairs.map(({ kpi }) => kpi),
      repairs.map(({ occurrence }) => occurrence),
      repairs.map(({ at }) => new Date(at)),
      repairs.map(({ detail }) => detail),
    ],
  );
}

/** Those among these events that are noted, by event id. */
export async function notedAmong(
  pool: Pool,
  depth: Depth,
  eventIds: readonly string[],
): Promise<Map<string, Finding>> {
  const rows = await query<Finding>(pool, `${selectNoted} AND event_id = ANY($2)`, [
    depth,
    eventIds,
  ]);
  return new Map(rows.map(repair => [repair.eventId, repair]));
}

/** All that is noted. */
export async function notedRepairs(pool: Pool, depth: Depth): Promise<Finding[]> {
  return query<Finding>(pool, selectNoted, [depth]);
}

const selectNoted = `
  SELECT event_id AS "eventId", 'repaired' AS verdict, kpi, occurrence,
         (extract(epoch FROM at) * 1000)::bigint AS at, detail
  FROM noted_repairs WHERE depth = $1`;

/**
 * Forgets those that a step has told, and those that came to nothing: what the ledger does not have an hour
 * after its note was never published.
 */
export async function forgetRepairs(
  client: PoolClient,
  depth: Depth,
  told: readonly Finding[],
): Promise<void> {
  await client.query(
    `DELETE FROM noted_repairs
     WHERE depth = $1 AND (event_id = ANY($2) OR noted_at < now() - interval '1 hour')`,
    [depth, told.map(({ eventId }) => eventId)],
  );
}
