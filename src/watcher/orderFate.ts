/** What Temporal knows of orders that still hold something. */
import { type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { orderWorkflowId, shipmentWorkflowId } from '../domain/ids';
import { orderSearchAttributes } from '../domain/searchAttributes';
import { listed, listedOf, type PacedClient } from './listed';

/**
 * - `alive`: its workflow goes on, or that of a parcel of it;
 * - `kept`: it ended as confirmed, so that what it holds is its own for good;
 * - `over`: it has ended in any other way, and is to hold nothing;
 * - `forgotten`: Temporal knows nothing of it any more, so that nobody can tell.
 */
export type OrderFate = 'alive' | 'kept' | 'over' | 'forgotten';

export interface OrderFates {
  of(orderId: string): Promise<OrderFate>;
  /**
   * Which of these orders visibility lists as running, with a request for many. It lags behind: others may
   * run all the same, and some of these may have ended just now.
   */
  listedAlive(orderIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The orders whose workflows somebody or something ended since (milliseconds since the epoch). */
  endedSince(since: number): AsyncGenerator<string>;
}

export interface OrderFatesOptions extends PacedClient {
  /** The task queue of the orders. */
  readonly taskQueue: string;
  /** The parcels that stock was ever reserved for, by their numbers. */
  readonly parcelsOf: (orderId: string) => Promise<readonly string[]>;
}

/**
 * Each workflow is asked for by its id, of which Temporal answers what is so now: visibility lags behind, and
 * would tell of no parcel that has only just begun.
 */
export function createOrderFates(options: OrderFatesOptions): OrderFates {
  const { client, taskQueue, parcelsOf, pace } = options;

  /** The newest run; undefined where Temporal knows none. */
  const newestRun = async (
    workflowId: string,
  ): Promise<WorkflowExecutionDescription | undefined> => {
    await pace();
    try {
      return await client.workflow.getHandle(workflowId).describe();
    } catch (thrown) {
      if (!(thrown instanceof WorkflowNotFoundError)) throw thrown;
      return undefined;
    }
  };

  const hasParcelUnderway = async (orderId: string): Promise<boolean> => {
    for (const shipment of await parcelsOf(orderId)) {
      const parcel = await newestRun(shipmentWorkflowId(orderId, shipment));
      if (parcel?.status.name === 'RUNNING') return true;
    }
    return false;
  };

  return {
    async of(orderId) {
      const run = await newestRun(orderWorkflowId(orderId));
      if (run?.status.name === 'RUNNING') return 'alive';
      const status = run?.typedSearchAttributes.get(orderSearchAttributes.status);
      // Only an order that sends nothing ends so.
      if (run?.status.name === 'COMPLETED' && status === 'confirmed') return 'kept';
      if (await hasParcelUnderway(orderId)) return 'alive';
      return run === undefined ? 'forgotten' : 'over';
    },
    async listedAlive(orderIds) {
      const alive = new Set<string>();
      const workflowIds = orderIds.map(orderWorkflowId);
      const running = listedOf(options, workflowIds, " AND ExecutionStatus = 'Running'");
      for await (const { workflowId } of running) alive.add(orderIdOf(workflowId));
      return alive;
    },
    async *endedSince(since) {
      const ended = ['Terminated', 'TimedOut', 'Failed', 'Canceled']
        .map(status => `ExecutionStatus = '${status}'`)
        .join(' OR ');
      const query = `TaskQueue = '${taskQueue}' AND WorkflowType = 'order' AND CloseTime > '${new Date(since).toISOString()}' AND (${ended})`;
      for await (const { workflowId } of listed(options, query)) {
        yield orderIdOf(workflowId);
      }
    },
  };
}

const orderIdOf = (workflowId: string): string => workflowId.slice(orderWorkflowId('').length);
