/** The runs that closed in a span of time, from Temporal's visibility, and what a row alone proves. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { decisionEvents } from '../domain/orderAnnouncement';
import { isOutcome, type OrderStatus } from '../domain/orderStatus';
import { orderSearchAttributes } from '../domain/searchAttributes';
import type { Catalogue } from '../kpi/catalogue';
import { type MilestoneReached, occurrenceId, type WorkflowClosed } from '../kpi/occurrence';
import type { Life } from '../postgres/ledgerSurplus';
import type { Run } from './account';
import { certainEvents, type ExpectedEvent } from './expectedEvent';
import { listed, type PacedClient } from './listed';

/** Half-open, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A row of visibility. Times in milliseconds since the epoch. */
export interface ClosedRun extends Run {
  readonly workflowType: string;
  readonly taskQueue: string;
  /** Temporal's name of it: COMPLETED, TERMINATED ... */
  readonly status: string;
  readonly startedAt: number;
  readonly closedAt: number;
  readonly synthetic: boolean;
  /** Absent where the run is no order. `total` in minor units of `currency`. */
  readonly order?: RunOrder;
}

/** What the search attributes of an order tell. */
interface RunOrder {
  readonly status: OrderStatus;
  readonly total?: number;
  readonly currency: string;
  readonly channel: string;
  readonly region: string;
}

/** What of the lives lies in the span: one that went on for weeks would have weeks of events looked at. */
export const clipped = (lives: readonly Life[], { from, to }: Span): Life[] =>
  lives
    .map(life => ({ ...life, from: Math.max(from, life.from), to: Math.min(to, life.to) }))
    .filter(life => life.from < life.to);

/** A run's own time: what happens at its very end is still of it. */
export const lifeOf = ({ workflowId, startedAt, closedAt }: ClosedRun): Life => ({
  workflowId,
  from: startedAt,
  to: closedAt + 1,
});

/** Runs that are compared with one look into the ledger. */
const runsAtOnce = 1_000;

/** The runs on a task queue that closed in the span, so many at once. */
export async function* closedRuns(
  { taskQueue, ...paced }: OfQueue,
  span: Span,
): AsyncGenerator<ClosedRun[]> {
  let page: ClosedRun[] = [];
  for await (const info of listed(paced, closedIn(taskQueue, span))) {
    page.push(closedRun(info));
    if (page.length < runsAtOnce) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** How many these are, more or less. */
export async function countClosedRuns(
  { taskQueue, client, pace }: OfQueue,
  span: Span,
): Promise<number> {
  await pace();
  const { count } = await client.workflow.count(closedIn(taskQueue, span));
  return count;
}

type OfQueue = PacedClient & { readonly taskQueue: string };

const closedIn = (taskQueue: string, { from, to }: Span): string =>
  `TaskQueue = '${taskQueue}' AND CloseTime >= '${iso(from)}' AND CloseTime < '${iso(to)}'`;

const iso = (time: number): string => new Date(time).toISOString();

function closedRun(info: WorkflowExecutionInfo): ClosedRun {
  const attributes = info.typedSearchAttributes;
  const status = attributes.get(orderSearchAttributes.status);
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    workflowType: info.type,
    taskQueue: info.taskQueue,
    status: info.status.name,
    startedAt: info.startTime.getTime(),
    closedAt: info.closeTime?.getTime() ?? info.startTime.getTime(),
    synthetic: info.memo?.synthetic === true,
    ...(status !== undefined && {
      order: {
        status: status as OrderStatus,
        total: attributes.get(orderSearchAttributes.total),
        currency: attributes.get(orderSearchAttributes.currency) ?? '',
        channel: attributes.get(orderSearchAttributes.channel) ?? '',
        region: attributes.get(orderSearchAttributes.region) ?? '',
      },
    }),
  };
}

/** The events that a row proves; undefined where only the history tells. */
export type Proof = readonly ExpectedEvent[] | undefined;

/**
 * The events that a row proves, whatever its history holds. It proves nothing of anything but an order that
 * ran to its decision, nor where a version of what observes decisions took effect meanwhile.
 */
export function provedBy(catalogue: Catalogue, run: ClosedRun): Proof {
  if (run.status === 'CONTINUED_AS_NEW') return [];
  if (run.workflowType === shipmentType && run.status === 'COMPLETED') {
    return certainEvents(catalogue, closings(run, ['shipped', 'failed']));
  }
  const { order } = run;
  const isDecided = run.status === 'COMPLETED' && order !== undefined && isOutcome(order.status);
  if (!isDecided || !isOfOneVersion(catalogue, run)) return undefined;
  return [
    ...certainEvents(catalogue, closings(run, [order.status, order.status])),
    ...announcedBy(order).flatMap(outcome =>
      certainEvents(catalogue, milestones(run, order, outcome)),
    ),
  ];
}

/** Whether the same versions were in force at both ends of the run. */
function isOfOneVersion(catalogue: Catalogue, { startedAt, closedAt }: ClosedRun): boolean {
  const [first, last] = [startedAt, closedAt].map(at => catalogue.observersOf('milestone', at));
  return first!.length === last!.length && first!.every((observer, i) => observer === last![i]);
}

/** A total is published with the confirmation alone, whatever became of the order after it. */
function announcedBy({ status, total }: RunOrder): (keyof typeof decisionEvents)[] {
  const isConfirmed = status === 'confirmed' || status === 'completed' || total !== undefined;
  const isOther = status === 'rejected' || status === 'cancelled';
  return [...(isConfirmed ? ['confirmed' as const] : []), ...(isOther ? [status] : [])];
}

/** The workflow of one parcel, which leaves no mark of its outcome in visibility. */
const shipmentType = 'shipment';

/** Two of each: they differ in all that a row does not tell. */
function closings(
  run: ClosedRun,
  [one, other]: readonly [string, string],
): [WorkflowClosed, WorkflowClosed] {
  const id = occurrenceId.closed(run.workflowId, run.runId);
  const known = { ...commonOf(run), occurrence: 'workflow-closed', id } as const;
  return [
    { ...known, outcome: one, versionAt: run.startedAt, seconds: 0 },
    { ...known, outcome: other, versionAt: run.startedAt, seconds: Number.MAX_VALUE },
  ];
}

function milestones(
  run: ClosedRun,
  { total, currency, channel, region }: RunOrder,
  outcome: keyof typeof decisionEvents,
): [MilestoneReached, MilestoneReached] {
  const name = decisionEvents[outcome];
  const known = {
    ...commonOf(run),
    occurrence: 'milestone',
    id: occurrenceId.milestone(run.workflowId, name),
    name,
    outcome,
    ...{ currency, channel, region },
    ...(outcome === 'confirmed' && total !== undefined && { total }),
  } as const;
  return [
    { ...known, versionAt: run.startedAt, seconds: 0, unknownProducts: 0 },
    {
      ...known,
      versionAt: run.closedAt,
      seconds: Number.MAX_VALUE,
      unknownProducts: Number.MAX_SAFE_INTEGER,
    },
  ];
}

function commonOf({
  workflowId,
  runId,
  workflowType,
  taskQueue,
  synthetic,
  closedAt: at,
}: ClosedRun) {
  return { workflowId, runId, workflowType, taskQueue, synthetic, at };
}
