/** How many occurrences the ledger had as Temporal has them, by the hour. Times in milliseconds. */
import type { Pool, PoolClient } from 'pg';
import { query } from './pool';

/** `shallow`: by what visibility says of closed runs; `deep`: by every history. */
export type Depth = 'shallow' | 'deep';

export interface ParityRow {
  /** Its start. */
  readonly hour: number;
  readonly kpi: string;
  /** The kind. */
  readonly occurrence: string;
  readonly matched: number;
  readonly repaired: number;
  readonly unexplained: number;
}

export type Parity = Pick<ParityRow, 'matched' | 'repaired' | 'unexplained'>;

/** What the standing comparison came to over all time. */
export async function readParity(pool: Pool, depth: Depth): Promise<Parity> {
  const [row] = await query<Parity>(
    pool,
    `SELECT coalesce(sum(matched), 0)::bigint AS matched,
            coalesce(sum(repaired), 0)::bigint AS repaired,
            coalesce(sum(unexplained), 0)::bigint AS unexplained
     FROM kpi_parity WHERE depth = $1`,
    [depth],
  );
  return row!;
}

/** Adds to what was compared before. */
export async function addParity(
  client: PoolClient,
  depth: Depth,
  rows: readonly ParityRow[],
): Promise<void> {
  await client.query(
    `INSERT INTO kpi_parity AS known (depth, hour, kpi, occurrence, matched, repaired, unexplained)
     SELECT $1, * FROM unnest($2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
                              $7::bigint[]) AS found (hour, kpi, occurrence)
     ORDER BY hour, kpi COLLATE "C", occurrence
     ON CONFLICT (depth, hour, kpi, occurrence) DO UPDATE SET
       matched = known.matched + excluded.matched,
       repaired = known.repaired + excluded.repaired,
       unexplained = known.unexplained + excluded.unexplained`,
    [
      depth,
      rows.map(({ hour }) => new Date(hour)),
      rows.map(({ kpi }) => kpi),
      rows.map(({ occurrence }) => occurrence),
      rows.map(({ matched }) => matched),
      rows.map(({ repaired }) => repaired),
      rows.map(({ unexplained }) => unexplained),
    ],
  );
}
