/** Whether the servers that a role needs answer: what `/readyz` says. */
import type { NativeConnection } from '@temporalio/worker';
import type { Pool } from 'pg';
import { messageOf } from '../errors';
import { query } from '../postgres/pool';

const patienceMs = 2_000;

/** The servers that do not answer now, each with the reason. */
export async function serverTroubles({
  pool,
  temporal,
}: {
  readonly pool: Pool;
  readonly temporal?: NativeConnection;
}): Promise<string[]> {
  const troubles = await Promise.all([
    probe('Postgres', query(pool, 'SELECT 1')),
    temporal && probe('Temporal', temporal.workflowService.getSystemInfo({})),
  ]);
  return troubles.filter(trouble => trouble !== undefined);
}

async function probe(server: string, answer: Promise<unknown>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([answer, silence]);
    return undefined;
  } catch (thrown) {
    return `${server}: ${messageOf(thrown)}`;
  } finally {
    clearTimeout(timer);
  }
}
