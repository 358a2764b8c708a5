/**
 * Business reconciliation: what confirmed orders are worth, told three times over. The ledger has it from
 * the announcement, Temporal from the workflow's search attributes, Postgres from the reservation; each
 * order by order, so that two mistakes never cancel out. The ledger's column is what it really counts,
 * whether an order explains it or not.
 */
import type { Pool } from 'pg';
import type { Catalogue } from '../kpi/catalogue';
import type { CountedEvent, LedgerLookup } from '../postgres/ledgerLookup';
import { eventsWithin, type LedgerEvent, type Life } from '../postgres/ledgerSurplus';
import { type RevenueRow, reservedTotals } from '../postgres/reconciliation';
import type { ClosedRun, Proof, Span } from './closedRuns';
import type { Surplus } from './surplus';
import { hourOf, type Tally } from './tally';

/** The KPI whose values are the orders' totals. */
const revenueKpi = 'revenue';

export interface RevenueOptions {
  readonly catalogue: Catalogue;
  readonly ledger: LedgerLookup;
  readonly pool: Pool;
  /** Resolves once the ledger has counted all that is published by now. */
  readonly untilCounted: () => Promise<void>;
}

type Sums = { -readonly [K in keyof RevenueRow]: RevenueRow[K] };

interface ConfirmedOrder {
  readonly orderId: string;
  readonly eventId: string;
  readonly currency: string;
  readonly total: number;
  readonly closedAt: number;
}

type Counted = Pick<CountedEvent, 'value' | 'synthetic' | 'slice'>;

/** Sums by the hour in which the orders closed, and by currency. Test orders have no part in them. */
export class Revenue {
  private readonly orders: ConfirmedOrder[] = [];
  private readonly sums = new Map<string, Sums>();

  constructor(
    private readonly options: RevenueOptions,
    private readonly tally: Tally,
  ) {}

  get rows(): RevenueRow[] {
    return [...this.sums.values()].sort(
      (a, b) => a.hour - b.hour || (a.currency < b.currency ? -1 : 1),
    );
  }

  /** Notes the confirmed orders among these runs, by what each run proves. */
  note(runs: readonly ClosedRun[], proofs: readonly Proof[]): void {
    this.orders.push(...runs.flatMap((run, i) => confirmedOrder(run, proofs[i]) ?? []));
  }

  /**
   * Adds up what was noted, and whatever else of this KPI the ledger has in the span: of these lives, or
   * of nobody's. An event that no order explains is named, and counts in the hour and currency of its own.
   */
  async add(span: Span, lives: readonly Life[], surplus: Surplus): Promise<void> {
    const { ledger, pool, untilCounted } = this.options;
    const isRepair = ({ verdict, kpi }: Tally['findings'][number]) =>
      verdict === 'repaired' && kpi === revenueKpi;
    if (this.tally.findings.some(isRepair)) await untilCounted();
    const [counted, reserved] = await Promise.all([
      ledger.find(this.orders.map(({ eventId }) => eventId)),
      reservedTotals(
        pool,
        this.orders.map(({ orderId }) => orderId),
      ),
    ]);
    for (const order of this.orders) {
      const event = counted.get(order.eventId);
      const isCounted = event !== undefined && 'value' in event;
      this.addOrder(order, isCounted ? event : undefined, reserved.get(order.orderId) ?? 0);
    }
    const others = (await eventsWithin(pool, clipped(lives, span), revenueKpi)).filter(
      event => !counted.has(event.id) && !event.synthetic && this.isInForce(event),
    );
    await surplus.nameUnrecorded(others);
    const named = [...surplus.named.values()].filter(
      ({ id, kpi }) => kpi === revenueKpi && !counted.has(id),
    );
    for (const event of new Map([...others, ...named].map(each => [each.id, each])).values()) {
      this.addCounted(event.at, event);
    }
  }

  private addOrder(order: ConfirmedOrder, event: Counted | undefined, postgres: number): void {
    const { currency, total, closedAt, eventId: id } = order;
    const row = this.rowOf(hourOf(closedAt), currency);
    row.orders++;
    row.temporal += BigInt(total);
    row.postgres += BigInt(postgres);
    if (event !== undefined) this.addCounted(closedAt, event);
    // Where the ledger's differs from Temporal's, the event itself is unexplained already.
    if (postgres === total) return;
    const detail = `minor units of ${currency}: ${event?.value ?? 0} in the ledger, ${total} in Temporal, ${postgres} in Postgres`;
    this.tally.unexplained({ id, kpi: revenueKpi, occurrence: 'milestone', at: closedAt }, detail);
  }

  /** Under the currency with which it counts, whatever the order's is. */
  private addCounted(at: number, { value, synthetic, slice }: Counted): void {
    if (synthetic) return;
    this.rowOf(hourOf(at), String(slice.currency ?? '')).ledger += BigInt(Math.round(value));
  }

  /** Versions beside the one in force count the same orders once more. */
  private isInForce({ version, at }: LedgerEvent): boolean {
    return this.options.catalogue.inForce(revenueKpi, at)?.version === version;
  }

  private rowOf(hour: number, currency: string): Sums {
    const key = `${hour} ${currency}`;
    const known = this.sums.get(key);
    if (known !== undefined) return known;
    const row = { hour, currency, orders: 0, ledger: 0n, temporal: 0n, postgres: 0n };
    this.sums.set(key, row);
    return row;
  }
}

/** What of the lives lies in the span: one that went on for weeks would have weeks of events looked at. */
const clipped = (lives: readonly Life[], { from, to }: Span): Life[] =>
  lives
    .map(life => ({ ...life, from: Math.max(from, life.from), to: Math.min(to, life.to) }))
    .filter(life => life.from < life.to);

function confirmedOrder(
  { order, workflowId, closedAt, synthetic }: ClosedRun,
  proof: Proof,
): ConfirmedOrder | undefined {
  const event = proof?.find(({ kpi }) => kpi === revenueKpi);
  if (event === undefined || order?.total === undefined || synthetic) return undefined;
  const orderId = workflowId.replace(/^order-/, '');
  const { currency, total } = order;
  return { orderId, eventId: event.id, currency, total, closedAt };
}
