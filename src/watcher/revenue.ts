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
import type { Accounts } from './accounts';
import { type ClosedRun, clipped, type Proof, type Span } from './closedRuns';
import {
  type Confirmation,
  type ConfirmedOrder,
  confirmedOrder,
  revenueKpi,
} from './confirmedOrder';
import { ledgerHorizon } from './horizon';
import type { Surplus } from './surplus';
import { hourOf, type Tally } from './tally';

export interface RevenueOptions {
  readonly catalogue: Catalogue;
  readonly ledger: LedgerLookup;
  readonly pool: Pool;
  readonly accounts: Pick<Accounts, 'lastConfirmed'>;
  /** How long the ledger takes events, in milliseconds. */
  readonly keepMs: number;
  /** Resolves once the ledger has counted all that is published by now. */
  readonly untilCounted: () => Promise<void>;
}

type Sums = { -readonly [K in keyof RevenueRow]: RevenueRow[K] };

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

  /**
   * Notes the confirmed orders among these runs, by what each row proves or else its history tells.
   * @param confirmations of the histories that were read, by run id
   */
  note(
    runs: readonly ClosedRun[],
    proofs: readonly Proof[],
    confirmations: ReadonlyMap<string, Confirmation>,
  ): void {
    const orders = runs.flatMap(
      (run, i) => confirmedOrder(run, proofs[i], confirmations.get(run.runId)) ?? [],
    );
    this.orders.push(...orders);
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
    const [orders, counted, reserved] = await Promise.all([
      this.withoutReset(),
      ledger.find(this.orders.map(({ eventId }) => eventId)),
      reservedTotals(
        pool,
        this.orders.map(({ orderId }) => orderId),
      ),
    ]);
    for (const order of orders) {
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

  /** But for those that a reset took up again: they are added up when the run that it made closes. */
  private async withoutReset(): Promise<ConfirmedOrder[]> {
    const unproved = this.orders.filter(({ isProved }) => !isProved);
    const last = await this.options.accounts.lastConfirmed(
      unproved.map(({ workflowId }) => workflowId),
    );
    return this.orders.filter(
      ({ isProved, workflowId, runId }) => isProved || (last.get(workflowId) ?? runId) === runId,
    );
  }

  private addOrder(order: ConfirmedOrder, event: Counted | undefined, postgres: number): void {
    const { currency, total, closedAt, eventId: id } = order;
    if (event === undefined && !this.mustBeCounted(order)) return;
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

  /** Not where it may never have been announced, nor where the ledger has forgotten by now. */
  private mustBeCounted({ confirmation }: ConfirmedOrder): boolean {
    if (confirmation === undefined) return true;
    return confirmation.isAnnounced && confirmation.at >= ledgerHorizon(this.options.keepMs);
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
