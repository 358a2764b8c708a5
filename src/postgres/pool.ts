/** The connections to Postgres, and the one way to run a transaction on them. */
import pg, { type Pool, type PoolClient, type PoolConfig } from 'pg';

import type { Config } from '../config';
import type { Logger } from '../telemetry';
import { classified, isAftermath, isConflict } from './failures';

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 15_000;
const networkMarginMs = 5_000;
/** Longer than a minute, for what works once in each: to begin a connection costs both sides more than its work. */
const idleTimeoutMs = 300_000;
const conflictAttempts = 5;

/**
 * Opens a pool of at most `DATABASE_POOL_SIZE` connections; none is made before the first query.
 * Amounts (`bigint`) arrive as numbers: the tables keep them within what a number holds exactly.
 * An idle connection that breaks is logged and replaced. Whoever opens the pool ends it.
 */
export function createPool(config: Config, logger: Logger): Pool {
  return openPool(
    {
      connectionString: config.DATABASE_URL.reveal(),
      application_name: `orderly ${config.SERVICE_INSTANCE}`.slice(0, 63),
      max: config.DATABASE_POOL_SIZE,
    },
    logger,
  );
}

/** As `createPool`, for whoever has no configuration: tests and benchmarks. */
export function openPool(options: PoolConfig, logger: Logger): Pool {
  const pool = new pg.Pool({
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // Also covers a server that went away without a word: then its own time-out never comes.
    query_timeout: statementTimeoutMs + networkMarginMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser },
    ...options,
  });
  // The error itself would bring the whole connection into the log.
  pool.on('error', error =>
    logger.warn({ detail: error.message }, 'an idle connection to Postgres broke'),
  );
  pool.on('connect', planOnce);
  return pool;
}

/**
 * Has each statement with parameters planned once per connection, as a prepared one: planning costs more
 * than running. The texts are few, since what varies is in the parameters. A PgBouncer in between must
 * be 1.21 or newer.
 */
function planOnce(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((text: unknown, values: unknown, ...rest: unknown[]) => {
    const answer =
      typeof text === 'string' && Array.isArray(values)
        ? query({ name: statementName(text), text, values }, ...rest)
        : query(text, values, ...rest);
    if (answer instanceof Promise) {
      answer.catch(failure => {
        if (!firstFailures.has(client)) firstFailures.set(client, failure);
      });
    }
    return answer;
  }) as typeof client.query;
}

/**
 * What failed first in the transaction of a connection. Statements that were sent along with it fail too,
 * for no other reason, and whoever waits for all of them may hear of those before.
 */
const firstFailures = new WeakMap<PoolClient, unknown>();

const statementNames = new Map<string, string>();

function statementName(text: string): string {
  const name = statementNames.get(text) ?? `orderly-${statementNames.size}`;
  statementNames.set(text, name);
  return name;
}

/**
 * Runs `work` in one transaction and answers with its result.
 *
 * `work` may run several times: after a deadlock or serialization failure it is begun anew. It must
 * await all its queries. The connections pipeline: queries sent together share one round trip, and so
 * does the commit where `work` asks for it along with its last queries.
 * @throws OrderlyError PostgresUnavailable or PostgresRefused, both transient; what `work` threw otherwise.
 */
export async function transaction<T>(pool: Pool, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptTransaction(pool, work);
    } catch (thrown) {
      if (!isConflict(thrown) || attempt === conflictAttempts) throw classified(thrown);
    }
  }
}

/** `commit` may be left to the transaction; after it there is no further query. */
type Work<T> = (client: PoolClient, commit: () => Promise<void>) => Promise<T>;

/** Runs one statement on its own. @throws as `transaction`. */
export const query = <Row extends pg.QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> => rowsOf(pool.query<Row>(text, [...values]));

/**
 * As `query`, for a statement whose best plan depends on how long the lists in its parameters are: it is planned
 * for them each time. A prepared one gets a plan for any lists from its sixth run on, which guesses ten entries,
 * and goes through ten thousand once for each row.
 */
export const queryPlannedAnew = <Row extends pg.QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> => rowsOf(pool.query<Row>({ text, values: [...values] }));

async function rowsOf<Row extends pg.QueryResultRow>(
  answer: Promise<pg.QueryResult<Row>>,
): Promise<Row[]> {
  try {
    return (await answer).rows;
  } catch (thrown) {
    throw classified(thrown);
  }
}

async function attemptTransaction<T>(pool: Pool, work: Work<T>): Promise<T> {
  const client = await pool.connect();
  firstFailures.delete(client);
  let broken: Error | undefined;
  // While a client is checked out the pool does not listen, and an unheard error ends the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    // Awaited alone: were it to fail, statements sent along with it would each commit on their own.
    await client.query('BEGIN');
    let committed: Promise<void> | undefined;
    const commit = () => {
      committed ??= commitWith(client);
      return committed;
    };
    const result = await work(client, commit);
    await commit();
    return result;
  } catch (thrown) {
    broken ??= await rollBack(client);
    throw isAftermath(thrown) ? (firstFailures.get(client) ?? thrown) : thrown;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** A transaction in which something failed answers to `COMMIT` too, and rolls back. */
async function commitWith(client: PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command === 'ROLLBACK') throw firstFailures.get(client);
}

/** Answers with the error of a connection that can not even roll back: it must not be used again. */
async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (thrown) {
    return thrown as Error;
  }
}

/** The one type read otherwise than `pg` does: `bigint`, which it leaves as text. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
