/** Telling the world, customers and operators; and the workflow's clock. */
import {
  ActivityFailure,
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Announcement } from '../domain/announcement';
import { operatorNotice } from '../domain/operatorNotice';
import type { OperatorNotice } from '../messages/operatorNotice';
import { announce } from './activities';

/** Announces under the order's trace; answers with the time at which Kafka had it all, RFC 3339. */
export const tell = (announcement: Announcement): Promise<string> =>
  announce({ ...announcement, traceparent: traceparent() });

export type Notice = Omit<OperatorNotice, 'at'>;

/** As `tell`; a notice that is refused for good stays in the history, and holds up nothing. */
export async function tellOperators(notice: Notice): Promise<string> {
  try {
    return await tell({ messages: [operatorNotice({ ...notice, at: now() })] });
  } catch (failure) {
    if (isCancellation(failure) || !(failure instanceof ActivityFailure)) throw failure;
    return now();
  }
}

/**
 * Does some work, and tells operators once if it takes longer than so many seconds.
 * @param notice asked for when the time is over; none where there is a good reason
 */
export async function tellingWhenOverdue<T>(
  seconds: number,
  notice: () => Notice | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const clock = new CancellationScope({ cancellable: true });
  const told = clock
    .run(() => sleep(seconds * 1_000))
    .then(async () => {
      const overdue = notice();
      if (overdue) await CancellationScope.nonCancellable(() => tellOperators(overdue));
    }, unlessCancelled);
  try {
    return await work();
  } finally {
    clock.cancel();
    await told;
  }
}

/** For what may be called off at any moment: fails with anything else. */
export function unlessCancelled(failure: unknown): void {
  if (!isCancellation(failure)) throw failure;
}

/** Shows in the Temporal UI where it stands. @param at RFC 3339 */
export const showStatus = (status: string, at: string, details = ''): void =>
  setCurrentDetails(`**${status}** since ${at}${details && `: ${details}`}`);

/** The time of the workflow task, RFC 3339. */
export const now = (): string => new Date().toISOString();

const traceparent = (): string | undefined =>
  workflowInfo().memo?.traceparent as string | undefined;
