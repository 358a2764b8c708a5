/** When the watcher's passes run: Temporal Schedules, so that one runs wherever a watcher does. */
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { ReconcileInput } from '../workflows/reconcile';

type ScheduleOptions = Parameters<Client['schedule']['create']>[0];

interface Pass extends Pick<ScheduleOptions, 'spec'> {
  readonly workflowType: 'reconcile' | 'sweep';
  readonly args: readonly ReconcileInput[];
  readonly catchupWindow: '1 minute' | '5 minutes' | '6 hours';
}

/**
 * The first costs next to nothing while nothing is missing. The second reads every history, which the
 * night can bear. A pass that was missed need not be made up for: the next one goes on where the last ended.
 */
const passes = {
  'reconcile-shallow': {
    workflowType: 'reconcile',
    args: [{ depth: 'shallow' }],
    spec: { intervals: [{ every: '1 minute' }] },
    catchupWindow: '1 minute',
  },
  'reconcile-deep': {
    workflowType: 'reconcile',
    args: [{ depth: 'deep' }],
    spec: { calendars: [{ hour: 3 }] },
    catchupWindow: '6 hours',
  },
  sweep: {
    workflowType: 'sweep',
    args: [],
    spec: { intervals: [{ every: '5 minutes' }] },
    catchupWindow: '5 minutes',
  },
} as const satisfies Record<string, Pass>;

export type PassName = keyof typeof passes;

export const scheduleIdOf = (taskQueue: string, pass: PassName): string => `${taskQueue}-${pass}`;

/** Makes the schedules as they are to be, new or not. One that was paused by hand stays paused. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const name of Object.keys(passes) as PassName[]) {
    const { workflowType, args, spec, catchupWindow }: Pass = passes[name];
    const scheduleId = scheduleIdOf(taskQueue, name);
    const schedule = {
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      action: {
        type: 'startWorkflow' as const,
        workflowType,
        args: [...args],
        taskQueue,
        workflowId: scheduleId,
      },
    };
    try {
      await client.schedule.create({ scheduleId, ...schedule });
    } catch (thrown) {
      if (!(thrown instanceof ScheduleAlreadyRunning)) throw thrown;
      const handle = client.schedule.getHandle(scheduleId);
      await handle.update(({ state }) => ({ ...schedule, state }));
    }
  }
}
