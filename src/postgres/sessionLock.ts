/** A lock for work of many transactions that must not be under way twice. It ends with its connection. */
import type { Pool, PoolClient } from 'pg';
import { type ErrorCode, OrderlyError } from '../errors';
import { classified } from './failures';

/**
 * Runs `work` while no other session of the database has the lock, on a connection of the pool that is kept
 * for it: whoever is killed has it no longer.
 * @param work its signal is aborted, with the reason, when the connection breaks: from then on another
 *   session may have the lock
 * @throws OrderlyError `refusal` at once where another session has it, PostgresUnavailable, PostgresRefused
 */
export async function withSessionLock<T>(
  pool: Pool,
  { lock, refusal }: { readonly lock: number; readonly refusal: ErrorCode },
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const client = await classifying(pool.connect());
  const lost = new AbortController();
  // While a client is checked out the pool does not listen, and an unheard error ends the process.
  const onError = (error: Error) => lost.abort(classified(error));
  client.on('error', onError);
  let isFree = false;
  try {
    if (!(await classifying(take(client, lock)))) throw new OrderlyError(refusal);
    try {
      return await work(lost.signal);
    } finally {
      isFree = await give(client, lock);
    }
  } finally {
    client.off('error', onError);
    client.release(!isFree);
  }
}

async function take(client: PoolClient, lock: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock(${lock}) AS taken`,
  );
  return rows[0]!.taken;
}

/** Whether it is certain that this connection has it no longer; the end of the connection gives it back too. */
const give = (client: PoolClient, lock: number): Promise<boolean> =>
  client.query(`SELECT pg_advisory_unlock(${lock})`).then(
    () => true,
    () => false,
  );

async function classifying<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw classified(thrown);
  }
}
