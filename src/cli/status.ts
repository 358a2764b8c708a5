import { Command } from 'commander';
import { type Config, readConfig } from '../config';
import { OrderlyError } from '../errors';
import { orderId as orderIdField } from '../messages/fields';
import { describeOrder } from './orders/describeOrder';
import { type OrderView, readOrder } from './orders/readOrder';
import { type Temporal, withTemporal } from './servers/temporal';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { interruptible, pause } from './terminal/interrupt';
import { print } from './terminal/output';

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
    .option('--watch', 'follow the order until it has ended')
    .option('--json', 'print JSON, one line per change')
    .addHelpText('after', examples('orderly status A-1001', 'orderly status A-1001 --watch --json'))
    .action((orderId: string, options: StatusOptions) => {
      const config = readConfig();
      const show = options.json ? jsonOnChange() : linesOnChange(config);
      return withTemporal(config, async temporal => {
        if (options.watch) return watch(config, temporal, orderId, show);
        show(await readOrder(config, temporal, orderId));
      });
    });
}

/** Shows the order whenever something has changed, until its workflow is closed. */
function watch(config: Config, temporal: Temporal, orderId: string, show: Show): Promise<void> {
  return interruptible(async signal => {
    const appearanceLimit = Date.now() + appearanceMs;
    while (!signal.aborted) {
      const view = await readOrder(config, temporal, orderId).catch((thrown: unknown) => {
        const awaited = thrown instanceof OrderlyError && thrown.code === 'OrderUnknown';
        if (!awaited || Date.now() > appearanceLimit) throw thrown;
        return undefined;
      });
      if (view !== undefined) show(view);
      if (view?.workflow !== undefined && view.workflow !== 'RUNNING') return;
      await pause(pollMs, signal);
    }
  });
}

type Show = (view: OrderView) => void;

function jsonOnChange(): Show {
  let shown: string | undefined;
  return view => {
    const line = JSON.stringify(view);
    if (line !== shown) print(line);
    shown = line;
  };
}

/** All that is known at first, and then only what is new. */
function linesOnChange(config: Config): Show {
  const shown = new Set<string>();
  return view => {
    for (const line of describeOrder(view, config)) {
      if (!shown.has(line)) print(line);
      shown.add(line);
    }
  };
}
