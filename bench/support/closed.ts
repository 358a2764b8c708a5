/** What Temporal itself recorded of the workflows of one run. */
import type { Client } from '@temporalio/client';
import { until } from './until';

export interface ClosedWorkflow {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly closedAt: number;
}

/** Waits until so many workflows of a type that were started since then are closed, and reads them. */
export async function closedWorkflows(
  client: Client,
  workflowType: string,
  since: number,
  count: number,
): Promise<ClosedWorkflow[]> {
  const startTime = new Date(since).toISOString();
  const query = `WorkflowType = '${workflowType}' AND StartTime >= '${startTime}' AND ExecutionStatus = 'Completed'`;
  await until(
    async () => (await client.workflow.count(query)).count >= count,
    `${count} closed workflows`,
  );
  const closed: ClosedWorkflow[] = [];
  for await (const { startTime, closeTime } of client.workflow.list({ query, pageSize: 1_000 })) {
    closed.push({ startedAt: startTime.getTime(), closedAt: closeTime!.getTime() });
  }
  return closed;
}
