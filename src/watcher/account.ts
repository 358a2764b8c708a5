/**
 * From what Temporal recorded of a run to the occurrences that must have happened in it, as the
 * interceptors tell them: the same ids, times and fields. A pure function.
 *
 * Of a run that a reset made, only what follows the point of the reset is its own.
 */
import { defaultPayloadConverter } from '@temporalio/common';
import type { History, Payload } from '@temporalio/common/lib/proto-utils';
import { type Announcement, announceActivity } from '../domain/announcement';
import { providerOf } from '../domain/provider';
import { milestoneOf } from '../interceptors/worker/milestone';
import type { ContextHeader, RunContext } from '../interceptors/workflow/context';
import {
  type MilestoneReached,
  type Occurrence,
  occurrenceId,
  type StepEnded,
} from '../kpi/occurrence';
import {
  endOfActivity,
  failuresOf,
  hasRun,
  type PendingActivity,
  type RecordedActivity,
  recordedActivities,
  type StepEnd,
} from './activities';
import { recordedChildren } from './children';
import { closingOf } from './closing';
import { IndexedHistory, timeOf } from './history';

/** One execution of a workflow. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** What Temporal knows of a run. */
export interface Account {
  /** What must have happened. */
  readonly occurrences: readonly Occurrence[];
  /** Milestones that an announcement would have told of which no attempt is recorded. */
  readonly unproved: readonly MilestoneReached[];
  /** Whether the record leaves room for an occurrence of this run that is not among them. */
  mayHave(occurrenceId: string): boolean;
}

const contextHeader: ContextHeader = 'orderly-context';

/** @param pending what `describe` tells of a run that is open */
export function accountOf(
  run: Run,
  recorded: History,
  pending: readonly PendingActivity[] = [],
): Account {
  const history = new IndexedHistory(recorded);
  const facts = factsOf(run, history);
  const activities = recordedActivities(history, pending);
  const unrecorded = activities.filter(activity => hasRun(activity, history) === 'unknown');
  const possible = unrecorded.flatMap(activity => possibleIn(activity, run));
  // A step may begin and be taken back within one task, and a task may be told and then be lost.
  const steps = occurrenceId.step(run.workflowId, run.runId, '');
  return {
    occurrences: [
      ...activities.flatMap(activity => [...activityOccurrences(activity, facts, history)]),
      ...childSteps(facts, history),
      ...closings(facts, history),
    ],
    unproved: unrecorded.flatMap(activity => announcedBy(activity, facts) ?? []),
    mayHave: id => id.startsWith(steps) || possible.some(beginning => id.startsWith(beginning)),
  };
}

/** What all occurrences of a run have in common. */
interface RunFacts extends Run {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly startedAt: number;
  readonly context: RunContext;
}

function factsOf(run: Run, { events }: IndexedHistory): RunFacts {
  const [first] = events;
  const started = first?.workflowExecutionStartedEventAttributes;
  if (first === undefined || !started) throw new RangeError('A history begins with its start');
  const { synthetic, traceparent } = started.memo?.fields ?? {};
  return {
    ...run,
    workflowType: started.workflowType?.name ?? '',
    taskQueue: started.taskQueue?.name ?? '',
    startedAt: timeOf(first),
    context: contextOf({ synthetic: decoded(synthetic), traceparent: decoded(traceparent) }),
  };
}

const decoded = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);

const contextOf = ({ synthetic, traceparent }: Record<string, unknown>): RunContext => ({
  ...(synthetic === true && { synthetic }),
  ...(typeof traceparent === 'string' && { traceparent }),
});

function* activityOccurrences(
  activity: RecordedActivity,
  facts: RunFacts,
  history: IndexedHistory,
): Generator<Occurrence> {
  const { scheduled, event } = activity;
  const stepId = scheduled.activityId ?? '';
  const taskQueue = scheduled.taskQueue?.name ?? '';
  const common = { ...commonOf(facts, headerOf(scheduled)), taskQueue, versionAt: timeOf(event) };
  for (const failed of failuresOf(activity, history)) {
    yield {
      ...common,
      ...failed,
      occurrence: 'attempt-failed',
      id: occurrenceId.attempt(facts.workflowId, facts.runId, stepId, failed.attempt),
      activity: scheduled.activityType?.name ?? '',
    };
  }
  const milestone = announcedBy(activity, facts);
  if (milestone !== undefined && hasRun(activity, history) === 'yes') yield milestone;
  const provider = providerOf(decoded(scheduled.input?.payloads?.[0] ?? undefined));
  const step = { id: stepId, name: scheduled.activityType?.name ?? '', provider };
  const begun = scheduled.workflowTaskCompletedEventId;
  yield* stepEnded(facts, history, step, begun, endOfActivity(activity, history));
}

