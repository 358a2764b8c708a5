/**
 * Business reconciliation: what confirmed orders are worth, told three times over. The ledger has it from
 * the announcement, Temporal from the workflow's search attributes, Postgres from the reservation; each
 * order by order, so that two mistakes never cancel out.
 */
import type { Pool } from 'pg';
import type { LedgerLookup } from '../postgres/ledgerLookup';
import { type RevenueRow, reservedTotals } from '../postgres/reconciliation';
import type { ClosedRun, Proof } from './closedRuns';
import { hourOf, type Tally } from './tally';

/** The KPI whose values are the orders' totals. */
const revenueKpi = 'revenue';

export interface RevenueOptions {
  readonly ledger: LedgerLookup;
  readonly pool: Pool;
}

type Sums = { -readonly [K in keyof RevenueRow]: RevenueRow[K] };

interface ConfirmedOrder {
  readonly orderId: string;
  readonly eventId: string;
  readonly currency: string;
  readonly total: number;
  readonly closedAt: number;
}

/** Sums by the hour in which the orders closed, and by currency. Test orders have no part in them. */
export class Revenue {
  private readonly sums = new Map<string, Sums>();

  constructor(private readonly options: RevenueOptions) {}

  get rows(): RevenueRow[] {
    return [...this.sums.values()].sort(
      (a, b) => a.hour - b.hour || (a.currency < b.currency ? -1 : 1),
    );
  }

  /**
   * Adds these runs, with what each of them proves; of an order whose totals differ the finding names all of them. An event that has just
   * been published again counts with the total that it has.
   */
  async add(runs: readonly ClosedRun[], proofs: readonly Proof[], tally: Tally): Promise<void> {
    const orders = runs.flatMap((run, i) => confirmedOrder(run, proofs[i]) ?? []);
    if (orders.length === 0) return;
    const [counted, reserved] = await Promise.all([
      this.options.ledger.find(orders.map(({ eventId }) => eventId)),
      reservedTotals(
        this.options.pool,
        orders.map(({ orderId }) => orderId),
      ),
    ]);
    const repaired = new Set(
      tally.findings.flatMap(({ eventId, verdict }) => (verdict === 'repaired' ? eventId : [])),
    );
    for (const order of orders) {
      const event = counted.get(order.eventId);
      const isCounted = event !== undefined && 'value' in event;
      const ledger = isCounted ? event.value : repaired.has(order.eventId) ? order.total : 0;
      this.sum(order, ledger, reserved.get(order.orderId) ?? 0, tally);
    }
  }

  private sum(order: ConfirmedOrder, ledger: number, postgres: number, tally: Tally): void {
    const { currency, total, closedAt, eventId: id } = order;
    const row = this.rowOf(hourOf(closedAt), currency);
    row.orders++;
    row.ledger += BigInt(Math.round(ledger));
    row.temporal += BigInt(total);
    row.postgres += BigInt(postgres);
    // Where the ledger's differs from Temporal's, the event itself is unexplained already.
    if (postgres === total) return;
    const detail = `minor units of ${currency}: ${ledger} in the ledger, ${total} in Temporal, ${postgres} in Postgres`;
    tally.unexplained({ id, kpi: revenueKpi, occurrence: 'milestone', at: closedAt }, detail);
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
