/** What the register and the reservations say of the orders, for people and for checks. */
import type { Pool } from 'pg';
import { query } from './pool';

/** An order as the register knows it; `startedAt` once its workflow is known to be started. */
export interface RegisteredOrder {
  readonly receivedAt: Date;
  readonly startedAt: Date | null;
}

/** Answers undefined where no order has this id. */
export async function findOrder(pool: Pool, orderId: string): Promise<RegisteredOrder | undefined> {
  const [order] = await query<RegisteredOrder>(
    pool,
    `SELECT received_at AS "receivedAt", started_at AS "startedAt" FROM orders WHERE order_id = $1`,
    [orderId],
  );
  return order;
}

/** Counts over the orders whose id begins with one prefix. */
export interface RegisterCounts {
  readonly registered: number;
  /** Refusals by their kind, a code of the catalogue; only those that name an order. */
  readonly refused: Readonly<Record<string, number>>;
}

export async function countRegister(pool: Pool, idPrefix: string): Promise<RegisterCounts> {
  const [orders, refusals] = await Promise.all([
    query<{ count: number }>(pool, 'SELECT count(*) FROM orders WHERE starts_with(order_id, $1)', [
      idPrefix,
    ]),
    query<{ kind: string; count: number }>(
      pool,
      'SELECT kind, count(*) FROM refusals WHERE starts_with(order_id, $1) GROUP BY kind',
      [idPrefix],
    ),
  ]);
  return {
    registered: orders[0]?.count ?? 0,
    refused: Object.fromEntries(refusals.map(({ kind, count }) => [kind, count])),
  };
}
