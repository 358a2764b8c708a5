import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/**
 * Resets a workflow that nobody works on to its beginning, as people do in Temporal's UI: its run is
 * terminated by that, and a new one goes on.
 */
export async function resetToBeginning(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  // The point to go back to lies behind the schedule of the first task.
  await handle.signal('looked-at');
  const { events } = await handle.fetchHistory();
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: events?.at(-1)?.eventId,
    requestId: randomUUID(),
    reason: 'test',
  });
}
