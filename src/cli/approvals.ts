import { Command } from 'commander';
import { readConfig } from '../config';
import { currencyOf } from '../domain/currencies';
import { formatMoney } from '../domain/money';
import { type AwaitingApproval, awaitingApproval } from './orders/awaitingApproval';
import { withTemporal } from './servers/temporal';
import { examples } from './terminal/examples';
import { print, printJson, table } from './terminal/output';

/** `orderly approvals`: the orders that wait for a person. */
export function approvalsCommand(): Command {
  return new Command('approvals')
    .description('List the orders that wait for a decision, the longest waiting first.')
    .option('--json', 'print one line of JSON per order; totals in minor units')
    .addHelpText('after', examples('orderly approvals', 'orderly approvals --json | jq .orderId'))
    .action(async ({ json }: { readonly json?: true }) => {
      const config = readConfig();
      const waiting = await withTemporal(config, temporal =>
        awaitingApproval(temporal, config.TEMPORAL_TASK_QUEUE),
      );
      if (json) waiting.forEach(printJson);
      else print(waiting.length === 0 ? 'No order waits for a decision.' : asTable(waiting));
    });
}

const asTable = (waiting: readonly AwaitingApproval[]): string =>
  table(
    [
      ['ORDER', 'TOTAL', 'SINCE'],
      ...waiting.map(({ orderId, total, currency, since }) => [
        orderId,
        formatMoney(total, currencyOf(currency)),
        since,
      ]),
    ],
    new Set([1]),
  );
