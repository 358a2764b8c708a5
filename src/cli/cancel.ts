import { Command } from 'commander';
import { readConfig } from '../config';
import type { CancellationRequest } from '../domain/decision';
import { orderId as orderIdField, text } from '../messages/fields';
import { cancelUpdate } from '../workflows/orderInterface';
import { askOrder } from './orders/askOrder';
import { firstCancellation } from './orders/firstCancellation';
import { withTemporal } from './servers/temporal';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

interface CancelOptions {
  readonly reason?: string;
  readonly json?: true;
}

/** `orderly cancel`: calls an order off, until any of it is packed. */
export function cancelCommand(): Command {
  return new Command('cancel')
    .description(
      'Cancel an order, until any of it is packed; the stock and the money held for it are given back.',
    )
    .argument('<orderId>', 'the order', fieldOf(orderIdField))
    .option('--reason <text>', 'why, at most 200 characters', fieldOf(text(200)))
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples("orderly cancel A-1001 --reason 'ordered twice by mistake'"))
    .action(cancel);
}

async function cancel(orderId: string, { reason, json }: CancelOptions): Promise<void> {
  const config = readConfig();
  const argument: CancellationRequest = { by: 'command-line', reason };
  await withTemporal(config, async temporal => {
    // One who asks again is answered as the first was, whose reason counts.
    const status = await askOrder(config, temporal, orderId, {
      update: cancelUpdate,
      argument,
      updateId: `cancel-${orderId}`,
      tooLate: 'OrderDecided',
    });
    const first = await firstCancellation(temporal, orderId);
    const isOwn = first?.by === argument.by && first.reason === reason;
    const before = isOwn ? undefined : first;
    if (json) printJson({ orderId, status, ...(before && { before }) });
    else print(before ? wasCancelled(orderId, before) : `${orderId} is ${status}`);
  });
}

const wasCancelled = (orderId: string, { by, reason }: CancellationRequest): string =>
  `${orderId} was cancelled before, by ${by}${reason === undefined ? ', without a reason' : `: ${reason}`}`;
