/** Which of the runs that closed are confirmed orders, and what each is worth; pure. */
import type { Catalogue } from '../kpi/catalogue';
import { derive } from '../kpi/derive';
import type { Account, Run } from './account';
import type { ClosedRun, Proof } from './closedRuns';

/** The KPI whose values are the orders' totals. */
export const revenueKpi = 'revenue';

/** The confirmation of an order, as its history tells it. */
export interface Confirmation {
  readonly eventId: string;
  readonly currency: string;
  /** In minor units. */
  readonly total: number;
  readonly at: number;
  readonly synthetic: boolean;
  /** Whether an attempt to announce it is on record. Without one only the ledger knows whether it was told. */
  readonly isAnnounced: boolean;
}

export interface ConfirmedOrder extends Run {
  readonly orderId: string;
  readonly eventId: string;
  readonly currency: string;
  readonly total: number;
  readonly closedAt: number;
  /** Whether its row proves it. */
  readonly isProved: boolean;
  /** Absent where only the row was read. */
  readonly confirmation?: Confirmation;
}

/** Undefined where the run confirmed no order, or nothing counts that. */
export function confirmationIn(
  catalogue: Catalogue,
  { occurrences, unproved }: Account,
): Confirmation | undefined {
  const told = occurrences.map(occurrence => ({ occurrence, isAnnounced: true }));
  const possible = unproved.map(occurrence => ({ occurrence, isAnnounced: false }));
  for (const { occurrence, isAnnounced } of [...told, ...possible]) {
    if (occurrence.occurrence !== 'milestone') continue;
    const event = derive(catalogue, occurrence, '').find(({ data }) => data.kpi === revenueKpi);
    if (event === undefined) continue;
    const { currency, at, synthetic } = occurrence;
    return { eventId: event.id, currency, total: event.data.value, at, synthetic, isAnnounced };
  }
  return undefined;
}

/** By its row; by its history where that proves nothing of it. A test order is none. */
export function confirmedOrder(
  { order, workflowId, runId, closedAt, synthetic }: ClosedRun,
  proof: Proof,
  confirmation: Confirmation | undefined,
): ConfirmedOrder | undefined {
  const orderId = workflowId.replace(/^order-/, '');
  const common = { workflowId, runId, orderId, closedAt, confirmation };
  const event = proof?.find(({ kpi }) => kpi === revenueKpi);
  if (event !== undefined && order?.total !== undefined) {
    const { currency, total } = order;
    if (synthetic) return undefined;
    return { ...common, eventId: event.id, currency, total, isProved: true };
  }
  if (confirmation === undefined || confirmation.synthetic) return undefined;
  const { eventId, currency, total } = confirmation;
  return { ...common, eventId, currency, total, isProved: false };
}
