/** Telling the world, customers and operators; and the workflow's clock. */
import { CancellationScope, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { Announcement } from '../domain/announcement';
import { operatorNotice } from '../domain/operatorNotice';
import type { OperatorNotice } from '../messages/operatorNotice';
import { announce } from './activities';

/** Announces under the order's trace; answers with the time at which Kafka had it all, RFC 3339. */
export const tell = (announcement: Announcement): Promise<string> =>
  announce({ ...announcement, traceparent: traceparent() });

export type Notice = Omit<OperatorNotice, 'at'>;

export const tellOperators = (notice: Notice): Promise<string> =>
  tell({ messages: [operatorNotice({ ...notice, at: now() })] });

/** Does some work, and tells operators once if it takes longer than so many seconds. */
export async function tellingWhenOverdue<T>(
  seconds: number,
  notice: Notice,
  work: () => Promise<T>,
): Promise<T> {
  const clock = new CancellationScope({ cancellable: true });
  const told = clock
    .run(() => sleep(seconds * 1_000))
    .then(() => CancellationScope.nonCancellable(() => tellOperators(notice)), unlessCancelled);
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

/** The time of the workflow task, RFC 3339. */
export const now = (): string => new Date().toISOString();

const traceparent = (): string | undefined =>
  workflowInfo().memo?.traceparent as string | undefined;
