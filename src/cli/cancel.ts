import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Command } from 'commander';
import { type Config, readConfig } from '../config';
import { orderWorkflowId } from '../domain/ids';
import { OrderlyError } from '../errors';
import { orderId as orderIdField, text } from '../messages/fields';
import { cancelUpdate } from '../workflows/orderInterface';
import { readOrder } from './orders/readOrder';
import { type Temporal, withTemporal } from './servers/temporal';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

interface CancelOptions {
  readonly reason?: string;
  readonly json?: true;
}

/** `orderly cancel`: cancels an order that is not decided yet. */
export function cancelCommand(): Command {
  return new Command('cancel')
    .description('Cancel an order that is not decided yet; what was reserved for it is released.')
    .argument('<orderId>', 'the order', fieldOf(orderIdField))
    .option('--reason <text>', 'why, at most 200 characters', fieldOf(text(200)))
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples("orderly cancel A-1001 --reason 'ordered twice by mistake'"))
    .action((orderId: string, { reason, json }: CancelOptions) => {
      const config = readConfig();
      return withTemporal(config, async temporal => {
        const status = await cancel(config, temporal, orderId, reason);
        if (json) printJson({ orderId, status });
        else print(`${orderId} is ${status}`);
      });
    });
}

/** One update id per order: asking again is the same question, and gets the same answer. */
async function cancel(
  config: Config,
  temporal: Temporal,
  orderId: string,
  reason: string | undefined,
): Promise<string> {
  const handle = temporal.client.workflow.getHandle(orderWorkflowId(orderId));
  const updateId = `cancel-${orderId}`;
  const request = { by: 'command-line', reason };
  try {
    return await temporal.ask(() =>
      handle.executeUpdate(cancelUpdate, { args: [request], updateId }),
    );
  } catch (thrown) {
    const closed = thrown instanceof WorkflowNotFoundError;
    if (!closed && !(thrown instanceof WorkflowUpdateFailedError)) throw thrown;
    const { status } = await readOrder(config, temporal, orderId);
    if (closed && status === 'received') throw new OrderlyError('OrderNotStarted', { orderId });
    throw new OrderlyError('OrderDecided', { orderId, status }, { cause: thrown });
  }
}
