/** Who called an order off, and why, from Temporal's own record of it. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { CancellationRequest } from '../../domain/decision';
import { orderWorkflowId } from '../../domain/ids';
import { cancelUpdate } from '../../workflows/orderInterface';
import type { Temporal } from '../servers/temporal';

/** Undefined where no update cancelled it: Temporal's own Cancel did, or its stock was released under it. */
export async function firstCancellation(
  { client, ask }: Temporal,
  orderId: string,
): Promise<CancellationRequest | undefined> {
  const handle = client.workflow.getHandle(orderWorkflowId(orderId));
  const { events } = await ask(() => handle.fetchHistory());
  const input = events
    ?.map(event => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input)
    .find(accepted => accepted?.name === cancelUpdate.name);
  const [asked] = input?.args?.payloads ?? [];
  return asked && defaultPayloadConverter.fromPayload<CancellationRequest>(asked);
}
