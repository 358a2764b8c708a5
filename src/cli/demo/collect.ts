/** Collects the figures of a run, each from the place that knows it first-hand. */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { orderWorkflowId, shipmentWorkflowId } from '../../domain/ids';
import type { OrderOutcome, OrderStatus } from '../../domain/orderStatus';
import { orderSearchAttributes } from '../../domain/searchAttributes';
import type { LedgerLookup } from '../../postgres/ledgerLookup';
import { countRegister } from '../../postgres/registerReport';
import {
  countShippedParcels,
  ordersHoldingStock,
  type StockDiscrepancy,
  stockAudit,
} from '../../postgres/stockAudit';
import { type Books, readBooks } from '../partners/books';
import { handledSince, moneySince } from './books';
import { demoCurrency } from './products';
import type { Session } from './session';
import type { Figures, Sent } from './sums';
import type { Tally } from './tally';

/** @param before the partners' books when the run began */
export async function collect(session: Session, sent: Sent, before: Books): Promise<Figures> {
  const { tally, pool, ledger, idPrefix, temporal } = session;
  const [register, workflows, shipments, stock, uncounted, books] = await Promise.all([
    countRegister(pool, idPrefix),
    countWorkflows(temporal.client, idPrefix),
    countShipments(temporal.client, idPrefix),
    auditStock(pool, idPrefix),
    uncountedIn(ledger, [...tally.kpiEvents.keys()]),
    readBooks(session.config),
  ]);
  return {
    sent,
    topics: topicFigures(tally),
    register: { orders: register.registered, duplicates: register.refused.DuplicateOrder ?? 0 },
    workflows,
    shipments,
    stock,
    money: moneySince(before, books, demoCurrency),
    handled: handledSince(before, books),
    ledger: { uncounted },
  };
}

function topicFigures(tally: Tally): Figures['topics'] {
  const having = (all: ReadonlyMap<string, string>, wanted: string) =>
    [...all.values()].filter(value => value === wanted).length;
  return {
    received: tally.received.size,
    deadLetters: tally.deadLetters.size,
    conflicts: having(tally.deadLetters, 'ConflictingOrder'),
    confirmed: tally.confirmed.size,
    rejected: tally.rejected.size,
    cancelled: tally.cancelled.size,
    cancelledAfterConfirmation: tally.cancelledAfterConfirmation,
    backOrdered: tally.backOrdered.size,
    shipped: tally.shipped.size,
    shippedValue: tally.shippedValue,
    shipmentsFailed: having(tally.notices, 'shipment-failed'),
    latencyEvents: tally.decided.size,
    durationEvents: having(tally.kpiEvents, 'order-duration'),
    backOrderEvents: having(tally.kpiEvents, 'back-orders'),
    shipmentEvents: having(tally.kpiEvents, 'shipment-duration'),
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
  const [{ count: all, groups }, completed, rejected, cancelled, partlyFailed] = await Promise.all([
    client.workflow.count(`${ours} GROUP BY ExecutionStatus`),
    completedAs('completed'),
    completedAs('rejected'),
    completedAs('cancelled'),
    completedAs('failed'),
  ]);
  return {
    all,
    closed: all - inStatus(groups, 'Running'),
    completed,
    rejected,
    cancelled,
    partlyFailed,
    failed: inStatus(groups, 'Failed'),
    terminated: inStatus(groups, ...endedFromOutside),
  };
}

async function countShipments(client: Client, idPrefix: string): Promise<Figures['shipments']> {
  const ours = `WorkflowId STARTS_WITH '${shipmentPrefix(idPrefix)}'`;
  const { count: all, groups } = await client.workflow.count(`${ours} GROUP BY ExecutionStatus`);
  return { all, closed: all - inStatus(groups, 'Running') };
}

/** What the ids of the workflows of all parcels of these orders begin with. */
const shipmentPrefix = (idPrefix: string) => shipmentWorkflowId(idPrefix, '').replace(/-$/, '');

type Groups = Awaited<ReturnType<Client['workflow']['count']>>['groups'];

const inStatus = (groups: Groups, ...names: readonly string[]): number =>
  groups
    .filter(({ groupValues: [name] }) => names.includes(String(name)))
    .reduce((sum, { count }) => sum + count, 0);

async function uncountedIn(ledger: LedgerLookup, ids: readonly string[]): Promise<string[]> {
  const found = await ledger.find(ids);
  return ids.filter(id => {
    const event = found.get(id);
    return event === undefined || 'refused' in event;
  });
}

async function auditStock(pool: Pool, idPrefix: string): Promise<Figures['stock']> {
  const [discrepancies, holders, shipped] = await Promise.all([
    stockAudit(pool),
    ordersHoldingStock(pool),
    countShippedParcels(pool, idPrefix),
  ]);
  const about = (...figures: readonly StockDiscrepancy['figure'][]) =>
    discrepancies.filter(({ figure }) => figures.includes(figure)).map(({ subject }) => subject);
  return {
    wronglyReserved: about('reserved', 'holding'),
    wronglyOnHand: about('on hand'),
    wronglyWaiting: about('back-ordered', 'covered', 'coverable', 'waiting'),
    holding: holders.filter(orderId => orderId.startsWith(idPrefix)),
    shipped,
  };
}

/** How many orders are at rest somewhere before their end. */
export interface OpenOrders {
  readonly awaitingApproval: number;
  readonly backOrdered: number;
  readonly inPicking: number;
}

export async function countOpen(client: Client): Promise<OpenOrders> {
  const openAs = async (status: OrderStatus) => {
    const condition = `ExecutionStatus = 'Running' AND ${orderSearchAttributes.status.name} = '${status}'`;
    return (await client.workflow.count(condition)).count;
  };
  const [awaitingApproval, backOrdered, inPicking] = await Promise.all([
    openAs('awaiting-approval'),
    openAs('back-ordered'),
    openAs('confirmed'),
  ]);
  return { awaitingApproval, backOrdered, inPicking };
}
