import { Command } from 'commander';
import { type Config, readConfig } from '../config';
import { currencyOf } from '../domain/currencies';
import { formatMoney } from '../domain/money';
import { OrderlyError } from '../errors';
import { orderId as orderIdField } from '../messages/fields';
import { type OrderView, readOrder } from './orders/readOrder';
import { type Temporal, withTemporal } from './servers/temporal';
import { orderUrl } from './temporalUi';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { interruptible, pause } from './terminal/interrupt';
import { print, printJson } from './terminal/output';

const pollMs = 500;

/** How long `--watch` waits for an order to appear: one that was just submitted is not there at once. */
const appearanceMs = 15_000;

interface StatusOptions {
  readonly watch?: true;
  readonly json?: true;
}

/** `orderly status`: where an order stands, from the order itself. */
export function statusCommand(): Command {
  return new Command('status')
    .description('Show where an order stands, with its history and the link to its workflow.')
    .argument('<orderId>', 'the order', fieldOf(orderIdField))
    .option('--watch', 'follow the order until it is decided')
    .option('--json', 'print JSON, one line per change')
    .addHelpText('after', examples('orderly status A-1001', 'orderly status A-1001 --watch --json'))
    .action((orderId: string, options: StatusOptions) => {
      const config = readConfig();
      const show = options.json ? printJson : (view: OrderView) => print(describe(view, config));
      return withTemporal(config, async temporal => {
        if (options.watch) return watch(config, temporal, orderId, show);
        show(await readOrder(config, temporal, orderId));
      });
    });
}

/** Shows the order whenever its status has changed, until nothing can change any more. */
function watch(
  config: Config,
  temporal: Temporal,
  orderId: string,
  show: (view: OrderView) => void,
): Promise<void> {
  return interruptible(async signal => {
    const appearanceLimit = Date.now() + appearanceMs;
    let shown: string | undefined;
    while (!signal.aborted) {
      const view = await readOrder(config, temporal, orderId).catch((thrown: unknown) => {
        const awaited = thrown instanceof OrderlyError && thrown.code === 'OrderUnknown';
        if (!awaited || Date.now() > appearanceLimit) throw thrown;
        return undefined;
      });
      if (view !== undefined && view.status !== shown) show(view);
      shown = view?.status ?? shown;
      if (view !== undefined && view.status !== 'received') return;
      await pause(pollMs, signal);
    }
  });
}

function describe(view: OrderView, config: Config): string {
  const { orderId, status, total, currency, workflow } = view;
  const lines = [`${orderId} is ${status}`];
  if (workflow === undefined) lines.push('  its workflow is not started yet');
  if (total !== undefined && currency !== undefined) {
    lines.push(`  total ${formatMoney(total, currencyOf(currency))}`);
  }
  for (const { line, productCode, reason } of view.refusals ?? []) {
    lines.push(`  products[${line}] ${productCode}: ${reason}`);
  }
  for (const change of view.history ?? []) lines.push(`  ${change.at}  ${change.status}`);
  if (workflow !== undefined) lines.push(`  ${orderUrl(config, orderId)}`);
  return lines.join('\n');
}
