/** What reconciliation keeps of each step, and reads of what others keep. Times in milliseconds. */
import type { Pool, PoolClient } from 'pg';
import { moveCheckpoint } from './checkpoint';
import { deleteDoubts, type Finding, insertFindings } from './findings';
import { forgetRepairs } from './notedRepairs';
import { addParity, type Depth, type ParityRow } from './parity';
import { query, transaction } from './pool';

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
    await deleteDoubts(client, depth, outcome.explained);
    await insertFindings(client, depth, outcome.findings);
    await forgetRepairs(client, depth, outcome.findings);
    return true;
  });
}

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
