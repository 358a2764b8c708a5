import type { Pool } from 'pg';
import type { Config } from '../../config';
import { migrate } from '../../postgres/migrate';
import { createPool } from '../../postgres/pool';
import { commandLogger } from './logger';

/** Runs `work` on a database whose tables are up to date. */
export async function withDatabase<T>(
  config: Config,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = createPool(config, commandLogger(config));
  try {
    await migrate(pool);
    return await work(pool);
  } finally {
    await pool.end();
  }
}
