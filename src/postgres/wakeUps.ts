/** Orders that are to be told that their stock has come. A crash before they are costs a repetition. */
import type { Pool } from 'pg';
import { query } from './pool';

export interface WakeUp {
  readonly wakeUpId: number;
  readonly orderId: string;
  /** Whether all that the order waits for is covered; if not, what is missing brings its own wake-up. */
  readonly complete: boolean;
}

/** Whoever took a wake-up has this long to settle it; then it is given to the next one. */
const leaseSeconds = 30;

/** Takes up to `limit` wake-ups, oldest first, which nobody else is given meanwhile. */
export async function takeWakeUps(pool: Pool, limit: number): Promise<WakeUp[]> {
  return await query<WakeUp>(
    pool,
    `WITH due AS (
       SELECT wake_up_id FROM wake_ups WHERE due_at <= now()
       ORDER BY wake_up_id LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE wake_ups SET due_at = now() + make_interval(secs => $2)
     FROM due WHERE wake_ups.wake_up_id = due.wake_up_id
     RETURNING wake_ups.wake_up_id AS "wakeUpId", order_id AS "orderId",
               coalesce((SELECT bool_and(position <= covered_until)
                         FROM back_orders JOIN products USING (product_code)
                         WHERE back_orders.order_id = wake_ups.order_id), false) AS complete`,
    [limit, leaseSeconds],
  );
}

export async function settleWakeUps(pool: Pool, wakeUps: readonly WakeUp[]): Promise<void> {
  const ids = wakeUps.map(({ wakeUpId }) => wakeUpId);
  await query(pool, 'DELETE FROM wake_ups WHERE wake_up_id = ANY($1)', [ids]);
}
