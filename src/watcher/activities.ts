/** The activities of a history: each with the events that belong to it, and what follows from them. */
import type { WorkflowService } from '@temporalio/client';
import { type FailedAttempt, failedAttempts } from './attempts';
import { type HistoryEvent, type IndexedHistory, type Task, timeOf } from './history';
import { millisecondsOf } from './protoTime';

type Description = Awaited<ReturnType<WorkflowService['describeWorkflowExecution']>>;

/** What `describe` tells of an activity that has not ended. */
export type PendingActivity = NonNullable<Description['pendingActivities']>[number];

type Scheduled = NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>;

export interface RecordedActivity {
  /** The event of its schedule. */
  readonly event: HistoryEvent;
  readonly scheduled: Scheduled;
  readonly started?: HistoryEvent;
  /** Completed, failed, timed out or cancelled. */
  readonly ended?: HistoryEvent;
  readonly cancelRequested?: HistoryEvent;
  readonly pending?: PendingActivity;
}

export function recordedActivities(
  { events }: IndexedHistory,
  pending: readonly PendingActivity[],
): RecordedActivity[] {
  const activities = new Map<
    number,
    { -readonly [K in keyof RecordedActivity]: RecordedActivity[K] }
  >();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const still = pending.find(({ activityId }) => activityId === scheduled.activityId);
      activities.set(Number(event.eventId), { event, scheduled, pending: still });
    }
    const started = event.activityTaskStartedEventAttributes;
    const ended = endAttributes(event);
    const cancelled = event.activityTaskCancelRequestedEventAttributes;
    const activity = activities.get(
      Number((started ?? ended ?? cancelled)?.scheduledEventId ?? -1),
    );
    if (activity === undefined) continue;
    if (started) activity.started = event;
    if (ended) activity.ended = event;
    if (cancelled) activity.cancelRequested = event;
  }
  return [...activities.values()];
}

const endAttributes = (event: HistoryEvent) =>
  event.activityTaskCompletedEventAttributes ??
  event.activityTaskFailedEventAttributes ??
  event.activityTaskTimedOutEventAttributes ??
  event.activityTaskCanceledEventAttributes;

/** `yes` where this run began an attempt, `unknown` where one may have begun that nothing records. */
export function hasRun(
  { started, ended, pending }: RecordedActivity,
  history: IndexedHistory,
): 'yes' | 'no' | 'unknown' {
  if (started !== undefined) return history.isOwn(started.eventId) ? 'yes' : 'no';
  if (pending) return (pending.attempt ?? 1) > 1 || pending.lastStartedTime ? 'yes' : 'no';
  // Copied by a reset, or ended between two attempts, by a cancellation or with its run.
  return ended !== undefined && !history.isOwn(ended.eventId) ? 'no' : 'unknown';
}

/** Which of its attempts failed in this run. Those of an activity that ended between two are in no record. */
export function failuresOf(activity: RecordedActivity, history: IndexedHistory): FailedAttempt[] {
  const { event, scheduled, started, ended, pending } = activity;
  const common = { scheduledAt: timeOf(event), retryPolicy: scheduled.retryPolicy };
  const attributes = started?.activityTaskStartedEventAttributes;
  if (started !== undefined && attributes) {
    if (!history.isOwn(started.eventId)) return [];
    const failure =
      ended?.activityTaskFailedEventAttributes ?? ended?.activityTaskTimedOutEventAttributes;
    return failedAttempts({
      ...common,
      attempt: attributes.attempt ?? 1,
      begunBy: timeOf(started),
      failureBefore: attributes.lastFailure,
      ...(failure && { failed: { failure: failure.failure } }),
    });
  }
  if (!pending) return [];
  const begunBy = pending.scheduledTime ?? pending.lastStartedTime;
  return failedAttempts({
    ...common,
    attempt: pending.attempt ?? 1,
    begunBy: begunBy ? millisecondsOf(begunBy) : common.scheduledAt,
    failureBefore: pending.lastFailure,
  });
}

/** How the step ended, and the workflow task in which the workflow's code learned of it. */
export interface StepEnd {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly task: Task;
}

/**
 * The end of the step as the workflow's code saw it; undefined where it never did. Its cancellation ends
 * it at once: every workflow here cancels its activities without waiting for them (TRY_CANCEL).
 */
export function endOfActivity(
  { ended, cancelRequested }: RecordedActivity,
  history: IndexedHistory,
): StepEnd | undefined {
  const request = cancelRequested?.activityTaskCancelRequestedEventAttributes;
  if (request) {
    const task = history.taskOf(request.workflowTaskCompletedEventId);
    return task && { outcome: 'cancelled', task };
  }
  if (ended === undefined) return undefined;
  const task = history.deliveryOf(ended.eventId);
  return task && { outcome: outcomeOf(ended), task };
}

function outcomeOf(ended: HistoryEvent): StepEnd['outcome'] {
  if (ended.activityTaskCompletedEventAttributes) return 'completed';
  const failure = ended.activityTaskFailedEventAttributes?.failure;
  const isCancelled = ended.activityTaskCanceledEventAttributes || failure?.canceledFailureInfo;
  return isCancelled ? 'cancelled' : 'failed';
}
