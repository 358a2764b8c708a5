import { Command } from 'commander';
import { readConfig } from '../config';
import type { ApprovalDecision } from '../domain/approval';
import { orderId as orderIdField, text } from '../messages/fields';
import { decideUpdate } from '../workflows/orderInterface';
import { askOrder } from './orders/askOrder';
import { withTemporal } from './servers/temporal';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

interface DecideOptions {
  readonly by: string;
  readonly reason?: string;
  readonly json?: true;
}

/** `orderly approve`: lets an order go on that waits for a person. */
export const approveCommand = (): Command =>
  decideCommand('approve', 'approved')
    .description('Approve an order that waits for a decision; it goes on at once.')
    .addHelpText(
      'after',
      examples("orderly approve A-1001 --by 'Grace Hopper' --reason 'known customer'"),
    );

/** `orderly reject`: ends an order that waits for a person. */
export const rejectCommand = (): Command =>
  decideCommand('reject', 'rejected')
    .description('Reject an order that waits for a decision; what was reserved for it is released.')
    .addHelpText(
      'after',
      examples("orderly reject A-1001 --by 'Grace Hopper' --reason 'no such address'"),
    );

function decideCommand(decision: ApprovalDecision['decision'], done: string): Command {
  return new Command(decision)
    .argument('<orderId>', 'the order', fieldOf(orderIdField))
    .requiredOption('--by <name>', 'who decides, at most 100 characters', fieldOf(text(100)))
    .option('--reason <text>', 'why, at most 200 characters', fieldOf(text(200)))
    .option('--json', 'print the decision as JSON')
    .action((orderId: string, { by, reason, json }: DecideOptions) =>
      decide(orderId, { decision, by, reason }, () =>
        json
          ? printJson({ orderId, decision, by, reason })
          : print(`${orderId} is ${done} by ${by}`),
      ),
    );
}

async function decide(
  orderId: string,
  decision: ApprovalDecision,
  answer: () => void,
): Promise<void> {
  const config = readConfig();
  await withTemporal(config, temporal =>
    askOrder(config, temporal, orderId, {
      update: decideUpdate,
      argument: decision,
      tooLate: 'ApprovalNotAwaited',
    }),
  );
  answer();
}
