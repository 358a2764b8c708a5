/** Small workflows that do what capture must notice, or must not. */
import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  executeChild,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Announcement } from '../../src/domain/announcement';
import type { TestActivities } from './testWorker';

const retry = {
  initialInterval: '10 milliseconds',
  backoffCoefficient: 1,
  maximumAttempts: 3,
} as const;
const { fail, hold, announce, later } = proxyActivities<TestActivities>({
  startToCloseTimeout: '1 minute',
  retry,
});
const { hang } = proxyActivities<TestActivities>({ startToCloseTimeout: '1 second', retry });

/** An activity that fails so many times. */
export async function failing(times: number): Promise<{ outcome: string }> {
  await fail(times);
  return { outcome: 'confirmed' };
}

export async function plain(): Promise<string> {
  return 'done';
}

/** Says itself when it ended. */
export async function dated(endedAt: string): Promise<{ endedAt: string }> {
  return { endedAt };
}

export async function hanging(): Promise<void> {
  await hang();
}

export async function asynchronous(): Promise<void> {
  await later();
}

export async function announcing(announcement: Announcement): Promise<void> {
  await announce(announcement);
}

export async function waiting(): Promise<void> {
  await sleep('1 day');
}

/** Ends well although it is cancelled. */
export async function forgiving(): Promise<{ outcome: string }> {
  try {
    await hold();
  } catch {
    return { outcome: 'cancelled' };
  }
  return { outcome: 'confirmed' };
}

/** Cancels a scope of its own, and breaks on it: the workflow itself was not cancelled. */
export async function selfInflicted(): Promise<void> {
  const scope = new CancellationScope();
  scope.cancel();
  await scope.run(() => fail(0));
}

export async function refusing(): Promise<void> {
  throw ApplicationFailure.nonRetryable('no', 'Refused');
}

/** A fault in the code of the build `faulty`, mended in any other. */
export async function faulty(): Promise<void> {
  if (workflowInfo().currentBuildId === 'faulty')
    throw new TypeError('undefined is not a function');
}

export async function repeating(runs: number): Promise<void> {
  await sleep('10 milliseconds');
  if (runs > 1) await continueAsNew<typeof repeating>(runs - 1);
}

export async function parent(childId: string): Promise<void> {
  await executeChild(failing, { workflowId: childId, args: [1] });
}
