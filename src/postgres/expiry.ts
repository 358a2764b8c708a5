/** Reservations that nobody has closed in time: those of orders whose workflow may be gone. */
import type { Pool } from 'pg';
import { query } from './pool';

/** The orders that hold or wait for stock and whose time was over `before` then (RFC 3339), longest first. */
export async function expiredReservations(
  pool: Pool,
  before: string,
  limit: number,
): Promise<string[]> {
  const rows = await query<{ orderId: string }>(
    pool,
    `SELECT order_id AS "orderId" FROM reservations
     WHERE expires_at < $1 ORDER BY expires_at LIMIT $2`,
    [before, limit],
  );
  return rows.map(({ orderId }) => orderId);
}

/** Gives these orders so many hours from now, where they still hold or wait for stock. */
export async function extendReservations(
  pool: Pool,
  orderIds: readonly string[],
  hours: number,
): Promise<void> {
  await query(
    pool,
    `UPDATE reservations SET expires_at = now() + make_interval(hours => $2)
     WHERE order_id IN (
       SELECT order_id FROM reservations WHERE order_id = ANY($1) AND expires_at IS NOT NULL
       ORDER BY order_id FOR NO KEY UPDATE
     )`,
    [orderIds, hours],
  );
}

/** Which of these orders hold or wait for stock. */
export async function holdingReservations(
  pool: Pool,
  orderIds: readonly string[],
): Promise<string[]> {
  const rows = await query<{ orderId: string }>(
    pool,
    `SELECT order_id AS "orderId" FROM reservations
     WHERE order_id = ANY($1) AND status IN ('reserved', 'waiting')`,
    [orderIds],
  );
  return rows.map(({ orderId }) => orderId);
}

/** What these orders hold is theirs for good: nobody need look at it again. */
export async function keepReservations(pool: Pool, orderIds: readonly string[]): Promise<void> {
  await query(
    pool,
    `UPDATE reservations SET expires_at = NULL
     WHERE order_id IN (
       SELECT order_id FROM reservations WHERE order_id = ANY($1)
       ORDER BY order_id FOR NO KEY UPDATE
     )`,
    [orderIds],
  );
}
