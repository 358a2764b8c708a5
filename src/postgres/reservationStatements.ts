/** The statements of `reservations.ts`, each over a whole batch. */
import type { PoolClient } from 'pg';
import type { Allocation, Product } from '../domain/allocation';
import type { Reservation, ReservationRequest, ReservationStatus } from '../domain/reservation';
import { productColumns } from './stock';

export interface Header {
  readonly orderId: string;
  readonly status: ReservationStatus;
  /** The answer that was first given; null where a release came first. */
  readonly outcome: Reservation | null;
}

/** Inserts the headers that are missing; answers with their order ids. Waits for whoever is inserting one. */
export async function insertHeaders(
  client: PoolClient,
  orderIds: readonly string[],
  outcome: Reservation,
): Promise<Set<string>> {
  const { rows } = await client.query<{ order_id: string }>(
    `INSERT INTO reservations (order_id, status, outcome)
     SELECT order_id, $2, $3 FROM unnest($1::text[]) AS order_id
     ORDER BY order_id COLLATE "C"
     ON CONFLICT DO NOTHING
     RETURNING order_id`,
    [orderIds, outcome.status, outcome],
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

const selectHeaders = `SELECT order_id AS "orderId", status, outcome FROM reservations
                       WHERE order_id = ANY($1)`;

/** The products that these orders name, locked until the transaction ends. Unknown ones are left out. */
export async function lockProducts(
  client: PoolClient,
  requests: readonly ReservationRequest[],
): Promise<Product[]> {
  const codes = new Set(requests.flatMap(({ lines }) => lines.map(line => line.productCode)));
  const { rows } = await client.query<Product>(
    `SELECT ${productColumns} FROM products WHERE product_code = ANY($1)
     ORDER BY product_code FOR NO KEY UPDATE`,
    [[...codes]],
  );
  return rows;
}

/** Writes what was decided: stock taken, lines, and each header's outcome with its expiry. */
export async function writeDecisions(
  client: PoolClient,
  decided: readonly Allocation[],
  ttlHours: number,
): Promise<void> {
  const lines = decided.flatMap(({ orderId, quantities }) =>
    [...quantities].map(([productCode, quantity]) => ({ orderId, productCode, quantity })),
  );
  const taken = new Map<string, number>();
  for (const { productCode, quantity } of lines) {
    taken.set(productCode, (taken.get(productCode) ?? 0) + quantity);
  }
  await Promise.all([
    client.query(
      `UPDATE products SET reserved = reserved + taken.quantity
       FROM unnest($1::text[], $2::bigint[]) AS taken (product_code, quantity)
       WHERE products.product_code = taken.product_code`,
      [[...taken.keys()], [...taken.values()]],
    ),
    client.query(
      `INSERT INTO reservation_lines (order_id, product_code, quantity)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])`,
      [
        lines.map(line => line.orderId),
        lines.map(line => line.productCode),
        lines.map(line => line.quantity),
      ],
    ),
    client.query(
      `UPDATE reservations
       SET status = decided.outcome ->> 'status', outcome = decided.outcome, updated_at = now(),
           expires_at = CASE WHEN decided.outcome ->> 'status' = 'reserved'
                             THEN now() + make_interval(hours => $3) END
       FROM unnest($1::text[], $2::jsonb[]) AS decided (order_id, outcome)
       WHERE reservations.order_id = decided.order_id`,
      [
        decided.map(({ orderId }) => orderId),
        decided.map(({ outcome }) => JSON.stringify(outcome)),
        ttlHours,
      ],
    ),
  ]);
}

/** Gives the lines of these orders back to the stock. Their headers are locked and `reserved`. */
export async function giveBack(client: PoolClient, orderIds: readonly string[]): Promise<void> {
  await Promise.all([
    client.query(
      `SELECT FROM products
       WHERE product_code IN (SELECT product_code FROM reservation_lines WHERE order_id = ANY($1))
       ORDER BY product_code FOR NO KEY UPDATE`,
      [orderIds],
    ),
    client.query(
      `UPDATE products SET reserved = reserved - held.quantity
       FROM (SELECT product_code, sum(quantity) AS quantity
             FROM reservation_lines WHERE order_id = ANY($1) GROUP BY product_code) AS held
       WHERE products.product_code = held.product_code`,
      [orderIds],
    ),
    client.query(
      `UPDATE reservations SET status = 'released', expires_at = NULL, updated_at = now()
       WHERE order_id = ANY($1)`,
      [orderIds],
    ),
  ]);
}
