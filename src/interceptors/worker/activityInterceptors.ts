/** Captures what happens to activity attempts: failed ones, lost ones, and the milestones announced. */
import {
  CancelledFailure,
  CompleteAsyncError,
  type Context,
  type Info,
} from '@temporalio/activity';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { type Announcement, announceActivity } from '../../domain/announcement';
import type { Catalogue } from '../../kpi/catalogue';
import {
  type AttemptFailed,
  type MilestoneReached,
  type Occurrence,
  occurrenceId,
} from '../../kpi/occurrence';
import type { ContextHeader, RunContext } from '../workflow/context';
import { failureName, namedFailure } from './failureName';
import { milestoneOf } from './milestone';

const contextHeader: ContextHeader = 'orderly-context';

/** Describes what occurred; capture calls it and survives what it throws. */
export type Describe = () => Occurrence;

/** @param occurred takes what was captured; it must neither throw nor wait. */
export const activityInterceptors =
  (catalogue: Catalogue, occurred: (describe: Describe) => void): ActivityInterceptorsFactory =>
  ({ info, cancellationSignal }: Context) => {
    const announces = info.activityType === announceActivity;
    const attempts = catalogue.observes('attempt-failed', info.activityType);
    if (!announces && !attempts) return {};
    const execute: ActivityInboundCallsInterceptor['execute'] = async (input, next) => {
      if (attempts && info.attempt > 1) occurred(() => lostAttempt(info, input.headers));
      if (announces) milestone(info, input.args[0] as Announcement | undefined, occurred);
      try {
        return await next(input);
      } catch (thrown) {
        if (attempts && isFailure(thrown, cancellationSignal)) {
          occurred(() => failedAttempt(info, input.headers, thrown));
          throw namedFailure(thrown);
        }
        throw thrown;
      }
    };
    return { inbound: { execute } };
  };

/** A cancelled attempt was stopped, and one that completes elsewhere has only handed over. */
const isFailure = (thrown: unknown, { aborted }: AbortSignal): boolean =>
  !(thrown instanceof CompleteAsyncError) &&
  !(aborted && (thrown instanceof CancelledFailure || isAbortError(thrown)));

function failedAttempt(info: Info, headers: Headers, thrown: unknown): AttemptFailed {
  const { attempt, currentAttemptScheduledTimestampMs: at } = info;
  return { ...attemptOf(info, headers, attempt), at, failure: failureName(thrown) };
}

/**
 * That this attempt runs proves that the one before it did not succeed. How it ended is known only if its
 * worker lived to tell, and that event, of the same id, replaces this one. Its time is not known either:
 * the schedule of this attempt is the nearest bound.
 */
function lostAttempt(info: Info, headers: Headers): AttemptFailed {
  const at = info.currentAttemptScheduledTimestampMs;
  return { ...attemptOf(info, headers, info.attempt - 1), at, failure: 'unknown' };
}

function attemptOf(info: Info, headers: Headers, attempt: number) {
  const { workflowId, runId } = execution(info);
  const { synthetic = false, traceparent } = contextOf(headers);
  return {
    occurrence: 'attempt-failed',
    id: occurrenceId.attempt(workflowId, runId, info.activityId, attempt),
    versionAt: info.scheduledTimestampMs,
    ...(info.workflowType !== undefined && { workflowType: info.workflowType }),
    workflowId,
    runId,
    taskQueue: info.taskQueue,
    synthetic,
    ...(traceparent !== undefined && { traceparent }),
    activity: info.activityType,
    attempt,
  } as const;
}

/** What only operators are told marks no milestone. */
function milestone(
  info: Info,
  announcement: Announcement | undefined,
  occurred: (describe: () => MilestoneReached) => void,
): void {
  const reached = announcement?.milestone;
  if (announcement === undefined || reached === undefined) return;
  const { workflowType, taskQueue, scheduledTimestampMs } = info;
  const run = {
    ...execution(info),
    ...(workflowType !== undefined && { workflowType }),
    taskQueue,
  };
  occurred(() => milestoneOf(run, reached, announcement, scheduledTimestampMs));
}

/** An activity started without a workflow goes by its own ids. */
const execution = (info: Info): { workflowId: string; runId: string } =>
  info.workflowExecution ?? { workflowId: info.activityId, runId: info.activityRunId ?? '' };

/** What the workflow of an activity has handed on to it. */
export function contextOf(headers: Headers): RunContext {
  const payload = headers[contextHeader];
  return payload === undefined ? {} : defaultPayloadConverter.fromPayload<RunContext>(payload);
}

const isAbortError = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'AbortError';
