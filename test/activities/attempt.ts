import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Runs an activity as its n-th attempt; what it fails with is for the test to say, not for the log. */
export const attempt = <Args extends unknown[], Result>(
  number: number,
  activity: (...args: Args) => Promise<Result>,
  ...args: Args
): Promise<Result> =>
  new MockActivityEnvironment({ attempt: number }, { logger: new DefaultLogger('ERROR') }).run(
    activity,
    ...args,
  );
