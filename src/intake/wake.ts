/** Telling an order that its stock has come. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { orderWorkflowId } from '../domain/ids';

/** Resolves once the order is told, or has closed so that there is nobody to tell. */
export type Wake = (orderId: string) => Promise<void>;

export const createWake =
  (client: Client): Wake =>
  async orderId => {
    try {
      await client.workflow.getHandle(orderWorkflowId(orderId)).signal('stockReserved');
    } catch (thrown) {
      if (!(thrown instanceof WorkflowNotFoundError)) throw thrown;
    }
  };
