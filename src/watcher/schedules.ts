/** When the watcher's passes run: Temporal Schedules, so that one runs wherever a watcher does. */
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Depth } from '../postgres/reconciliation';
import type { ReconcileInput } from '../workflows/reconcile';

type ScheduleOptions = Parameters<Client['schedule']['create']>[0];

/**
 * The first costs next to nothing while nothing is missing. The second reads every history, which the
 * night can bear. A pass that was missed need not be made up for: the next one goes on where the last ended.
 */
const passes: readonly (Pick<ScheduleOptions, 'spec'> & {
  readonly depth: Depth;
  readonly catchupWindow: '1 minute' | '6 hours';
})[] = [
  { depth: 'shallow', spec: { intervals: [{ every: '1 minute' }] }, catchupWindow: '1 minute' },
  { depth: 'deep', spec: { calendars: [{ hour: 3 }] }, catchupWindow: '6 hours' },
];

export const scheduleIdOf = (taskQueue: string, depth: Depth): string =>
  `${taskQueue}-reconcile-${depth}`;

/** Makes the schedules as they are to be, new or not. One that was paused by hand stays paused. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { depth, spec, catchupWindow } of passes) {
    const scheduleId = scheduleIdOf(taskQueue, depth);
    const schedule = {
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'reconcile',
        args: [{ depth } satisfies ReconcileInput],
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
