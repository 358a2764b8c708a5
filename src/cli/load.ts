import { Command } from 'commander';
import { readConfig } from '../config';
import { OrderlyError } from '../errors';
import type { Publisher } from '../kafka/publisher';
import type { Order } from '../messages/orderReceived';
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

/** `orderly load`: an open loop, which keeps its rate whatever the answers take, while they come. */
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
  const { handedOver, sent } = await withPublisher(config, publisher =>
    interruptible(signal => sendOrders(publisher, made, { total: orders, rate, signal })),
  );
  const seconds = (performance.now() - begin) / 1_000;
  const perSecond = sent / seconds;
  if (json) printJson({ sent, seconds, perSecond });
  else print(`Sent ${sent} orders in ${seconds.toFixed(1)} s, ${perSecond.toFixed(1)} per second.`);
  if (sent < handedOver) {
    const detail = `it did not acknowledge ${handedOver - sent} of ${handedOver} orders`;
    throw new OrderlyError('KafkaUnavailable', { brokers: config.KAFKA_BROKERS.join(','), detail });
  }
  if (sent < orders) process.exitCode = 1;
}

interface Sending {
  readonly total: number;
  /** Orders per second. */
  readonly rate: number;
  /** Aborted when the command is interrupted. */
  readonly signal: AbortSignal;
}

/** While Kafka is away, orders are not made for its return: they would fill the memory. */
const mostUnderWay = 10_000;

/** How many orders went to Kafka, and how many it has. The progress is what it has. */
export async function sendOrders(
  publisher: Pick<Publisher, 'publish' | 'stop'>,
  orders: Iterable<Order>,
  { total, rate, signal }: Sending,
): Promise<{ handedOver: number; sent: number }> {
  // A publisher waits for as long as Kafka is away; whoever interrupts the command waits no longer.
  signal.addEventListener('abort', () => void publisher.stop(), { once: true });
  const progress = progressBar('orders sent', total);
  const underWay = new Set<Promise<void>>();
  /** At the first order that Kafka refuses, with the reason. */
  const refusal = new AbortController();
  let handedOver = 0;
  let sent = 0;
  const note = () => {
    progress.update(++sent);
  };
  for await (const order of paced(orders, rate, AbortSignal.any([signal, refusal.signal]))) {
    handedOver++;
    const sending = publisher
      .publish(submissionOf(order))
      .then(note)
      .catch((thrown: unknown) => {
        const isStopped = thrown instanceof OrderlyError && thrown.code === 'PublisherStopped';
        if (!isStopped) refusal.abort(thrown);
      })
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
    const [oldest] = underWay;
    if (underWay.size >= mostUnderWay) await oldest;
  }
  await Promise.all(underWay).finally(() => progress.stop());
  if (refusal.signal.aborted) throw refusal.signal.reason;
  return { handedOver, sent };
}
