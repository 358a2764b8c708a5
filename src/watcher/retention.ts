import type { Client } from '@temporalio/client';

const msPerDay = 86_400_000;

/** How long Temporal remembers a closed run of this namespace, in milliseconds. */
export async function retentionOf(client: Client, namespace: string): Promise<number> {
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const { seconds } = config?.workflowExecutionRetentionTtl ?? {};
  // The least that Temporal allows is a day.
  return seconds ? Number(seconds) * 1_000 : msPerDay;
}
