import type { Pool } from 'pg';
import { waitFor } from './waitFor';

/** Waits until one backend of this database is stopped by a lock; answers with its process id. */
export async function backendWaitingForLock(pool: Pool): Promise<number> {
  return await waitFor(async () => {
    const { rows } = await pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.pid;
  }, 'a backend that waits for a lock');
}
