/** The bare worker as the bench sees it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { adopt, imageOptions } from '../support/child';
import type { Stage } from '../support/stage';
import type { BareLoad, BareOptions } from './worker';

export interface Bare {
  readonly pid: number;
  /** Resolves when the last workflow of the load is about to close. */
  run(load: BareLoad): Promise<void>;
}

export async function startBare({ config, env }: Stage): Promise<Bare> {
  const options: BareOptions = {
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: 'bare',
    workflowTaskSlots: config.WORKFLOW_TASK_SLOTS,
    activityTaskSlots: config.ACTIVITY_TASK_SLOTS,
  };
  const child = adopt(
    fork(join(__dirname, 'worker.ts'), [JSON.stringify(options)], {
      execArgv: [...imageOptions, ...process.execArgv],
      env,
    }),
  );
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the bare worker ended with ${code}`);
  });
  // It ends with the bench; only who waits for it needs to know.
  ended.catch(() => {});
  const said = () => Promise.race([once(child, 'message'), ended]);
  await said();
  return {
    pid: child.pid!,
    async run(load) {
      const done = said();
      child.send(load);
      await done;
    },
  };
}
