/**
 * The ledger: each event counts once, however often it comes, in whatever order and to whichever process.
 *
 * One transaction counts a batch. The key of its id guards each event (counted_events), the event itself
 * is kept beside (kpi_events), and the figures of its minute grow (kpi_minutes). Locks are taken in one
 * order everywhere: ids by key, then minutes by series and time; a deadlock all the same is begun anew.
 */
import type { Pool, PoolClient } from 'pg';
import { ensureDays, isMissingDay } from './ledgerDays';
import { insertFresh, type LedgerEvent, replaceProvisional } from './ledgerEvents';
import { changeMinutes, MinuteChanges } from './ledgerMinutes';
import { query, transaction } from './pool';

/** An event that counts nowhere. */
export interface RefusedEvent {
  readonly key: string;
  readonly topic: string;
  /** Code of the error catalogue. */
  readonly reason: string;
}

/** How far a partition is dealt with once a batch is counted. Times in milliseconds since the epoch. */
export interface Progress {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  readonly recordTime: number;
  /** The latest time of its events; none where all were refused. */
  readonly eventTime?: number;
}

export interface LedgerBatch {
  /** Each id once. */
  readonly events: readonly LedgerEvent[];
  readonly refusals: readonly RefusedEvent[];
  /** Each partition once. */
  readonly progress: readonly Progress[];
}

/** How many events of a batch counted for the first time, and how many took another's place. */
export interface Counted {
  readonly fresh: number;
  readonly replaced: number;
}

/**
 * Counts a batch, all of it or nothing.
 * @param building the generation that a rebuild fills. Default: the live one.
 * @throws OrderlyError PostgresUnavailable, DataRefused
 */
export async function countBatch(
  pool: Pool,
  batch: LedgerBatch,
  building?: number,
): Promise<Counted> {
  for (;;) {
    try {
      return await transaction(pool, async client => {
        const generation = await holdGeneration(client, building);
        return countIn(client, generation, batch);
      });
    } catch (thrown) {
      if (!isMissingDay(thrown)) throw thrown;
      const generation = building ?? (await liveGeneration(pool));
      await ensureDays(
        pool,
        generation,
        batch.events.map(({ at }) => at),
      );
    }
  }
}

/** The generation whose figures readers take. */
export async function liveGeneration(pool: Pool): Promise<number> {
  const [row] = await query<{ generation: number }>(
    pool,
    `SELECT generation FROM ledger_generations WHERE state = 'live'`,
  );
  return row!.generation;
}

async function countIn(
  client: PoolClient,
  generation: number,
  { events, refusals, progress }: LedgerBatch,
): Promise<Counted> {
  const fresh = await insertFresh(client, generation, events);
  const known = events.filter(event => event.mayReplace && !fresh.has(event));
  const replaced = await replaceProvisional(client, generation, known);
  const changes = new MinuteChanges();
  for (const event of fresh) changes.add(event);
  for (const { before, now } of replaced) {
    changes.remove(before, now.late);
    changes.add(now);
  }
  await changeMinutes(client, generation, changes.inOrder());
  await Promise.all([
    noteRefusals(client, generation, refusals),
    noteProgress(client, generation, progress),
  ]);
  return { fresh: fresh.size, replaced: replaced.length };
}

/** Each event once, with the reason that was given last: an earlier one may have passed since. */
async function noteRefusals(
  client: PoolClient,
  generation: number,
  refusals: readonly RefusedEvent[],
): Promise<void> {
  if (refusals.length === 0) return;
  await client.query(
    `INSERT INTO refused_events AS known (generation, event_key, topic, reason, refused_at)
     SELECT DISTINCT ON (event_key) $1, event_key, topic, reason, now()
     FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY
       AS refused (event_key, topic, reason, place)
     ORDER BY event_key, place DESC
     ON CONFLICT (generation, event_key) DO UPDATE SET
       topic = excluded.topic, reason = excluded.reason, refused_at = excluded.refused_at
       WHERE known.reason <> excluded.reason`,
    [
      generation,
      refusals.map(({ key }) => key),
      refusals.map(({ topic }) => topic),
      refusals.map(({ reason }) => reason),
    ],
  );
}

/** Only ever forward: a process that has lost a partition may still finish what it had in hand. */
async function noteProgress(
  client: PoolClient,
  generation: number,
  progress: readonly Progress[],
): Promise<void> {
  await client.query(
    `INSERT INTO ledger_watermarks AS known
       (generation, topic, partition, next_offset, record_time, event_time)
     SELECT $1, topic, partition, next_offset, to_timestamp(record_time), to_timestamp(event_time)
     FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::float8[], $6::float8[])
       AS progress (topic, partition, next_offset, record_time, event_time)
     ORDER BY topic COLLATE "C", partition
     ON CONFLICT (generation, topic, partition) DO UPDATE SET
       next_offset = greatest(known.next_offset, excluded.next_offset),
       record_time = greatest(known.record_time, excluded.record_time),
       event_time = greatest(known.event_time, excluded.event_time)`,
    [
      generation,
      progress.map(({ topic }) => topic),
      progress.map(({ partition }) => partition),
      progress.map(({ nextOffset }) => nextOffset),
      progress.map(({ recordTime }) => recordTime / 1_000),
      progress.map(({ eventTime }) => (eventTime === undefined ? null : eventTime / 1_000)),
    ],
  );
}

/** Locks a generation, or the live one, against a swap until the transaction ends. */
async function holdGeneration(client: PoolClient, building?: number): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ generation: number }>(
      `SELECT generation FROM ledger_generations
       WHERE CASE WHEN $1::smallint IS NULL THEN state = 'live' ELSE generation = $1 END
       FOR SHARE`,
      [building],
    );
    // Whoever waited for a swap finds the row that it waited for no longer live, and looks again.
    if (rows[0] !== undefined) return rows[0].generation;
  }
}
