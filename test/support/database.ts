/** A database of its own for each test file, on the test server. */
import { randomUUID } from 'node:crypto';
import pg, { type Pool, type PoolConfig } from 'pg';
import pino from 'pino';
import { migrate } from '../../src/postgres/migrate';
import { openPool } from '../../src/postgres/pool';
import { testServers } from './servers';

export interface TestDatabase {
  readonly url: string;
  /** The first pool, already open. */
  readonly pool: Pool;
  /** Another pool, as another process would have. */
  openPool(options?: PoolConfig): Pool;
  /** Ends all pools and removes the database. */
  drop(): Promise<void>;
}

/** A database with all tables. */
export async function createDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await migrate(database.pool);
  return database;
}

export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(testServers().databaseUrl);
  await asAdministrator(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  const pools: Pool[] = [];
  const open = (options: PoolConfig = {}): Pool => {
    const pool = openPool({ connectionString: url.href, max: 4, ...options }, silent);
    pools.push(pool);
    return pool;
  };
  return {
    url: url.href,
    pool: open(),
    openPool: open,
    async drop() {
      await Promise.all(pools.map(pool => (pool.ended ? undefined : pool.end())));
      await asAdministrator(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

const silent = pino({ level: 'silent' });

async function asAdministrator(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServers().databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
