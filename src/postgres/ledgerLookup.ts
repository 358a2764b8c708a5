/** Asking the ledger which events it has, set by set: for whoever holds it against another record. */
import type { Pool } from 'pg';
import { liveGeneration } from './ledger';
import { eventKey } from './ledgerEvents';
import type { DimensionValue } from './ledgerSeries';
import { query } from './pool';

/** An event as it counts. `at` in milliseconds since the epoch. */
export interface CountedEvent {
  readonly at: number;
  readonly value: number;
  /** Its type of failure is not known. */
  readonly provisional: boolean;
  readonly synthetic: boolean;
  readonly slice: Readonly<Record<string, DimensionValue>>;
}

/** An event that the ledger did not take: the code of the reason. */
export interface RefusedByLedger {
  readonly refused: string;
}

export interface LedgerEventId {
  readonly id: string;
  readonly at: number;
}

type Series = Pick<CountedEvent, 'synthetic' | 'slice'>;

/** So many ids that a round trip is cheap, and so few that the answer is no load. */
const idsAtOnce = 5_000;

export class LedgerLookup {
  /** Series are only ever added, and bounded in number. */
  private readonly series = new Map<number, Series>();

  constructor(private readonly pool: Pool) {}

  /** What the ledger has under each of these ids; nothing for those that it never met. */
  async find(ids: readonly string[]): Promise<Map<string, CountedEvent | RefusedByLedger>> {
    const generation = await liveGeneration(this.pool);
    const found = new Map<string, CountedEvent | RefusedByLedger>();
    for (let first = 0; first < ids.length; first += idsAtOnce) {
      const byKey = new Map(ids.slice(first, first + idsAtOnce).map(id => [eventKey(id), id]));
      await this.findCounted(generation, byKey, found);
      await this.findRefused(generation, byKey, found);
    }
    return found;
  }

  /** The events of these workflows whose time lies in the span (milliseconds since the epoch). */
  async eventsOf(
    workflowIds: readonly string[],
    from: number,
    to: number,
  ): Promise<LedgerEventId[]> {
    return this.events(
      `${workflowOf} = ANY($4) AND ${kindOf} IN (${kindsOfWorkflows})`,
      from,
      to,
      workflowIds,
    );
  }

  /** The events whose time lies in the span, of all workflows but these. */
  async eventsOfOthers(
    workflowIds: readonly string[],
    from: number,
    to: number,
  ): Promise<(LedgerEventId & { readonly workflowId: string })[]> {
    const events = await this.events(
      `${kindOf} IN (${kindsOfWorkflows}) AND NOT EXISTS (
         SELECT FROM unnest($4::text[]) AS known (workflow_id) WHERE workflow_id = ${workflowOf}
       )`,
      from,
      to,
      workflowIds,
    );
    return events.map(event => ({ ...event, workflowId: event.id.split(':')[2]! }));
  }

  /** The events of refusals, in the span, that the register of refusals knows nothing of. */
  async refusalsUnregistered(from: number, to: number): Promise<LedgerEventId[]> {
    return this.events(
      `${kindOf} = ANY($4) AND NOT EXISTS (
         SELECT FROM refusals WHERE origin_digest = ${workflowOf}
       )`,
      from,
      to,
      ['refused'],
    );
  }

  private async events(
    condition: string,
    from: number,
    to: number,
    names: readonly string[],
  ): Promise<LedgerEventId[]> {
    return query<LedgerEventId>(
      this.pool,
      `SELECT event_id AS id, (extract(epoch FROM at) * 1000)::bigint AS at FROM kpi_events
       WHERE generation = $1 AND at >= $2 AND at < $3 AND ${condition}`,
      [await liveGeneration(this.pool), new Date(from), new Date(to), names],
    );
  }

  private async findCounted(
    generation: number,
    byKey: ReadonlyMap<string, string>,
    found: Map<string, CountedEvent | RefusedByLedger>,
  ): Promise<void> {
    const rows = await query<Row>(
      this.pool,
      `SELECT replace(event_key::text, '-', '') AS key, value, provisional, series_id AS "seriesId",
              (extract(epoch FROM at) * 1000)::bigint AS at
       FROM counted_events WHERE generation = $1 AND event_key = ANY($2::uuid[])`,
      [generation, [...byKey.keys()]],
    );
    await this.learn(rows.map(({ seriesId }) => seriesId));
    for (const { key, seriesId, at, value, provisional } of rows) {
      found.set(byKey.get(key)!, { at, value, provisional, ...this.series.get(seriesId)! });
    }
  }

  private async findRefused(
    generation: number,
    byKey: ReadonlyMap<string, string>,
    found: Map<string, CountedEvent | RefusedByLedger>,
  ): Promise<void> {
    const missing = [...byKey].filter(([, id]) => !found.has(id)).map(([key]) => key);
    if (missing.length === 0) return;
    const rows = await query<{ key: string; reason: string }>(
      this.pool,
      `SELECT replace(event_key::text, '-', '') AS key, reason
       FROM refused_events WHERE generation = $1 AND event_key = ANY($2::uuid[])`,
      [generation, missing],
    );
    for (const { key, reason } of rows) found.set(byKey.get(key)!, { refused: reason });
  }

  private async learn(seriesIds: readonly number[]): Promise<void> {
    const unknown = [...new Set(seriesIds)].filter(id => !this.series.has(id));
    if (unknown.length === 0) return;
    const rows = await query<Series & { seriesId: number }>(
      this.pool,
      `SELECT series_id AS "seriesId", synthetic, slice FROM kpi_series WHERE series_id = ANY($1)`,
      [unknown],
    );
    for (const { seriesId, ...series } of rows) this.series.set(seriesId, series);
  }
}

interface Row extends Pick<CountedEvent, 'at' | 'value' | 'provisional'> {
  readonly key: string;
  readonly seriesId: number;
}

/** An event id is `<kpi>@<version>:<kind>:<workflow id, or digest of a refusal>:...`. */
const kindOf = `split_part(event_id, ':', 2)`;
const workflowOf = `split_part(event_id, ':', 3)`;
const kindsOfWorkflows = `'attempt', 'step', 'milestone', 'closed'`;
