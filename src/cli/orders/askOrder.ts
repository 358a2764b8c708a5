/** Asking something of an order: it answers at once, or says why it refuses. */
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import type { Config } from '../../config';
import { orderWorkflowId } from '../../domain/ids';
import { type ErrorCode, errorCatalogue, OrderlyError } from '../../errors';
import type { Temporal } from '../servers/temporal';
import { readOrder } from './readOrder';

interface Question<Answer, Argument> {
  readonly update: UpdateDefinition<Answer, [Argument]>;
  readonly argument: Argument;
  /** Asking again under the same id is the same question, and gets the same answer. */
  readonly updateId?: string;
  /** How an order says that it is past that. */
  readonly tooLate: 'OrderDecided' | 'ApprovalNotAwaited';
}

/**
 * @throws OrderlyError OrderUnknown, OrderNotStarted, `tooLate`, what the order refuses with, and those
 * of `ask`
 */
export async function askOrder<Answer, Argument>(
  config: Config,
  temporal: Temporal,
  orderId: string,
  { update, argument, updateId, tooLate }: Question<Answer, Argument>,
): Promise<Answer> {
  const handle = temporal.client.workflow.getHandle(orderWorkflowId(orderId));
  const args: [Argument] = [argument];
  try {
    return await temporal.ask(() =>
      handle.executeUpdate<Answer, [Argument]>(update, { args, updateId }),
    );
  } catch (thrown) {
    const isClosed = thrown instanceof WorkflowNotFoundError;
    if (!isClosed && !(thrown instanceof WorkflowUpdateFailedError)) throw thrown;
    const refused = refusalOf(thrown);
    if (refused !== undefined) throw refused;
    const { status } = await readOrder(config, temporal, orderId);
    if (isClosed && status === 'received') throw new OrderlyError('OrderNotStarted', { orderId });
    throw new OrderlyError(tooLate, { orderId, status }, { cause: thrown });
  }
}

/** What the order itself answered, in its own words. */
function refusalOf(thrown: Error): OrderlyError | undefined {
  const { cause } = thrown;
  if (!(cause instanceof ApplicationFailure) || !isErrorCode(cause.type)) return undefined;
  const [parameters] = (cause.details ?? []) as readonly OrderlyError['parameters'][];
  return new OrderlyError(cause.type, parameters, { cause: thrown });
}

const isErrorCode = (type: string | null | undefined): type is ErrorCode =>
  typeof type === 'string' && Object.hasOwn(errorCatalogue, type);