function announcedBy(
  { scheduled, event }: RecordedActivity,
  { workflowId, runId, workflowType }: RunFacts,
): MilestoneReached | undefined {
  const announcement = announcementOf(scheduled);
  if (announcement === undefined) return undefined;
  const announcing = {
    workflowId,
    runId,
    workflowType,
    taskQueue: scheduled.taskQueue?.name ?? '',
  };
  return milestoneOf(announcing, announcement.milestone, announcement, timeOf(event));
}

function* childSteps(facts: RunFacts, history: IndexedHistory): Generator<StepEnded> {
  for (const { initiated, end } of recordedChildren(history)) {
    const step = { id: initiated.workflowId ?? '', name: initiated.workflowType?.name ?? '' };
    yield* stepEnded(facts, history, step, initiated.workflowTaskCompletedEventId, end);
  }
}

function* stepEnded(
  facts: RunFacts,
  history: IndexedHistory,
  step: { readonly id: string; readonly name: string; readonly provider?: string },
  begunIn: Parameters<IndexedHistory['taskOf']>[0],
  end: StepEnd | undefined,
): Generator<StepEnded> {
  const begun = history.taskOf(begunIn);
  if (begun === undefined || end === undefined || !history.isOwnTask(end.task)) return;
  const { at } = end.task;
  yield {
    ...commonOf(facts, facts.context),
    occurrence: 'step-ended',
    id: occurrenceId.step(facts.workflowId, facts.runId, step.id),
    step: step.name,
    ...(step.provider !== undefined && { provider: step.provider }),
    outcome: end.outcome,
    at,
    seconds: (at - begun.at) / 1000,
  };
}

function* closings(facts: RunFacts, history: IndexedHistory): Generator<Occurrence> {
  const closing = closingOf(history, facts.startedAt);
  if (closing === undefined) return;
  const id = occurrenceId.closed(facts.workflowId, facts.runId);
  yield { ...commonOf(facts, facts.context), ...closing, occurrence: 'workflow-closed', id };
}

function commonOf(facts: RunFacts, { synthetic, traceparent }: RunContext) {
  const { workflowId, runId, workflowType, taskQueue, startedAt: versionAt } = facts;
  return {
    ...{ workflowId, runId, workflowType, taskQueue, versionAt },
    synthetic: synthetic === true,
    ...(traceparent !== undefined && { traceparent }),
  };
}

type Scheduled = RecordedActivity['scheduled'];

function headerOf({ header }: Scheduled): RunContext {
  const context = decoded(header?.fields?.[contextHeader]);
  return typeof context === 'object' && context !== null ? contextOf({ ...context }) : {};
}

type MilestoneAnnouncement = Announcement & Required<Pick<Announcement, 'milestone'>>;

/**
 * What an announcement of a milestone says; undefined for any other activity, and where it can not be read.
 */
function announcementOf({ activityType, input }: Scheduled): MilestoneAnnouncement | undefined {
  if (activityType?.name !== announceActivity) return undefined;
  const payload = input?.payloads?.[0];
  const announcement = decoded(payload) as MilestoneAnnouncement | undefined;
  return announcement?.milestone?.name === undefined ? undefined : announcement;
}

/** Beginnings of the ids of what an activity may have done that no record tells. */
function possibleIn({ scheduled }: RecordedActivity, { workflowId, runId }: Run): string[] {
  const attempts = `${occurrenceId.attempt(workflowId, runId, scheduled.activityId ?? '', 1).slice(0, -1)}`;
  const announcement = announcementOf(scheduled);
  if (announcement === undefined) return [attempts];
  const { name, shipment } = announcement.milestone;
  return [attempts, occurrenceId.milestone(workflowId, name, shipment)];
}
