/** The child workflows of a history, each a step of its parent. */
import type { StepEnd } from './activities';
import type { HistoryEvent, IndexedHistory } from './history';

type Initiated = NonNullable<HistoryEvent['startChildWorkflowExecutionInitiatedEventAttributes']>;

export interface RecordedChild {
  readonly initiated: Initiated;
  /** Absent where the parent's code never learned of its end. */
  readonly end?: StepEnd;
}

export function recordedChildren(history: IndexedHistory): RecordedChild[] {
  const children = new Map<number, { initiated: Initiated; end?: StepEnd }>();
  for (const event of history.events) {
    const initiated = event.startChildWorkflowExecutionInitiatedEventAttributes;
    if (initiated) children.set(Number(event.eventId), { initiated });
    const end = endOf(event);
    const child = children.get(Number(end?.initiatedEventId ?? -1));
    const task = history.deliveryOf(event.eventId);
    if (end && child && task) child.end = { outcome: end.outcome, task };
  }
  return [...children.values()];
}

function endOf(event: HistoryEvent) {
  const completed = event.childWorkflowExecutionCompletedEventAttributes;
  if (completed)
    return { initiatedEventId: completed.initiatedEventId, outcome: 'completed' as const };
  const cancelled = event.childWorkflowExecutionCanceledEventAttributes;
  if (cancelled)
    return { initiatedEventId: cancelled.initiatedEventId, outcome: 'cancelled' as const };
  const failed =
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes ??
    event.startChildWorkflowExecutionFailedEventAttributes;
  return failed
    ? { initiatedEventId: failed.initiatedEventId, outcome: 'failed' as const }
    : undefined;
}
