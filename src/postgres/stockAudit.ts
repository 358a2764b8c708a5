/** Proves that the stock adds up, from what was written down independently of it. */
import type { Pool } from 'pg';
import { query } from './pool';

/**
 * A figure that is not what its rows add up to.
 *
 * - `reserved`, `on hand` of a product at a location: its lines that are held; its movements, which are
 *   received + adjusted - shipped
 * - `back-ordered`, `covered` of a product: what waiting orders want of it; what those up to the mark want
 * - `coverable` of a product: the pieces that must be covered, from the head of the queue as far as what
 *   is on hand and not reserved goes
 * - `holding`, `waiting` of an order, 1 or 0: whether its header says so, and whether it has lines that
 *   are held, or stands in a queue
 */
export interface StockDiscrepancy {
  readonly figure:
    | 'reserved'
    | 'on hand'
    | 'back-ordered'
    | 'covered'
    | 'coverable'
    | 'holding'
    | 'waiting';
  /** `TEA-100 at main`, `TEA-100`, or the order id. */
  readonly subject: string;
  readonly noted: number;
  readonly found: number;
}

/** All figures that do not add up, as of one moment; none is as it must be. */
export async function stockAudit(pool: Pool): Promise<StockDiscrepancy[]> {
  return await query<StockDiscrepancy>(
    pool,
    `WITH held AS (
       SELECT product_code, location, sum(quantity)::bigint AS pieces
       FROM reservation_lines WHERE state = 'held' GROUP BY product_code, location
     ), moved AS (
       SELECT product_code, location, sum(quantity)::bigint AS pieces
       FROM stock_movements GROUP BY product_code, location
     ), shelf AS (
       SELECT concat(product_code, ' at ', location) AS subject, reserved, on_hand,
              held.pieces AS held, moved.pieces AS moved
       FROM stock FULL JOIN held USING (product_code, location)
         FULL JOIN moved USING (product_code, location)
     ), available AS (
       SELECT product_code, sum(on_hand - reserved)::bigint AS pieces FROM stock GROUP BY product_code
     ), queue AS (
       SELECT product_code, position, quantity,
              sum(quantity) OVER (PARTITION BY product_code ORDER BY position)::bigint AS pieces
       FROM back_orders
     ), product AS (
       SELECT product_code AS subject, back_ordered, covered,
              sum(quantity)::bigint AS wanted,
              sum(quantity) FILTER (WHERE position <= covered_until)::bigint AS up_to_mark,
              max(queue.pieces) FILTER (WHERE queue.pieces <= available.pieces) AS coverable
       FROM products FULL JOIN queue USING (product_code) LEFT JOIN available USING (product_code)
       GROUP BY product_code, back_ordered, covered
     ), holder AS (
       SELECT DISTINCT order_id, 1 AS holds FROM reservation_lines WHERE state = 'held'
     ), waiter AS (
       SELECT DISTINCT order_id, 1 AS waits FROM back_orders
     ), header AS (
       SELECT order_id AS subject, holds, waits, (status = 'reserved')::integer AS reserved,
              (status = 'waiting')::integer AS waiting
       FROM reservations FULL JOIN holder USING (order_id) FULL JOIN waiter USING (order_id)
     ), figures (figure, subject, noted, found) AS (
       SELECT 'reserved', subject, reserved, held FROM shelf
       UNION ALL SELECT 'on hand', subject, on_hand, moved FROM shelf
       UNION ALL SELECT 'back-ordered', subject, back_ordered, wanted FROM product
       UNION ALL SELECT 'covered', subject, covered, up_to_mark FROM product
       UNION ALL SELECT 'coverable', subject, covered, coverable FROM product
       UNION ALL SELECT 'holding', subject, reserved, holds FROM header
       UNION ALL SELECT 'waiting', subject, waiting, waits FROM header
     )
     SELECT figure, subject, coalesce(noted, 0) AS noted, coalesce(found, 0) AS found FROM figures
     WHERE coalesce(noted, 0) <> coalesce(found, 0)
     ORDER BY figure, subject`,
  );
}

/** The orders that hold stock now: none of them may be rejected or cancelled. */
export async function ordersHoldingStock(pool: Pool): Promise<string[]> {
  const rows = await query<{ order_id: string }>(
    pool,
    `SELECT DISTINCT order_id FROM reservation_lines WHERE state = 'held' ORDER BY order_id`,
  );
  return rows.map(row => row.order_id);
}

/** How many parcels of the orders whose id begins with the prefix have left the stock. */
export async function countShippedParcels(pool: Pool, idPrefix: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    pool,
    `SELECT count(DISTINCT (split_part(idempotency_key, ':', 2), split_part(idempotency_key, ':', 3)))
     FROM stock_movements
     WHERE kind = 'shipped' AND starts_with(split_part(idempotency_key, ':', 2), $1)`,
    [idPrefix],
  );
  return row?.count ?? 0;
}
