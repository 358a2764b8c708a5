/** A database of a bench's own. */
import { randomUUID } from 'node:crypto';
import pg, { type Pool } from 'pg';
import pino from 'pino';
import { migrate } from '../../src/postgres/migrate';
import { openPool } from '../../src/postgres/pool';

/** Runs `work` on a database with all tables, made beside `databaseUrl` and removed afterwards. */
export async function withBenchDatabase<T>(
  databaseUrl: string,
  connections: number,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await administer(databaseUrl, `CREATE DATABASE ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const silent = pino({ level: 'silent' });
  const pool = openPool({ connectionString: url.href, max: connections }, silent);
  try {
    await migrate(pool);
    return await work(pool);
  } finally {
    await pool.end();
    await administer(databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
