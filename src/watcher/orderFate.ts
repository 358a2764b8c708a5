/** What Temporal knows of orders that still hold something. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { orderWorkflowId, shipmentWorkflowId } from '../domain/ids';
import { orderSearchAttributes } from '../domain/searchAttributes';
import type { Pace } from './pacer';

/**
 * - `alive`: its workflow goes on, or that of a parcel of it;
 * - `kept`: it ended as confirmed, so that what it holds is its own for good;
 * - `over`: it has ended in any other way, and is to hold nothing;
 * - `forgotten`: Temporal knows nothing of it any more, so that nobody can tell.
 */
export type OrderFate = 'alive' | 'kept' | 'over' | 'forgotten';

export interface OrderFates {
  of(orderId: string): Promise<OrderFate>;
  /** The orders whose workflows somebody or something ended since (milliseconds since the epoch). */
  endedSince(since: number): AsyncGenerator<string>;
}

export interface OrderFatesOptions {
  readonly client: Client;
  /** The task queue of the orders. */
  readonly taskQueue: string;
  readonly pace: Pace;
}

export function createOrderFates({ client, taskQueue, pace }: OrderFatesOptions): OrderFates {
  const hasParcelUnderway = async (orderId: string): Promise<boolean> => {
    await pace();
    const first = shipmentWorkflowId(orderId, '');
    const { count } = await client.workflow.count(
      `WorkflowType = 'shipment' AND WorkflowId STARTS_WITH '${first}' AND ExecutionStatus = 'Running'`,
    );
    return count > 0;
  };

  return {
    async of(orderId) {
      await pace();
      try {
        const run = await client.workflow.getHandle(orderWorkflowId(orderId)).describe();
        if (run.status.name === 'RUNNING' || (await hasParcelUnderway(orderId))) return 'alive';
        const status = run.typedSearchAttributes.get(orderSearchAttributes.status);
        return run.status.name === 'COMPLETED' && status === 'confirmed' ? 'kept' : 'over';
      } catch (thrown) {
        if (!(thrown instanceof WorkflowNotFoundError)) throw thrown;
        return 'forgotten';
      }
    },
    async *endedSince(since) {
      const ended = ['Terminated', 'TimedOut', 'Failed', 'Canceled']
        .map(status => `ExecutionStatus = '${status}'`)
        .join(' OR ');
      const query = `TaskQueue = '${taskQueue}' AND WorkflowType = 'order' AND CloseTime > '${new Date(since).toISOString()}' AND (${ended})`;
      for await (const { workflowId } of client.workflow.list({ query })) {
        yield workflowId.slice(orderWorkflowId('').length);
      }
    },
  };
}
