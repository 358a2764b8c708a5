/**
 * The queue of orders that wait for stock, strictly first come, first served per product.
 *
 * A waiting order's want of a product is *covered* once what is on hand and not reserved is enough for
 * it and for everybody before it in that product's queue. What is covered is kept for it: nobody else is
 * given it, whatever else the order still waits for. When all its wants are covered, the order may
 * collect them, and its next `reserve` does.
 *
 * Each product remembers how far its queue is covered (`covered_until`, and `covered`, the pieces up to
 * there). So whoever brings stock reads only what it newly covers, however many orders wait. Positions
 * are given under the products' locks, so that any two orders stand alike in every queue they share.
 */
import type { PoolClient } from 'pg';
import { serve, type WaitingOrder } from '../domain/allocation';
import type { Product } from '../domain/freeStock';
import type { Reservation } from '../domain/reservation';
import type { StockLine } from '../domain/shipping';
import { lockProductsOf } from './products';
import { answersOf, lockHeaders, writeDecisions } from './reservationStatements';

/** Puts these orders at the end of the queues of their products, which are locked. */
export async function joinQueue(
  client: PoolClient,
  orders: readonly WaitingOrder[],
): Promise<void> {
  const wants = orders.flatMap(({ orderId, wants }) => wants.map(want => ({ orderId, ...want })));
  if (wants.length === 0) return;
  await Promise.all([
    client.query(
      `WITH joined AS (
         INSERT INTO back_orders (order_id, product_code, quantity)
         SELECT order_id, product_code, quantity
         FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY
           AS want (order_id, product_code, quantity, place)
         ORDER BY place
         RETURNING product_code, quantity
       )
       UPDATE products SET back_ordered = back_ordered + want.quantity
       FROM (SELECT product_code, sum(quantity)::bigint AS quantity
             FROM joined GROUP BY product_code) AS want
       WHERE products.product_code = want.product_code`,
      [
        wants.map(want => want.orderId),
        wants.map(want => want.productCode),
        wants.map(want => want.quantity),
      ],
    ),
    coverQueue(client, wants),
  ]);
}

/**
 * Covers the queues of these products as far as their stock goes, and has the orders woken that were
 * reached. To be called by whoever changed what is free of a product, while it is locked. Where stock
 * was lost that had been covered, the queue is covered anew from its head.
 */
export async function coverQueue(
  client: PoolClient,
  products: readonly Pick<Product, 'productCode'>[],
): Promise<void> {
  await client.query(coverStatement, [products.map(({ productCode }) => productCode)]);
}

/** One step per want that is covered, and one more per product: exported for the test that counts them. */
export const coverStatement = `
  WITH RECURSIVE reached (product_code, available, position, covered, order_id) AS (
    SELECT * FROM (
      SELECT product_code, available,
             CASE WHEN covered <= available THEN covered_until ELSE 0 END,
             CASE WHEN covered <= available THEN covered ELSE 0 END,
             NULL::text COLLATE "C"
      FROM products CROSS JOIN LATERAL (
        SELECT coalesce(sum(on_hand - reserved), 0)::bigint AS available
        FROM stock WHERE stock.product_code = products.product_code
      ) AS shelf
      WHERE product_code = ANY($1) AND back_ordered > 0
    ) AS head
    UNION ALL
    SELECT reached.product_code, available, next.position, covered + next.quantity, next.order_id
    FROM reached CROSS JOIN LATERAL (
      SELECT position, quantity, order_id FROM back_orders
      WHERE product_code = reached.product_code AND position > reached.position
      ORDER BY position LIMIT 1
    ) AS next
    WHERE covered + next.quantity <= available
  ), noted AS (
    UPDATE products SET covered = upto.covered, covered_until = upto.position
    FROM (SELECT product_code, max(covered) AS covered, max(position) AS position
          FROM reached GROUP BY product_code) AS upto
    WHERE products.product_code = upto.product_code
  )
  INSERT INTO wake_ups (order_id)
  SELECT order_id FROM reached WHERE order_id IS NOT NULL ORDER BY position`;

/** Takes these orders out of the queues they stand in. Their headers and products are locked. */
export async function leaveQueue(client: PoolClient, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  await client.query(
    `WITH gone AS (
       DELETE FROM back_orders WHERE order_id = ANY($1) RETURNING product_code, position, quantity
     )
     UPDATE products
     SET back_ordered = back_ordered - want.quantity, covered = products.covered - want.covered
     FROM (SELECT product_code, sum(quantity)::bigint AS quantity,
                  coalesce(sum(quantity) FILTER (WHERE position <= covered_until), 0)::bigint AS covered
           FROM gone JOIN products USING (product_code) GROUP BY product_code) AS want
     WHERE products.product_code = want.product_code`,
    [orderIds],
  );
}

/**
 * Reserves for these orders where they wait and all their wants are covered, at the prices that held
 * when they came. Answers for each with its reservation as it is then, by order id.
 */
export async function collect(
  client: PoolClient,
  orderIds: readonly string[],
  ttlHours: number,
): Promise<Map<string, Reservation>> {
  const headers = await lockHeaders(client, orderIds);
  const products = await lockProductsOf(client, orderIds);
  const covered = await coveredWants(client, orderIds);
  const served = serve(
    products,
    headers.flatMap(({ orderId, quote }) => {
      const wants = covered.get(orderId);
      return quote !== null && wants !== undefined ? [{ orderId, quote, wants }] : [];
    }),
  );
  await Promise.all([
    writeDecisions(client, served, ttlHours),
    leaveQueue(
      client,
      served.map(({ orderId }) => orderId),
    ),
  ]);
  return new Map([
    ...answersOf(headers),
    ...served.map(({ orderId, outcome }) => [orderId, outcome] as const),
  ]);
}

/** What these orders want, of those for which all of it is covered; in the order of the queue. */
async function coveredWants(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Map<string, StockLine[]>> {
  const { rows } = await client.query<{ orderId: string; wants: StockLine[] }>(
    `SELECT order_id AS "orderId",
            jsonb_agg(jsonb_build_object('productCode', product_code, 'quantity', quantity)
                      ORDER BY position) AS wants
     FROM back_orders JOIN products USING (product_code)
     WHERE order_id = ANY($1)
     GROUP BY order_id HAVING bool_and(position <= covered_until) ORDER BY min(position)`,
    [orderIds],
  );
  return new Map(rows.map(({ orderId, wants }) => [orderId, wants]));
}
