/** The orders that wait for a person. */
import type { OrderSnapshot } from '../../domain/orderInput';
import type { OrderStatus } from '../../domain/orderStatus';
import { orderSearchAttributes } from '../../domain/searchAttributes';
import { inLanes } from '../../watcher/lanes';
import { statusQuery } from '../../workflows/orderInterface';
import type { Temporal } from '../servers/temporal';

/** `total` in minor units of `currency`; `since` is RFC 3339. */
export interface AwaitingApproval {
  readonly orderId: string;
  readonly total: number;
  readonly currency: string;
  readonly since: string;
}

const awaited: OrderStatus = 'awaiting-approval';
const lanes = 20;

/**
 * Found by Temporal's visibility, which lags a little, and told by the orders themselves. The longest
 * waiting first.
 * @throws OrderlyError WorkerSilent, TemporalUnavailable
 */
export async function awaitingApproval(
  { client, ask }: Temporal,
  taskQueue: string,
): Promise<AwaitingApproval[]> {
  const query = `TaskQueue = '${taskQueue}' AND ${orderSearchAttributes.status.name} = '${awaited}' AND ExecutionStatus = 'Running'`;
  const workflowIds = await ask(async () => {
    const found: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
    return found;
  });
  const waiting: AwaitingApproval[] = [];
  await inLanes(lanes, workflowIds, async workflowId => {
    const order = await ask(() => client.workflow.getHandle(workflowId).query(statusQuery));
    if (order.status === awaited) waiting.push(asAwaiting(order));
  });
  return waiting.sort((a, b) => a.since.localeCompare(b.since));
}

const asAwaiting = ({
  orderId,
  total = 0,
  currency,
  history,
}: OrderSnapshot): AwaitingApproval => ({
  orderId,
  total,
  currency,
  since: history.at(-1)?.at ?? '',
});
