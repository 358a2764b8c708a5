/** Single events that reconciliation repaired, or could not explain. Times in milliseconds. */
import type { Pool, PoolClient } from 'pg';
import type { Depth } from './parity';
import { query, transaction } from './pool';

export interface Finding {
  readonly eventId: string;
  readonly verdict: 'repaired' | 'unexplained';
  readonly kpi: string;
  readonly occurrence: string;
  readonly at: number;
  readonly detail: string;
}

/** Keeps the findings of a comparison out of turn. */
export async function saveFindings(
  pool: Pool,
  depth: Depth,
  findings: readonly Finding[],
): Promise<void> {
  await transaction(pool, client => insertFindings(client, depth, findings));
}

/** Which of these events are unexplained, by the last finding on each; no deeper ones than this. */
export async function doubtedAmong(
  pool: Pool,
  depth: Depth,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const rows = await query<{ eventId: string }>(
    pool,
    `SELECT event_id AS "eventId" FROM reconciliation_findings WHERE ${isDoubt}`,
    [eventIds, depth],
  );
  return new Set(rows.map(({ eventId }) => eventId));
}

/** Takes the findings on these events back, but for those of a deeper comparison. */
export async function takeBackDoubts(
  pool: Pool,
  depth: Depth,
  eventIds: readonly string[],
): Promise<void> {
  await transaction(pool, client => deleteDoubts(client, depth, eventIds));
}

const isDoubt = `event_id = ANY($1) AND verdict = 'unexplained' AND depth IN ('shallow', $2)`;

/** As `takeBackDoubts`, in a transaction of the caller's. */
export async function deleteDoubts(client: PoolClient, depth: Depth, eventIds: readonly string[]) {
  await client.query(`DELETE FROM reconciliation_findings WHERE ${isDoubt}`, [eventIds, depth]);
}

/** As `saveFindings`, in a transaction of the caller's. The newest finding on an event holds. */
export async function insertFindings(
  client: PoolClient,
  depth: Depth,
  findings: readonly Finding[],
) {
  await client.query(
    `INSERT INTO reconciliation_findings AS known
       (event_id, verdict, kpi, occurrence, at, detail, depth)
     SELECT DISTINCT ON (event_id COLLATE "C") *, $1
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
       AS found (event_id)
     ORDER BY event_id COLLATE "C"
     ON CONFLICT (event_id) DO UPDATE SET
       verdict = excluded.verdict, at = excluded.at, detail = excluded.detail,
       depth = excluded.depth, found_at = now()`,
    [
      depth,
      findings.map(({ eventId }) => eventId),
      findings.map(({ verdict }) => verdict),
      findings.map(({ kpi }) => kpi),
      findings.map(({ occurrence }) => occurrence),
      findings.map(({ at }) => new Date(at)),
      findings.map(({ detail }) => detail),
    ],
  );
}

/**
 * How many events of a version of a KPI are unexplained by the last finding on each, by the number of the
 * window in which they happened; of the windows that have some. The first window begins at `from`.
 */
export async function unexplainedByWindow(
  pool: Pool,
  { name, version }: { readonly name: string; readonly version: number },
  frame: { readonly from: number; readonly until: number; readonly windowMs: number },
): Promise<{ readonly window: number; readonly events: number }[]> {
  // By the beginning of the id, which the primary key finds: ';' follows ':'.
  const [first, end] = [':', ';'].map(sign => `${name}@${version}${sign}`);
  return query(
    pool,
    `SELECT floor((extract(epoch FROM at) * 1000 - $3) / $4)::integer AS "window",
            count(*)::integer AS events
     FROM reconciliation_findings
     WHERE event_id >= $1 AND event_id < $2
       AND verdict = 'unexplained' AND at >= $5 AND at < $6
     GROUP BY 1 ORDER BY 1`,
    [first, end, frame.from, frame.windowMs, new Date(frame.from), new Date(frame.until)],
  );
}
