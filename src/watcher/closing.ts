/** How and when a run closed, from its history. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowClosed } from '../kpi/occurrence';
import { type HistoryEvent, type IndexedHistory, timeOf } from './history';

/** Of a run that no code of ours brought to its end, only Temporal knows. */
export const endedFromOutside = { terminated: 'terminated', timedOut: 'timed-out' } as const;

/** Undefined while the run is open, and where it continued as new. */
export function closingOf(
  history: IndexedHistory,
  startedAt: number,
): Pick<WorkflowClosed, 'outcome' | 'at' | 'seconds'> | undefined {
  for (const event of history.events) {
    const closing = closingIn(event, history);
    if (closing === undefined) continue;
    // The end may be told by a worker's clock, the start by the server's.
    return { ...closing, seconds: Math.max(0, closing.at - startedAt) / 1000 };
  }
  return undefined;
}

function closingIn(
  event: HistoryEvent,
  history: IndexedHistory,
): Pick<WorkflowClosed, 'outcome' | 'at'> | undefined {
  const completed = event.workflowExecutionCompletedEventAttributes;
  const failed = event.workflowExecutionFailedEventAttributes;
  const cancelled = event.workflowExecutionCanceledEventAttributes;
  const byCode = completed ?? failed ?? cancelled;
  if (byCode) {
    const at = history.taskOf(byCode.workflowTaskCompletedEventId)?.at ?? timeOf(event);
    if (!completed) return { outcome: failed ? 'failed' : 'cancelled', at };
    const { outcome = 'completed', endedAt = at } = saidBy(completed);
    return { outcome, at: endedAt };
  }
  if (event.workflowExecutionTerminatedEventAttributes) {
    return { outcome: endedFromOutside.terminated, at: timeOf(event) };
  }
  if (event.workflowExecutionTimedOutEventAttributes) {
    return { outcome: endedFromOutside.timedOut, at: timeOf(event) };
  }
  return undefined;
}

/** A workflow that says how and when it ended is believed, as by the interceptors. */
function saidBy({
  result,
}: NonNullable<HistoryEvent['workflowExecutionCompletedEventAttributes']>): {
  readonly outcome?: string;
  readonly endedAt?: number;
} {
  const payload = result?.payloads?.[0];
  const answer: unknown = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
  if (typeof answer !== 'object' || answer === null) return {};
  const outcome: unknown = Reflect.get(answer, 'outcome');
  const endedAt = Date.parse(String(Reflect.get(answer, 'endedAt')));
  return {
    ...(typeof outcome === 'string' && { outcome }),
    ...(!Number.isNaN(endedAt) && { endedAt }),
  };
}
