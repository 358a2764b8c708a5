/** An order as an operator sees it, put together from Temporal and, where that can't tell, the register. */
import { type WorkflowExecutionStatusName, WorkflowNotFoundError } from '@temporalio/client';
import type { Config } from '../../config';
import { orderWorkflowId } from '../../domain/ids';
import type { OrderSnapshot } from '../../domain/orderInput';
import { OrderlyError } from '../../errors';
import { findOrder } from '../../postgres/registerReport';
import { statusQuery } from '../../workflows/orderInterface';
import { withDatabase } from '../servers/postgres';
import type { Temporal } from '../servers/temporal';

/** `status` is the order's, or how Temporal ended its workflow where the order could not end it. */
export interface OrderView extends Partial<Omit<OrderSnapshot, 'status'>> {
  readonly orderId: string;
  readonly status: string;
  /** How the workflow stands, in Temporal's words; absent before its start. */
  readonly workflow?: WorkflowExecutionStatusName;
}

/** States in which the workflow's own code had the last word; in others its answer is from before. */
const hadLastWord: ReadonlySet<WorkflowExecutionStatusName> = new Set([
  'RUNNING',
  'COMPLETED',
  'FAILED',
]);

/** @throws OrderlyError OrderUnknown, WorkerSilent, TemporalUnavailable, PostgresUnavailable */
export async function readOrder(
  config: Config,
  { client, ask }: Temporal,
  orderId: string,
): Promise<OrderView> {
  const handle = client.workflow.getHandle(orderWorkflowId(orderId));
  const workflow = await ask(() => handle.describe()).then(
    description => description.status.name,
    unlessNotFound,
  );
  if (workflow !== undefined) {
    const snapshot = ask(() => handle.query(statusQuery));
    if (hadLastWord.has(workflow)) return { ...(await snapshot), workflow };
    const known = await snapshot.catch(unlessSilent);
    if (known !== undefined) return { ...known, status: workflow.toLowerCase(), workflow };
  }
  const registered = await withDatabase(config, pool => findOrder(pool, orderId));
  if (workflow === undefined && registered === undefined) {
    throw new OrderlyError('OrderUnknown', { orderId });
  }
  const status = workflow?.toLowerCase() ?? 'received';
  return { orderId, status, workflow, receivedAt: registered?.receivedAt.toISOString() };
}

/** What is known without a worker is told all the same. */
function unlessSilent(thrown: unknown): undefined {
  if (thrown instanceof OrderlyError && thrown.code === 'WorkerSilent') return undefined;
  throw thrown;
}

function unlessNotFound(thrown: unknown): undefined {
  if (thrown instanceof WorkflowNotFoundError) return undefined;
  throw thrown;
}
