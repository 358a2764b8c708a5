import { Command } from 'commander';
import { readConfig } from '../config';
import { randomOrders } from './orders/randomOrders';
import { submissionOf } from './orders/submission';
import { withPublisher } from './servers/kafka';
import { positiveNumber, wholeNumber } from './terminal/arguments';
import { examples } from './terminal/examples';
import { interruptible } from './terminal/interrupt';
import { print, printJson } from './terminal/output';
import { paced } from './terminal/paced';
import { progressBar } from './terminal/progress';

interface LoadOptions {
  readonly orders: number;
  readonly rate: number;
  readonly allowBackOrder?: true;
  readonly json?: true;
}

/** `orderly load`: an open loop, which keeps its rate whatever the answers take. */
export function loadCommand(): Command {
  return new Command('load')
    .description('Send made-up orders of what is in stock, at a steady rate.')
    .option('--orders <n>', 'how many', wholeNumber(1), 1_000)
    .option('--rate <n>', 'orders per second', positiveNumber, 50)
    .option('--allow-back-order', 'let each of them wait for stock that is short')
    .option('--json', 'print what was sent as JSON')
    .addHelpText('after', examples('orderly load --orders 1000 --rate 50'))
    .action(load);
}

async function load({ orders, rate, allowBackOrder, json }: LoadOptions): Promise<void> {
  const config = readConfig();
  const made = await randomOrders(config, orders, { allowBackOrder });
  const begin = performance.now();
  const sent = await withPublisher(config, publisher =>
    interruptible(async signal => {
      const progress = progressBar('orders sent', orders);
      const sending: Promise<unknown>[] = [];
      const refused = new AbortController();
      for await (const order of paced(made, rate, AbortSignal.any([signal, refused.signal]))) {
        const acknowledged = publisher.publish(submissionOf(order));
        acknowledged.catch(() => refused.abort());
        sending.push(acknowledged);
        progress.update(sending.length);
      }
      await Promise.all(sending).finally(() => progress.stop());
      return sending.length;
    }),
  );
  const seconds = (performance.now() - begin) / 1_000;
  const perSecond = sent / seconds;
  if (json) printJson({ sent, seconds, perSecond });
  else print(`Sent ${sent} orders in ${seconds.toFixed(1)} s, ${perSecond.toFixed(1)} per second.`);
  if (sent < orders) process.exitCode = 1;
}
