/** The events that the ledger has, by when they happened and of what: for whoever asks which are too many. */
import type { Pool } from 'pg';
import { liveGeneration } from './ledger';
import type { DimensionValue } from './ledgerSeries';
import { queryPlannedAnew } from './pool';

/** A counted event with its series. `at` in milliseconds since the epoch. */
export interface LedgerEvent {
  readonly id: string;
  readonly at: number;
  readonly value: number;
  readonly kpi: string;
  readonly version: number;
  readonly synthetic: boolean;
  /** Published from Temporal's record, not by the process that saw it happen. */
  readonly reconciled: boolean;
  readonly slice: Readonly<Record<string, DimensionValue>>;
}

/** When a run of a workflow went on: half-open, in milliseconds since the epoch. */
export interface Life {
  readonly workflowId: string;
  readonly from: number;
  readonly to: number;
}

/**
 * What happened within any of these lives to the workflow whose life it is. All events from the first's
 * beginning to the last's end are looked at, so no life should be longer than what is asked about.
 * @param kpi only of this one
 */
export async function eventsWithin(
  pool: Pool,
  lives: readonly Life[],
  kpi: string | null = null,
): Promise<LedgerEvent[]> {
  const span = {
    from: Math.min(...lives.map(({ from }) => from)),
    to: Math.max(...lives.map(({ to }) => to)),
  };
  if (lives.length === 0) return [];
  const condition = `EXISTS (${theirLife}) AND ($7::text IS NULL OR kpi = $7)`;
  return events(pool, span, condition, lives, kpi);
}

/**
 * What happened in the span [from, to), but for what `eventsWithin` tells of these lives, and for the
 * refusals that the register knows.
 * @param refusalKpis names of the KPIs that count refusals
 */
export async function eventsOutside(
  pool: Pool,
  span: { readonly from: number; readonly to: number },
  lives: readonly Life[],
  refusalKpis: readonly string[],
): Promise<LedgerEvent[]> {
  const registered = `SELECT FROM refusals
    WHERE origin_digest = ${workflowOf} AND ${kindOf} = 'refused' AND kpi = ANY($7::text[])`;
  const condition = `NOT EXISTS (${theirLife}) AND NOT EXISTS (${registered})`;
  return events(pool, span, condition, lives, refusalKpis);
}

/** An event id is `<kpi>@<version>:<kind>:<workflow id, or digest of a refusal>:...`. */
const kindOf = `split_part(event_id, ':', 2)`;
const workflowOf = `split_part(event_id, ':', 3)`;

const theirLife = `SELECT FROM unnest($4::text[], $5::timestamptz[], $6::timestamptz[])
      AS life (workflow_id, began, ended)
    WHERE workflow_id = ${workflowOf} AND at >= began AND at < ended
      AND ${kindOf} IN ('attempt', 'step', 'milestone', 'closed')`;

async function events(
  pool: Pool,
  span: { readonly from: number; readonly to: number },
  condition: string,
  lives: readonly Life[],
  kpis: string | null | readonly string[],
): Promise<LedgerEvent[]> {
  return queryPlannedAnew<LedgerEvent>(
    pool,
    `SELECT event_id AS id, (extract(epoch FROM at) * 1000)::bigint AS at, value,
            kpi, version, synthetic, reconciled, slice
     FROM kpi_events JOIN kpi_series USING (series_id)
     WHERE generation = $1 AND at >= $2 AND at < $3 AND ${condition}`,
    [
      await liveGeneration(pool),
      new Date(span.from),
      new Date(span.to),
      lives.map(({ workflowId }) => workflowId),
      lives.map(({ from }) => new Date(from)),
      lives.map(({ to }) => new Date(to)),
      kpis,
    ],
  );
}
