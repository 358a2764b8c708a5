/** What the heartbeats of the producers tell: who lives, how far its events are counted, what it lost. */
import type { Pool, PoolClient } from 'pg';
import type { KpiHeartbeat } from '../messages/kpiHeartbeat';
import { transaction } from './pool';

/** @throws OrderlyError PostgresUnavailable, DataRefused */
export async function noteHeartbeats(
  pool: Pool,
  heartbeats: readonly KpiHeartbeat[],
): Promise<void> {
  const rows = JSON.stringify(newestOfEachLife(heartbeats).map(asRow));
  await transaction(pool, async client => {
    await noteDrops(client, rows);
    await noteLives(client, rows);
    await settle(client);
  });
}

/** One heartbeat stands for all before it. In one order, so that two ledgers lock lives alike. */
function newestOfEachLife(heartbeats: readonly KpiHeartbeat[]): KpiHeartbeat[] {
  const newest = new Map<string, KpiHeartbeat>();
  for (const heartbeat of heartbeats) {
    const { producer, instance, startedAt, sequence } = heartbeat;
    const life = JSON.stringify([producer, instance, startedAt]);
    if (sequence > (newest.get(life)?.sequence ?? 0)) newest.set(life, heartbeat);
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, heartbeat]) => heartbeat);
}

const asRow = ({ acknowledged, ...heartbeat }: KpiHeartbeat) => ({
  producer: heartbeat.producer,
  instance: heartbeat.instance,
  started_at: heartbeat.startedAt,
  sequence: heartbeat.sequence,
  heard_at: heartbeat.sentAt,
  settled_at: heartbeat.settledAt,
  lease_seconds: heartbeat.leaseSeconds,
  goodbye: heartbeat.goodbye,
  dropped: heartbeat.dropped,
  topics: acknowledged.map(({ topic }) => topic),
  partitions: acknowledged.map(({ partition }) => partition),
  offsets: acknowledged.map(({ offset }) => offset),
  kpis: heartbeat.kpis,
});

const heard = `jsonb_to_recordset($1::jsonb) AS heard (
  producer text, instance text, started_at timestamptz, sequence bigint, heard_at timestamptz,
  settled_at timestamptz, lease_seconds integer, goodbye boolean, dropped bigint,
  topics text[], partitions integer[], offsets bigint[], kpis text[])`;

/** What was lost since the heartbeat before; that one is locked, so that nobody finds the same twice. */
async function noteDrops(client: PoolClient, rows: string): Promise<void> {
  await client.query(
    `WITH known AS (
       SELECT producer, instance, started_at, kpi_producers.sequence, kpi_producers.heard_at,
              kpi_producers.dropped
       FROM kpi_producers JOIN ${heard} USING (producer, instance, started_at)
       ORDER BY producer, instance, started_at
       FOR UPDATE OF kpi_producers
     )
     INSERT INTO kpi_drops (producer, instance, started_at, dropped_until, dropped_from, events)
     SELECT producer, instance, started_at, heard.heard_at, coalesce(known.heard_at, started_at),
            heard.dropped - coalesce(known.dropped, 0)
     FROM ${heard} LEFT JOIN known USING (producer, instance, started_at)
     WHERE heard.sequence > coalesce(known.sequence, 0)
       AND heard.dropped > coalesce(known.dropped, 0)
     ON CONFLICT DO NOTHING`,
    [rows],
  );
}

/** An older heartbeat than the one known tells nothing new. */
async function noteLives(client: PoolClient, rows: string): Promise<void> {
  await client.query(
    `WITH heard AS (SELECT * FROM ${heard}), noted AS (
       INSERT INTO kpi_producers AS known (producer, instance, started_at, sequence, heard_at,
                                           leased_until, goodbye, dropped, counted_until, kpis)
       SELECT producer, instance, started_at, sequence, heard_at,
              heard_at + lease_seconds * interval '1 second', goodbye, dropped, started_at, kpis
       FROM heard
       ORDER BY producer, instance, started_at
       ON CONFLICT (producer, instance, started_at) DO UPDATE SET
         sequence = excluded.sequence, heard_at = excluded.heard_at,
         leased_until = excluded.leased_until, goodbye = excluded.goodbye, dropped = excluded.dropped,
         kpis = excluded.kpis
       WHERE known.sequence < excluded.sequence
       RETURNING producer, instance, started_at
     )
     INSERT INTO kpi_heartbeats (producer, instance, started_at, sequence, settled_at,
                                 topics, partitions, offsets)
     SELECT producer, instance, started_at, sequence, settled_at, topics, partitions, offsets
     FROM heard JOIN noted USING (producer, instance, started_at)`,
    [rows],
  );
}

/**
 * Whether the live figures hold all that one heartbeat tells of. @param topic only what it tells of this one
 */
export const isCounted = (heartbeat: string, topic?: string): string => `NOT EXISTS (
  SELECT FROM unnest(${heartbeat}.topics, ${heartbeat}.partitions, ${heartbeat}.offsets)
    AS written (topic, partition, newest)
  LEFT JOIN (ledger_watermarks JOIN ledger_generations USING (generation))
    ON state = 'live' AND ledger_watermarks.topic = written.topic
    AND ledger_watermarks.partition = written.partition
  WHERE coalesce(next_offset, 0) <= newest
    ${topic === undefined ? '' : `AND written.topic = ${topic}`})`;

/** Moves on how far lives are counted, and forgets the heartbeats that told so. */
async function settle(client: PoolClient): Promise<void> {
  await client.query(
    `WITH pending AS (
       SELECT * FROM kpi_heartbeats ORDER BY producer, instance, started_at, sequence
       FOR UPDATE SKIP LOCKED
     ), counted AS (
       DELETE FROM kpi_heartbeats AS heartbeat USING pending
       WHERE (heartbeat.producer, heartbeat.instance, heartbeat.started_at, heartbeat.sequence)
           = (pending.producer, pending.instance, pending.started_at, pending.sequence)
         AND ${isCounted('pending')}
       RETURNING heartbeat.*
     ), newest AS (
       SELECT producer, instance, started_at, max(settled_at) AS settled_at
       FROM counted GROUP BY producer, instance, started_at
     )
     UPDATE kpi_producers AS life
     SET counted_until = greatest(life.counted_until, newest.settled_at)
     FROM newest
     WHERE (life.producer, life.instance, life.started_at)
         = (newest.producer, newest.instance, newest.started_at)`,
  );
}
