/** The two ways of an order, as blocks that can be measured in turn: bare Temporal, and the full path. */
import { submissionOf } from '../../src/cli/orders/submission';
import { paced } from '../../src/cli/terminal/paced';
import type { Order } from '../../src/messages/orderReceived';
import type { BareType } from '../bare/worker';
import type { Bench } from '../section';
import type { Roles } from './child';
import { type ClosedWorkflow, closedWorkflows } from './closed';
import { makeOrders } from './orders';
import type { Stage } from './stage';
import { until } from './until';

/** Measured: more in flight on two cores adds waiting, and hardly any throughput. */
export const bareInFlight = 20;

/** How often the metrics of a role are read while it works: each reading takes it a millisecond or two. */
const lookEveryMs = 2_000;

/** What one block came to. */
export interface Block {
  readonly closed: readonly ClosedWorkflow[];
  /** From the first to enter to the last to close. */
  readonly perSecond: number;
}

/** Workflows of the bare worker, with `bareInFlight` of them in flight or at a rate per second. */
export async function bareBlock(
  { stage, bare }: Pick<Bench, 'stage' | 'bare'>,
  count: number,
  { type = 'bare', perSecond }: { readonly type?: BareType; readonly perSecond?: number } = {},
): Promise<Block> {
  const begin = Date.now();
  await bare.run(
    perSecond === undefined ? { type, count, inFlight: bareInFlight } : { type, count, perSecond },
  );
  return block(begin, await closedWorkflows(stage.client, type, begin, count));
}

/** Orders through Kafka, all at once or at a rate per second; resolves when all are closed. */
export async function fullBlock(
  stage: Stage,
  roles: Roles<'intake' | 'order-worker'>,
  orders: readonly Order[],
  perSecond?: number,
): Promise<Block> {
  const completed = () =>
    roles['order-worker'].metric('temporal_workflow_completed', 'workflow_type="order"');
  const before = await completed();
  const begin = Date.now();
  await submit(stage, orders, perSecond);
  await until(
    async () => (await completed()) - before >= orders.length,
    `${orders.length} orders to close`,
    lookEveryMs,
  );
  return block(begin, await closedWorkflows(stage.client, 'order', begin, orders.length));
}

/** Publishes the orders and waits until Kafka has them all. */
export async function submit(
  { publisher }: Stage,
  orders: readonly Order[],
  perSecond = Number.POSITIVE_INFINITY,
): Promise<void> {
  const acknowledged: Promise<unknown>[] = [];
  for await (const order of paced(orders, perSecond, new AbortController().signal)) {
    acknowledged.push(publisher.publish(submissionOf(order)));
  }
  await Promise.all(acknowledged);
}

/**
 * A block for each, as many orders as are measured: a process that was just started spends a tenth of its
 * time on compiling what it runs most, and every connection has to be opened.
 */
export async function warmUp(bench: Bench, roles: Roles<'intake' | 'order-worker'>): Promise<void> {
  await bareBlock(bench, bench.scale.orders);
  await fullBlock(bench.stage, roles, makeOrders(bench.scale.orders));
}

function block(begin: number, closed: readonly ClosedWorkflow[]): Block {
  const end = Math.max(...closed.map(workflow => workflow.closedAt));
  return { closed, perSecond: (closed.length / (end - begin)) * 1_000 };
}
