/**
 * Which attempts of an activity failed, from the little that Temporal keeps: the number of the last
 * attempt, and how the one before it failed. An attempt N proves attempts 1 to N-1; of the earlier ones
 * neither the type of failure nor the time is recorded.
 */
import type { HistoryEvent } from './history';
import { millisecondsOf } from './protoTime';

type Started = NonNullable<HistoryEvent['activityTaskStartedEventAttributes']>;
type Scheduled = NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>;
export type RecordedFailure = Started['lastFailure'];
export type RetryPolicy = Scheduled['retryPolicy'];

/** The last attempt that is known, and what is known of the ones before it. Times in milliseconds. */
export interface LastAttempt {
  readonly attempt: number;
  /** When the first attempt was scheduled. */
  readonly scheduledAt: number;
  /** The latest that this attempt can have been scheduled. */
  readonly begunBy: number;
  readonly retryPolicy: RetryPolicy;
  /** How the attempt before it failed. */
  readonly failureBefore: RecordedFailure;
  /** Whether it failed itself, and how; absent where it ended well, was cancelled, or is under way. */
  readonly failed?: { readonly failure: RecordedFailure };
}

export interface FailedAttempt {
  readonly attempt: number;
  /** The schedule of the attempt; where nobody could tell of it, that of the next one, which does. */
  readonly at: number;
  /** `unknown` where its worker fell silent, or where history no longer says. */
  readonly failure: string;
}

export function failedAttempts(last: LastAttempt): FailedAttempt[] {
  const schedules = schedulesOf(last);
  const scheduleOf = (attempt: number): number => schedules[attempt - 1] ?? last.begunBy;
  const failed: FailedAttempt[] = [];
  for (let attempt = 1; attempt < last.attempt; attempt++) {
    const isLatest = attempt === last.attempt - 1;
    const failure = isLatest ? nameOf(last.failureBefore) : unknown;
    const at = scheduleOf(failure === unknown ? attempt + 1 : attempt);
    failed.push({ attempt, at, failure });
  }
  if (last.failed !== undefined) {
    const failure = nameOf(last.failed.failure);
    failed.push({ attempt: last.attempt, at: scheduleOf(last.attempt), failure });
  }
  return failed;
}

const unknown = 'unknown';

/** A failure that no code reported, a time-out for example, is one of which nobody could tell. */
function nameOf(failure: RecordedFailure): string {
  const reported = failure?.applicationFailureInfo;
  return reported ? reported.type || 'ApplicationFailure' : unknown;
}

/**
 * When each attempt was scheduled: exact for the first, near for the last, and between them the earliest
 * that the pauses allow (https://docs.temporal.io/encyclopedia/retry-policies).
 */
function schedulesOf({ attempt, scheduledAt, begunBy, retryPolicy }: LastAttempt): number[] {
  const coefficient = retryPolicy?.backoffCoefficient || 1;
  const longest = millisecondsOf(retryPolicy?.maximumInterval) || Number.POSITIVE_INFINITY;
  let pause = millisecondsOf(retryPolicy?.initialInterval);
  const schedules = [scheduledAt];
  for (let number = 2; number < attempt; number++) {
    schedules.push(Math.min(begunBy, schedules[number - 2]! + Math.min(pause, longest)));
    pause *= coefficient;
  }
  if (attempt > 1) schedules.push(begunBy);
  return schedules;
}
