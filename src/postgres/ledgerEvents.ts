/** Which events are counted, and which take another's place. */
import { hash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { totalOf } from './ledgerSeries';

/** An event as it is to count. */
export interface LedgerEvent {
  /** Of the id: see eventKey. */
  readonly key: string;
  readonly id: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
  /** Where it counts: its slice, and the total of its KPI. */
  readonly seriesId: number;
  readonly totalId: number;
  /** Its type of failure is unknown: an event of the same id that knows it takes its place. */
  readonly provisional: boolean;
  /** Whether it may take the place of a provisional event: it tells of a failure. */
  readonly mayReplace: boolean;
  readonly reconciled: boolean;
  readonly deployment: string;
  /** It came when its minute should have been complete. */
  readonly late: boolean;
}

/** What an event counted as, until another took its place. */
export interface Uncounted {
  readonly at: number;
  readonly value: number;
  readonly seriesId: number;
  readonly totalId: number;
}

export interface Replacement {
  readonly before: Uncounted;
  readonly now: LedgerEvent;
}

/** What an id is known by: 16 bytes in hexadecimal digits tell more ids apart than there will ever be. */
export const eventKey = (id: string): string => hash('sha256', id, 'hex').slice(0, 32);

type Rank = Pick<LedgerEvent, 'provisional' | 'at'>;

/**
 * Which of two events with one id holds, whichever comes first: the one that knows its type of failure;
 * of two that do not, the earlier, because each is a bound from above of when it happened.
 */
export const outranks = (one: Rank, other: Rank): boolean =>
  other.provisional && (!one.provisional || one.at < other.at);

/** Keeps the events whose ids are new, each with its row of kpi_events, and answers with them. */
export async function insertFresh(
  client: PoolClient,
  generation: number,
  events: readonly LedgerEvent[],
): Promise<Set<LedgerEvent>> {
  if (events.length === 0) return new Set();
  // Planned for each batch by its size: planned once for all sizes, the joins would be nested loops.
  const { rows } = await client.query<{ places: string | null }>({
    text: `WITH batch AS MATERIALIZED (
       SELECT event_key, to_timestamp(at) AS at, value, series_id, provisional, reconciled,
              deployment, event_id, place
       FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::integer[], $6::boolean[],
                   $7::boolean[], $8::text[], $9::text[]) WITH ORDINALITY
         AS event (event_key, at, value, series_id, provisional, reconciled, deployment, event_id, place)
     ), fresh AS (
       INSERT INTO counted_events (generation, event_key, at, value, series_id, provisional)
       SELECT $1, event_key, at, value, series_id, provisional FROM batch ORDER BY event_key
       ON CONFLICT DO NOTHING
       RETURNING event_key
     ), kept AS (
       INSERT INTO kpi_events (generation, at, event_key, event_id, value, series_id,
                               provisional, reconciled, deployment)
       SELECT $1, at, event_key, event_id, value, series_id, provisional, reconciled, deployment
       FROM batch JOIN fresh USING (event_key)
     )
     SELECT string_agg(place::text, ',') AS places FROM batch JOIN fresh USING (event_key)`,
    values: [generation, ...columnsOf(events)],
  });
  const places = rows[0]?.places?.split(',') ?? [];
  return new Set(places.map(place => events[Number(place) - 1]!));
}

/** Puts each event that outranks the counted one of its id in that one's place. */
export async function replaceProvisional(
  client: PoolClient,
  generation: number,
  events: readonly LedgerEvent[],
): Promise<Replacement[]> {
  if (events.length === 0) return [];
  const { rows } = await client.query<Uncounted & { key: string }>(
    `SELECT replace(event_key::text, '-', '') AS key, (extract(epoch FROM at) * 1000)::bigint AS at,
            value, series_id AS "seriesId", ${totalOf('slice')} AS "totalId"
     FROM counted_events JOIN kpi_series AS slice USING (series_id)
     WHERE generation = $1 AND event_key = ANY($2::uuid[]) AND provisional
     ORDER BY event_key FOR UPDATE OF counted_events`,
    [generation, plain(events.map(({ key }) => key))],
  );
  const counted = new Map(rows.map(({ key, ...before }) => [key, before]));
  const replacements = events.flatMap(now => {
    const before = counted.get(now.key);
    const isOutranked = before && outranks(now, { provisional: true, at: before.at });
    return isOutranked ? [{ before, now }] : [];
  });
  if (replacements.length > 0) await writeReplacements(client, generation, replacements);
  return replacements;
}

async function writeReplacements(
  client: PoolClient,
  generation: number,
  replacements: readonly Replacement[],
): Promise<void> {
  const columns = columnsOf(replacements.map(({ now }) => now));
  await client.query(
    `DELETE FROM kpi_events USING unnest($2::uuid[], $3::float8[]) AS outranked (event_key, at)
     WHERE generation = $1 AND provisional
       AND kpi_events.event_key = outranked.event_key AND kpi_events.at = to_timestamp(outranked.at)`,
    [generation, columns[0], plain(replacements.map(({ before }) => before.at / 1_000))],
  );
  await client.query(
    `WITH event AS MATERIALIZED (
       SELECT event_key, to_timestamp(at) AS at, value, series_id, provisional, reconciled,
              deployment, event_id
       FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::integer[], $6::boolean[],
                   $7::boolean[], $8::text[], $9::text[])
         AS event (event_key, at, value, series_id, provisional, reconciled, deployment, event_id)
     ), kept AS (
       INSERT INTO kpi_events (generation, at, event_key, event_id, value, series_id,
                               provisional, reconciled, deployment)
       SELECT $1, at, event_key, event_id, value, series_id, provisional, reconciled, deployment
       FROM event
     )
     UPDATE counted_events AS counted
     SET at = event.at, value = event.value, series_id = event.series_id,
         provisional = event.provisional
     FROM event WHERE counted.generation = $1 AND counted.event_key = event.event_key`,
    [generation, ...columns],
  );
}

const columnsOf = (events: readonly LedgerEvent[]) => [
  plain(events.map(({ key }) => key)),
  plain(events.map(({ at }) => at / 1_000)),
  plain(events.map(({ value }) => value)),
  plain(events.map(({ seriesId }) => seriesId)),
  plain(events.map(({ provisional }) => provisional)),
  plain(events.map(({ reconciled }) => reconciled)),
  quoted(events.map(({ deployment }) => deployment)),
  quoted(events.map(({ id }) => id)),
];

/** An array in Postgres' notation; `pg` would quote and escape each element, which these never need. */
const plain = (values: readonly (string | number | boolean)[]): string => `{${values.join()}}`;

/** The same of texts, of which there is at least one. */
const quoted = (values: readonly string[]): string => `{"${values.map(escaped).join('","')}"}`;

const escaped = (value: string): string =>
  special.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value;

const special = /["\\]/;
