/**
 * The register of orders: which order an id belongs to, decided once and for ever.
 *
 * The first to insert an order id owns it. Everyone who comes later is compared with that row: the same
 * message again is a redelivery, the same content from elsewhere a duplicate, other content a conflict.
 */
import type { Pool } from 'pg';
import { query } from './pool';

/** A valid order as it arrived. */
export interface Entry {
  readonly orderId: string;
  /** What names the message for ever: CloudEvent source and id, or topic, partition, offset and time. */
  readonly origin: string;
  /** The version of the field list that `digestFor` uses for new orders. */
  readonly digestVersion: number;
  /** SHA-256 (hex) of the order's content by the field list of a version. */
  digestFor(version: number): string;
  /** The record's timestamp, milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** `started` says whether the order's workflow is known to have been started. */
export type Verdict =
  | { readonly kind: 'new' }
  | { readonly kind: 'redelivery'; readonly started: boolean }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict' };

/** A message that intake refused. */
export interface RefusalEntry {
  /** SHA-256 (hex) of the origin: a redelivered message is refused once. */
  readonly originDigest: string;
  /** The code of the catalogue. */
  readonly kind: string;
  readonly orderId?: string;
  /** A test order. */
  readonly synthetic: boolean;
  /** The record's timestamp, milliseconds since the epoch. */
  readonly at: number;
}

interface Registered {
  readonly origin: string;
  readonly digest: string;
  readonly digestVersion: number;
  readonly started: boolean;
}

/**
 * Registers a batch and answers with one verdict per entry, in their order. Where an order id stands in
 * the batch several times, the first counts and the others are compared with it.
 * @throws OrderlyError PostgresUnavailable; what was registered by then is a redelivery next time.
 */
export async function registerBatch(pool: Pool, entries: readonly Entry[]): Promise<Verdict[]> {
  const firsts = new Map<string, Entry>();
  for (const entry of entries) {
    if (!firsts.has(entry.orderId)) firsts.set(entry.orderId, entry);
  }
  const fresh = await insertUnknown(pool, [...firsts.values()]);
  const known = await readOrders(
    pool,
    [...firsts.keys()].filter(id => !fresh.has(id)),
  );
  return entries.map(entry => {
    const first = firsts.get(entry.orderId);
    if (first === entry && fresh.has(entry.orderId)) return { kind: 'new' };
    return compare(entry, known.get(entry.orderId) ?? asRegistered(first ?? entry));
  });
}

/** Notes that the workflows of these orders are started, so that a redelivery starts none again. */
export async function markStarted(pool: Pool, orderIds: readonly string[]): Promise<void> {
  await query(
    pool,
    `WITH pending AS (
       SELECT order_id FROM orders WHERE order_id = ANY($1) AND started_at IS NULL
       ORDER BY order_id FOR NO KEY UPDATE
     )
     UPDATE orders SET started_at = now() FROM pending WHERE orders.order_id = pending.order_id`,
    [orderIds],
  );
}

/** A refusal as it was first noted; `at` in milliseconds since the epoch. */
export type NotedRefusal = Pick<RefusalEntry, 'kind' | 'synthetic' | 'at'>;

/**
 * Notes refused messages, and answers with what is noted of each, in their order. One that is noted
 * already stays as it is: a submission that comes again in another record is refused as the first was.
 */
export async function registerRefusals(
  pool: Pool,
  refusals: readonly RefusalEntry[],
): Promise<NotedRefusal[]> {
  const originDigests = refusals.map(refusal => refusal.originDigest);
  await query(
    pool,
    `INSERT INTO refusals (origin_digest, kind, order_id, synthetic, at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::timestamptz[])
       AS refused (origin_digest, kind, order_id, synthetic, at)
     ORDER BY origin_digest COLLATE "C"
     ON CONFLICT DO NOTHING`,
    [
      originDigests,
      refusals.map(refusal => refusal.kind),
      refusals.map(refusal => refusal.orderId ?? null),
      refusals.map(refusal => refusal.synthetic),
      refusals.map(refusal => asTimestamp(refusal.at)),
    ],
  );
  const rows = await query<{ originDigest: string; kind: string; synthetic: boolean; at: Date }>(
    pool,
    `SELECT origin_digest AS "originDigest", kind, synthetic, at
     FROM refusals WHERE origin_digest = ANY($1)`,
    [originDigests],
  );
  const noted = new Map(rows.map(({ originDigest, ...refusal }) => [originDigest, refusal]));
  return refusals.map(({ originDigest }) => {
    const { kind, synthetic, at } = noted.get(originDigest)!;
    return { kind, synthetic, at: at.getTime() };
  });
}

/** Sorted, so that two intakes that insert the same ids wait for one another and never deadlock. */
async function insertUnknown(pool: Pool, entries: readonly Entry[]): Promise<Set<string>> {
  const rows = await query<{ order_id: string }>(
    pool,
    `INSERT INTO orders (order_id, origin, digest, digest_version, received_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
       AS entry (order_id, origin, digest, digest_version, received_at)
     ORDER BY order_id COLLATE "C"
     ON CONFLICT DO NOTHING
     RETURNING order_id`,
    [
      entries.map(entry => entry.orderId),
      entries.map(entry => entry.origin),
      entries.map(entry => entry.digestFor(entry.digestVersion)),
      entries.map(entry => entry.digestVersion),
      entries.map(entry => asTimestamp(entry.receivedAt)),
    ],
  );
  return new Set(rows.map(row => row.order_id));
}

async function readOrders(
  pool: Pool,
  orderIds: readonly string[],
): Promise<Map<string, Registered>> {
  if (orderIds.length === 0) return new Map();
  const rows = await query<Registered & { orderId: string }>(
    pool,
    `SELECT order_id AS "orderId", origin, digest, digest_version AS "digestVersion",
            started_at IS NOT NULL AS started
     FROM orders WHERE order_id = ANY($1)`,
    [orderIds],
  );
  return new Map(rows.map(row => [row.orderId, row]));
}

function compare(entry: Entry, registered: Registered): Verdict {
  if (entry.digestFor(registered.digestVersion) !== registered.digest) return { kind: 'conflict' };
  if (entry.origin !== registered.origin) return { kind: 'duplicate' };
  return { kind: 'redelivery', started: registered.started };
}

const asRegistered = (entry: Entry): Registered => ({
  origin: entry.origin,
  digest: entry.digestFor(entry.digestVersion),
  digestVersion: entry.digestVersion,
  started: false,
});

const asTimestamp = (milliseconds: number): string => new Date(milliseconds).toISOString();
