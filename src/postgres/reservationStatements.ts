/** The statements of `reservations.ts` about headers and lines, each over a whole batch. */
import type { PoolClient } from 'pg';
import type { Allocation, Quote } from '../domain/allocation';
import type { Reservation, ReservationStatus } from '../domain/reservation';

export interface Header {
  readonly orderId: string;
  readonly status: ReservationStatus;
  /** The answer that was last given; null where a release came first. */
  readonly outcome: Reservation | null;
  /** Only while the order waits. */
  readonly quote: Quote | null;
}

/** The reservations as they are now, by order id. */
export const answersOf = (headers: readonly Header[]): Map<string, Reservation> =>
  new Map(headers.map(header => [header.orderId, asItIsNow(header)]));

function asItIsNow({ orderId, status, outcome }: Header): Reservation {
  if (status === 'released' || status === 'shipped') return { status };
  if (outcome === null) throw new Error(`reservation ${orderId} is ${status} without an outcome`);
  return outcome;
}

/**
 * Inserts the headers that are missing; answers with their order ids. Waits for whoever is inserting one.
 * With `ttlHours` they expire, as most will when they are decided: what an index holds of a row had
 * better not change.
 */
export async function insertHeaders(
  client: PoolClient,
  orderIds: readonly string[],
  outcome: Reservation,
  ttlHours?: number,
): Promise<Set<string>> {
  const { rows } = await client.query<{ order_id: string }>(
    `INSERT INTO reservations (order_id, status, outcome, expires_at)
     SELECT order_id, $2, $3, now() + make_interval(hours => $4) FROM unnest($1::text[]) AS order_id
     ORDER BY order_id COLLATE "C"
     ON CONFLICT DO NOTHING
     RETURNING order_id`,
    [orderIds, outcome.status, outcome, ttlHours ?? null],
  );
  return new Set(rows.map(row => row.order_id));
}

export async function readHeaders(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Header[]> {
  if (orderIds.length === 0) return [];
  const { rows } = await client.query<Header>(selectHeaders, [orderIds]);
  return rows;
}

export async function lockHeaders(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Header[]> {
  const { rows } = await client.query<Header>(
    `${selectHeaders} ORDER BY order_id FOR NO KEY UPDATE`,
    [orderIds],
  );
  return rows;
}

const selectHeaders = `SELECT order_id AS "orderId", status, outcome, quote FROM reservations
                       WHERE order_id = ANY($1)`;

/** Writes what was decided: stock taken, lines, and each header's outcome with its expiry. */
export async function writeDecisions(
  client: PoolClient,
  decided: readonly Allocation[],
  ttlHours: number,
): Promise<void> {
  await Promise.all([
    takeStock(client, linesOf(decided)),
    insertLines(client, linesOf(decided)),
    client.query(
      `UPDATE reservations
       SET status = decided.outcome ->> 'status', outcome = decided.outcome, quote = decided.quote,
           updated_at = now(),
           expires_at = CASE WHEN decided.outcome ->> 'status' <> 'short'
                             THEN now() + make_interval(hours => $4) END
       FROM unnest($1::text[], $2::jsonb[], $3::jsonb[]) AS decided (order_id, outcome, quote)
       WHERE reservations.order_id = decided.order_id`,
      [
        decided.map(({ orderId }) => orderId),
        decided.map(({ outcome }) => JSON.stringify(outcome)),
        decided.map(allocation =>
          'quote' in allocation ? JSON.stringify(allocation.quote) : null,
        ),
        ttlHours,
      ],
    ),
  ]);
}

interface Line {
  readonly orderId: string;
  readonly shipment: string;
  readonly productCode: string;
  readonly location: string;
  readonly quantity: number;
}

const linesOf = (decided: readonly Allocation[]): Line[] =>
  decided.flatMap(({ orderId, outcome }) =>
    outcome.status !== 'reserved'
      ? []
      : (outcome.parcels ?? []).flatMap(({ shipment, location, products }) =>
          products.map(product => ({ orderId, shipment, location, ...product })),
        ),
  );

async function takeStock(client: PoolClient, lines: readonly Line[]): Promise<void> {
  await client.query(
    `UPDATE stock SET reserved = reserved + taken.quantity
     FROM (SELECT product_code, location, sum(quantity)::bigint AS quantity
           FROM unnest($1::text[], $2::text[], $3::bigint[]) AS line (product_code, location, quantity)
           GROUP BY product_code, location) AS taken
     WHERE stock.product_code = taken.product_code AND stock.location = taken.location`,
    [
      lines.map(line => line.productCode),
      lines.map(line => line.location),
      lines.map(line => line.quantity),
    ],
  );
}

async function insertLines(client: PoolClient, lines: readonly Line[]): Promise<void> {
  await client.query(
    `INSERT INTO reservation_lines (order_id, shipment, product_code, location, quantity)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])`,
    [
      lines.map(line => line.orderId),
      lines.map(line => line.shipment),
      lines.map(line => line.productCode),
      lines.map(line => line.location),
      lines.map(line => line.quantity),
    ],
  );
}

/** Gives back the lines that these orders still hold. Headers and products are locked. */
export async function giveBack(client: PoolClient, orderIds: readonly string[]): Promise<void> {
  await client.query(
    `WITH returned AS (
       UPDATE reservation_lines SET state = 'returned'
       WHERE order_id = ANY($1) AND state = 'held'
       RETURNING product_code, location, quantity
     )
     UPDATE stock SET reserved = reserved - given.quantity
     FROM (SELECT product_code, location, sum(quantity)::bigint AS quantity
           FROM returned GROUP BY product_code, location) AS given
     WHERE stock.product_code = given.product_code AND stock.location = given.location`,
    [orderIds],
  );
}

/** Closes those of these open orders that hold nothing any more: as shipped where a parcel has shipped. */
export async function closeHeaders(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Header[]> {
  const { rows } = await client.query<Header>(
    `UPDATE reservations
     SET status = CASE WHEN line.shipped THEN 'shipped' ELSE 'released' END,
         quote = NULL, expires_at = NULL, updated_at = now()
     FROM unnest($1::text[]) AS closing (order_id) CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(state = 'shipped'), false) AS shipped,
              coalesce(bool_or(state = 'held'), false) AS held
       FROM reservation_lines WHERE reservation_lines.order_id = closing.order_id
     ) AS line
     WHERE reservations.order_id = closing.order_id AND NOT line.held
     RETURNING reservations.order_id AS "orderId", status, outcome, quote`,
    [orderIds],
  );
  return rows;
}
