/** Proves that the stock adds up, from what was written down independently of it. */
import type { Pool } from 'pg';
import { query } from './pool';

/** A product whose figures differ: `reserved` from its live lines, or `onHand` from its movements. */
export interface StockDiscrepancy {
  readonly productCode: string;
  readonly reserved: number;
  /** The sum of the product's reservation lines whose order's reservation is live. */
  readonly liveLines: number;
  readonly onHand: number;
  /** The sum of the product's movements: received + adjusted - shipped. */
  readonly movements: number;
}

/** All products that do not add up, as of one moment; none is as it must be. */
export async function stockAudit(pool: Pool): Promise<StockDiscrepancy[]> {
  return await query<StockDiscrepancy>(
    pool,
    `WITH live AS (
       SELECT product_code, sum(quantity)::bigint AS quantity
       FROM reservation_lines JOIN reservations USING (order_id)
       WHERE status = 'reserved' GROUP BY product_code
     ), moved AS (
       SELECT product_code, sum(quantity)::bigint AS quantity
       FROM stock_movements GROUP BY product_code
     ), figures AS (
       SELECT product_code AS "productCode",
              coalesce(reserved, 0) AS reserved, coalesce(live.quantity, 0) AS "liveLines",
              coalesce(on_hand, 0) AS "onHand", coalesce(moved.quantity, 0) AS movements
       FROM products FULL JOIN live USING (product_code) FULL JOIN moved USING (product_code)
     )
     SELECT * FROM figures
     WHERE reserved <> "liveLines" OR "onHand" <> movements
     ORDER BY "productCode"`,
  );
}

/** The orders that hold stock now: none of them may be rejected or cancelled. */
export async function ordersHoldingStock(pool: Pool): Promise<string[]> {
  const rows = await query<{ order_id: string }>(
    pool,
    `SELECT order_id FROM reservations WHERE status = 'reserved' ORDER BY order_id`,
  );
  return rows.map(row => row.order_id);
}
