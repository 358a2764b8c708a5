/** The bare worker as the bench sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopChild } from '../support/child';
import type { Stage } from '../support/stage';
import type { BareLoad, BareOptions } from './worker';

export interface Bare {
  readonly pid: number;
  /** Resolves when the last workflow of the load is about to close. */
  run(load: BareLoad): Promise<void>;
  stop(): Promise<void>;
}

export async function startBare({ config }: Stage): Promise<Bare> {
  const options: BareOptions = {
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: 'bare',
    workflowTaskSlots: config.WORKFLOW_TASK_SLOTS,
    activityTaskSlots: config.ACTIVITY_TASK_SLOTS,
  };
  const child = fork(join(__dirname, 'worker.ts'), [JSON.stringify(options)], {
    execArgv: process.execArgv,
  });
  await said(child);
  return {
    pid: child.pid!,
    async run(load) {
      child.send(load);
      await said(child);
    },
    stop: () => stopChild(child),
  };
}

async function said(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the bare worker ended with ${code}`);
  });
  await Promise.race([once(child, 'message'), ended]);
}
