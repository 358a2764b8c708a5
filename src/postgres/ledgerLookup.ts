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

/** An event that the ledger never took: the code of the reason that it gave last. */
export interface RefusedByLedger {
  readonly refused: string;
}

type Series = Pick<CountedEvent, 'synthetic' | 'slice'>;

/** So many ids that a round trip is cheap, and so few that the answer is no load. */
const idsAtOnce = 5_000;

export class LedgerLookup {
  /** Series are only ever added, and bounded in number. */
  private readonly series = new Map<number, Series>();

  constructor(private readonly pool: Pool) {}

  /**
   * What the ledger has under each of these ids; nothing for those that it never met. What it counted holds,
   * though it refused the event before or after that.
   */
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
