/**
 * Barriers: what the test holds in Postgres so that a role can not get past one order. They make sure
 * that a process is stopped in mid-stream, however fast the machine is.
 */
import type { World } from './world';

export type Release = () => Promise<void>;

/** Intake can register neither this order nor those behind it: another transaction is just doing it. */
export function holdOrder(world: World, orderId: string): Promise<Release> {
  return hold(
    world,
    `INSERT INTO orders (order_id, origin, digest, digest_version, received_at)
     VALUES ($1, 'a transaction that never commits', '', 1, now())`,
    orderId,
  );
}

/** The order worker can reserve nothing of this product, nor what is in the same batch or behind it. */
export function holdProduct(world: World, productCode: string): Promise<Release> {
  return hold(world, 'SELECT FROM products WHERE product_code = $1 FOR UPDATE', productCode);
}

/** How many statements wait for a lock now. */
export async function heldUp(world: World): Promise<number> {
  const waiting = await world.sql(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  return waiting.length;
}

/** Ends every connection of the roles that waits for a barrier; answers with their process ids. */
export async function cutReservations(world: World): Promise<number[]> {
  const rows = await world.sql<{ pid: number; cut: boolean }>(
    `SELECT pid, pg_terminate_backend(pid) AS cut FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND application_name LIKE 'orderly%'`,
  );
  return rows.filter(({ cut }) => cut).map(({ pid }) => pid);
}

async function hold(world: World, statement: string, value: string): Promise<Release> {
  const client = await world.connect();
  await client.query('BEGIN');
  await client.query(statement, [value]);
  return () => client.end();
}
