/** What reconciliation keeps: its figures and its findings. Times in milliseconds. */
import type { Pool, PoolClient } from 'pg';
import { moveCheckpoint } from './checkpoint';
import { forgetRepairs } from './notedRepairs';
import { addParity, type Depth, type ParityRow } from './parity';
import { query, transaction } from './pool';

export interface Finding {
  readonly eventId: string;
  readonly verdict: 'repaired' | 'unexplained';
  readonly kpi: string;
  readonly occurrence: string;
  readonly at: number;
  readonly detail: string;
}

/** The totals of the confirmed orders that closed in an hour, in minor units, three times over. */
export interface RevenueRow {
  readonly hour: number;
  readonly currency: string;
  readonly orders: number;
  readonly ledger: bigint;
  readonly temporal: bigint;
  readonly postgres: bigint;
}

/** What came of comparing one span. */
export interface Outcome {
  readonly parity: readonly ParityRow[];
  readonly findings: readonly Finding[];
  /** Ids of events that an earlier comparison could not explain, and this one could. */
  readonly explained: readonly string[];
  readonly revenue: readonly RevenueRow[];
}

/**
 * Moves the checkpoint from the beginning to the end of a span, and adds its figures, which are then to be
 * told; all of it or nothing.
 * @returns false where another process did it first: then its figures hold, and these are dropped
 */
export async function saveStep(
  pool: Pool,
  depth: Depth,
  span: { readonly from: number; readonly to: number },
  outcome: Outcome,
): Promise<boolean> {
  return transaction(pool, async client => {
    const { parity } = outcome;
    if (!(await moveCheckpoint(client, depth, { ...span, parity }))) return false;
    await addParity(client, depth, parity);
    await addRevenue(client, depth, outcome.revenue);
    await client.query(deleteDoubts, [outcome.explained, depth]);
    await insertFindings(client, depth, outcome.findings);
    await forgetRepairs(client, depth, outcome.findings);
    return true;
  });
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
  await query(pool, deleteDoubts, [eventIds, depth]);
}

const isDoubt = `event_id = ANY($1) AND verdict = 'unexplained' AND depth IN ('shallow', $2)`;
const deleteDoubts = `DELETE FROM reconciliation_findings WHERE ${isDoubt}`;

async function addRevenue(client: PoolClient, depth: Depth, rows: readonly RevenueRow[]) {
  await client.query(
    `INSERT INTO revenue_parity AS known (depth, hour, currency, orders, ledger, temporal, postgres)
     SELECT $1, * FROM unnest($2::timestamptz[], $3::text[], $4::bigint[], $5::numeric[], $6::numeric[],
                              $7::numeric[]) AS found (hour, currency)
     ORDER BY hour, currency
     ON CONFLICT (depth, hour, currency) DO UPDATE SET
       orders = known.orders + excluded.orders,
       ledger = known.ledger + excluded.ledger,
       temporal = known.temporal + excluded.temporal,
       postgres = known.postgres + excluded.postgres`,
    [
      depth,
      rows.map(({ hour }) => new Date(hour)),
      rows.map(({ currency }) => currency),
      rows.map(({ orders }) => orders),
      rows.map(({ ledger }) => String(ledger)),
      rows.map(({ temporal }) => String(temporal)),
      rows.map(({ postgres }) => String(postgres)),
    ],
  );
}

/** The newest finding on an event holds. */
async function insertFindings(client: PoolClient, depth: Depth, findings: readonly Finding[]) {
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

/** A refusal as the register holds it. */
export interface RegisteredRefusal {
  readonly originDigest: string;
  readonly kind: string;
  readonly at: number;
  readonly synthetic: boolean;
}

/** The refusals that were noted in the span. */
export async function refusalsNotedIn(
  pool: Pool,
  span: { readonly from: number; readonly to: number },
): Promise<RegisteredRefusal[]> {
  return query<RegisteredRefusal>(
    pool,
    `SELECT origin_digest AS "originDigest", kind, (extract(epoch FROM at) * 1000)::bigint AS at,
            synthetic
     FROM refusals WHERE noted_at >= $1 AND noted_at < $2`,
    [new Date(span.from), new Date(span.to)],
  );
}

/** What each of these orders cost when its stock was reserved, in minor units, by order id. */
export async function reservedTotals(
  pool: Pool,
  orderIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await query<{ orderId: string; total: number }>(
    pool,
    `SELECT order_id AS "orderId", (outcome ->> 'total')::bigint AS total
     FROM reservations WHERE order_id = ANY($1) AND outcome ->> 'total' IS NOT NULL`,
    [orderIds],
  );
  return new Map(rows.map(({ orderId, total }) => [orderId, total]));
}

/** Up to which offset the ledger has dealt with each partition, by `topic/partition`. */
export async function countedOffsets(pool: Pool): Promise<Map<string, number>> {
  const rows = await query<{ place: string; offset: number }>(
    pool,
    `SELECT topic || '/' || partition AS place, next_offset AS offset
     FROM ledger_watermarks JOIN ledger_generations USING (generation) WHERE state = 'live'`,
  );
  return new Map(rows.map(({ place, offset }) => [place, offset]));
}
