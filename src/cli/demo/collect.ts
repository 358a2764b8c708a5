/** Collects the figures of a run, each from the place that knows it first-hand. */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { orderWorkflowId } from '../../domain/ids';
import type { OrderOutcome } from '../../domain/orderStatus';
import { orderSearchAttributes } from '../../domain/searchAttributes';
import type { LedgerLookup } from '../../postgres/ledgerLookup';
import { countRegister } from '../../postgres/registerReport';
import { ordersHoldingStock, stockAudit } from '../../postgres/stockAudit';
import type { Figures, Sent } from './sums';
import type { Tally } from './tally';

export interface Sources {
  readonly tally: Tally;
  readonly pool: Pool;
  readonly client: Client;
  readonly ledger: LedgerLookup;
  /** What all order ids of the run begin with. */
  readonly idPrefix: string;
}

export async function collect(sources: Sources, sent: Sent): Promise<Figures> {
  const { tally, pool, client, ledger, idPrefix } = sources;
  const [register, workflows, stock, uncounted] = await Promise.all([
    countRegister(pool, idPrefix),
    countWorkflows(client, idPrefix),
    auditStock(pool, tally, idPrefix),
    uncountedIn(ledger, [...tally.kpiEvents.keys()]),
  ]);
  const conflicts = [...tally.deadLetters.values()].filter(code => code === 'ConflictingOrder');
  return {
    sent,
    topics: {
      received: tally.received.size,
      deadLetters: tally.deadLetters.size,
      conflicts: conflicts.length,
      confirmed: tally.confirmed.size,
      rejected: tally.rejected.size,
      cancelled: tally.cancelled.size,
      latencyEvents: tally.decided.size,
      durationEvents: [...tally.kpiEvents.values()].filter(kpi => kpi === 'order-duration').length,
    },
    register: { orders: register.registered, duplicates: register.refused.DuplicateOrder ?? 0 },
    workflows,
    stock,
    ledger: { uncounted },
  };
}

/** Temporal's names of the ways in which a workflow ends from outside. */
const endedFromOutside = ['Terminated', 'TimedOut', 'Canceled'];

async function countWorkflows(client: Client, idPrefix: string): Promise<Figures['workflows']> {
  const ours = `WorkflowId STARTS_WITH '${orderWorkflowId(idPrefix)}'`;
  const completedAs = async (outcome: OrderOutcome) => {
    const condition = `ExecutionStatus = 'Completed' AND ${orderSearchAttributes.status.name} = '${outcome}'`;
    return (await client.workflow.count(`${ours} AND ${condition}`)).count;
  };
  const [{ count: all, groups }, confirmed, rejected, cancelled] = await Promise.all([
    client.workflow.count(`${ours} GROUP BY ExecutionStatus`),
    completedAs('confirmed'),
    completedAs('rejected'),
    completedAs('cancelled'),
  ]);
  const inStatus = (...names: readonly string[]) =>
    groups
      .filter(({ groupValues: [name] }) => names.includes(String(name)))
      .reduce((sum, { count }) => sum + count, 0);
  return {
    all,
    closed: all - inStatus('Running'),
    confirmed,
    rejected,
    cancelled,
    failed: inStatus('Failed'),
    terminated: inStatus(...endedFromOutside),
  };
}

async function uncountedIn(ledger: LedgerLookup, ids: readonly string[]): Promise<string[]> {
  const found = await ledger.find(ids);
  return ids.filter(id => {
    const event = found.get(id);
    return event === undefined || 'refused' in event;
  });
}

async function auditStock(pool: Pool, tally: Tally, idPrefix: string): Promise<Figures['stock']> {
  const [discrepancies, holders] = await Promise.all([stockAudit(pool), ordersHoldingStock(pool)]);
  const holding = new Set(holders.filter(orderId => orderId.startsWith(idPrefix)));
  const undone = [...tally.rejected.values(), ...tally.cancelled.values()];
  return {
    wronglyReserved: discrepancies
      .filter(({ figure }) => figure !== 'on hand')
      .map(({ subject }) => subject),
    wronglyOnHand: discrepancies
      .filter(({ figure }) => figure === 'on hand')
      .map(({ subject }) => subject),
    missing: [...tally.confirmed.values()].filter(orderId => !holding.has(orderId)),
    wronglyHolding: undone.filter(orderId => holding.has(orderId)),
  };
}
