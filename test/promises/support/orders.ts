/** What became of the orders, as the servers know it. */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { OrderResult } from '../../../src/domain/orderInput';
import { waitFor } from '../../support/waitFor';
import type { World } from './world';

export interface Execution {
  readonly orderId: string;
  readonly status: string;
}

/** Every run of an order's workflow that Temporal knows of; an order with two runs is here twice. */
export async function executions({ temporal }: World): Promise<Execution[]> {
  const found: Execution[] = [];
  for await (const { workflowId, status } of temporal.workflow.list({
    query: `WorkflowType = 'order'`,
  })) {
    found.push({ orderId: workflowId.replace(/^order-/, ''), status: status.name });
  }
  return found;
}

/** Waits until that many orders are closed, then answers with all runs. */
export async function untilClosed(
  world: World,
  orders: number,
  limitMs = 60_000,
): Promise<Execution[]> {
  await waitFor(
    async () => {
      const { count } = await world.temporal.workflow.count(
        `WorkflowType = 'order' AND ExecutionStatus != 'Running'`,
      );
      return count >= orders;
    },
    `${orders} orders to be closed`,
    limitMs,
  );
  return executions(world);
}

/** The orders among these whose workflow exists, asked one by one: lists may lag behind. */
export async function withWorkflow(
  { temporal }: World,
  orderIds: Iterable<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  await inParallel(orderIds, async orderId => {
    try {
      await temporal.workflow.getHandle(`order-${orderId}`).describe();
      found.add(orderId);
    } catch (thrown) {
      if (!(thrown instanceof WorkflowNotFoundError)) throw thrown;
    }
  });
  return found;
}

/** What each order's workflow answered, by order id. */
export async function results(
  { temporal }: World,
  orderIds: Iterable<string>,
): Promise<Map<string, OrderResult>> {
  const answers = new Map<string, OrderResult>();
  await inParallel(orderIds, async orderId => {
    const handle = temporal.workflow.getHandle(`order-${orderId}`);
    answers.set(orderId, (await handle.result()) as OrderResult);
  });
  return answers;
}

/** How many orders the register has as started. */
export async function startedOrders(world: World, prefix = ''): Promise<number> {
  const [row] = await world.sql<{ count: string }>(
    'SELECT count(*) FROM orders WHERE started_at IS NOT NULL AND starts_with(order_id, $1)',
    [prefix],
  );
  return Number(row!.count);
}

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}
