/** Brings a database's tables up to date: the numbered files of `migrations/`, each once, in order. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { OrderlyError } from '../errors';
import { transaction } from './pool';

/** Where the files are, seen from `src/postgres` and from `dist/postgres` alike. */
const migrationsFolder = join(__dirname, '../../migrations');
const migrationFile = /^\d{4}_\w+\.sql$/;

/** Any number does; it only has to be the same for every starter. */
const migrationLock = 7_364_201_118;
const patienceMs = 3_600_000;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

/**
 * Applies what is missing, each file in its own transaction. Several starters may do so at once: the
 * first does the work, the others wait for it. Answers with the names of the files that it applied.
 * @throws OrderlyError MigrationChanged where an applied file is no longer what it was.
 */
export async function migrate(pool: Pool, folder = migrationsFolder): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of readMigrations(folder)) {
    if (await transaction(pool, client => applyOnce(client, migration))) {
      applied.push(migration.name);
    }
  }
  return applied;
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter(name => migrationFile.test(name));
  return names.sort().map(name => {
    const sql = readFileSync(join(folder, name), 'utf8');
    return { name, sql, digest: createHash('sha256').update(sql).digest('hex') };
  });
}

async function applyOnce(client: PoolClient, migration: Migration): Promise<boolean> {
  await client.query('SET LOCAL statement_timeout = 0');
  await client.query(patiently(`SELECT pg_advisory_xact_lock(${migrationLock})`));
  await client.query(`
    CREATE TABLE IF NOT EXISTS migrations (
      name       text PRIMARY KEY,
      digest     text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const inserted = await client.query(
    'INSERT INTO migrations (name, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [migration.name, migration.digest],
  );
  if (inserted.rowCount === 0) {
    await refuseChanged(client, migration);
    return false;
  }
  await client.query(patiently(migration.sql));
  return true;
}

/** A migration, and the wait for another starter's, may take longer than a statement may elsewhere. */
const patiently = (text: string) => ({ text, query_timeout: patienceMs });

async function refuseChanged(client: PoolClient, { name, digest }: Migration): Promise<void> {
  const { rows } = await client.query<{ digest: string }>(
    'SELECT digest FROM migrations WHERE name = $1',
    [name],
  );
  if (rows[0]?.digest !== digest) throw new OrderlyError('MigrationChanged', { name });
}
