import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Pace } from './pacer';

export interface PacedClient {
  readonly client: Client;
  readonly pace: Pace;
}

/** The most that Temporal gives in one answer. */
const largestPage = 1_000;

/** What visibility has. Each page is a request, and waits for its turn like any other. */
export async function* listed(
  { client, pace }: PacedClient,
  query: string,
  pageSize = largestPage,
): AsyncGenerator<WorkflowExecutionInfo> {
  let rows = 0;
  await pace();
  for await (const row of client.workflow.list({ query, pageSize })) {
    yield row;
    // What follows a full page is in the next one.
    if (++rows % pageSize === 0) await pace();
  }
}

/** An id that needs no escaping in a query, and is no longer than Temporal takes. */
const isPlain = /^[\w.:@ -]{1,255}$/;
const idsAtOnce = 50;

/** What visibility has of the workflows with these ids, fifty of them in a request. */
export async function* listedOf(
  client: PacedClient,
  workflowIds: readonly string[],
  condition = '',
): AsyncGenerator<WorkflowExecutionInfo> {
  const plain = workflowIds.filter(workflowId => isPlain.test(workflowId));
  for (let first = 0; first < plain.length; first += idsAtOnce) {
    const names = plain.slice(first, first + idsAtOnce).map(id => `'${id}'`);
    yield* listed(client, `WorkflowId IN (${names.join(', ')})${condition}`);
  }
}
