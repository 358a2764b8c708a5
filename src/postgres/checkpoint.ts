/** How far the standing reconciliation has come. Times in milliseconds. */
import type { Pool, PoolClient } from 'pg';
import type { Depth, ParityRow } from './parity';
import { query } from './pool';

/** A step that is saved, and may not be told as events yet. */
export interface UntoldStep {
  readonly from: number;
  readonly to: number;
  readonly parity: readonly ParityRow[];
}

export interface Checkpoint {
  /** Until when all is compared; before the first time, since when there is a ledger. */
  readonly comparedUntil: number;
  /** The step that ended there; null where its figures are told. */
  readonly untold: UntoldStep | null;
}

export async function readCheckpoint(pool: Pool, depth: Depth): Promise<Checkpoint> {
  const [row] = await query<{ at: Date; untold: UntoldStep | null }>(
    pool,
    `SELECT coalesce(compared_until, (SELECT min(created_at) FROM ledger_generations)) AS at, untold
     FROM (VALUES ($1)) AS wanted (depth) LEFT JOIN reconciliation_checkpoints USING (depth)`,
    [depth],
  );
  return { comparedUntil: row!.at.getTime(), untold: row!.untold };
}

/**
 * Moves the checkpoint over a step, which is to be told from then on.
 * @returns false where another process did it first
 */
export async function moveCheckpoint(
  client: PoolClient,
  depth: Depth,
  step: UntoldStep,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO reconciliation_checkpoints AS known (depth, compared_until, untold)
     VALUES ($1, $3, $4)
     ON CONFLICT (depth) DO UPDATE
     SET compared_until = excluded.compared_until, untold = excluded.untold
     WHERE known.compared_until = $2`,
    [
      ...[depth, new Date(step.from), new Date(step.to)],
      step.parity.length === 0 ? null : JSON.stringify(step),
    ],
  );
  return rowCount !== 0;
}

/** Forgets what was to be told, unless the checkpoint has moved on since it was read. */
export async function noteTold(
  pool: Pool,
  depth: Depth,
  { comparedUntil }: Checkpoint,
): Promise<void> {
  await query(
    pool,
    `UPDATE reconciliation_checkpoints SET untold = NULL WHERE depth = $1 AND compared_until = $2`,
    [depth, new Date(comparedUntil)],
  );
}
