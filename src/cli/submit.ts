import { Command, Option } from 'commander';
import { type Config, readConfig } from '../config';
import { OrderlyError } from '../errors';
import type { Position } from '../kafka/record';
import { type Order, orderReceived } from '../messages/orderReceived';
import { parseOrder, readInput } from './orders/parseOrder';
import { randomOrders } from './orders/randomOrders';
import { submissionOf } from './orders/submission';
import { withPublisher } from './servers/kafka';
import { orderUrl } from './temporalUi';
import { wholeNumber } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

interface SubmitOptions {
  readonly file?: string;
  readonly random?: number;
  readonly allowBackOrder?: true;
  readonly json?: true;
}

/** For more, and at a steady rate, there is `orderly load`. */
const mostAtOnce = 10_000;

/** `orderly submit`: sends orders, each as a submission of its own. */
export function submitCommand(): Command {
  return new Command('submit')
    .description('Send an order to Kafka. It is checked first, by the rules of the intake.')
    .option('--file <path>', 'the order as JSON; - reads standard input')
    .addOption(
      new Option(
        '--random <n>',
        `make up that many orders of what is in stock, at most ${mostAtOnce}`,
      )
        .argParser(wholeNumber(1, mostAtOnce))
        .conflicts('file'),
    )
    .addOption(
      new Option(
        '--allow-back-order',
        'let each made-up order wait for stock that is short',
      ).conflicts('file'),
    )
    .option('--json', 'print one line of JSON per order')
    .addHelpText(
      'after',
      examples(
        'orderly submit --file order.json',
        'jq .order cart.json | orderly submit --file -',
        'orderly submit --random 10 --json',
        'orderly submit --random 3 --allow-back-order',
      ),
    )
    .action(submit);
}

async function submit(options: SubmitOptions): Promise<void> {
  const config = readConfig();
  const orders = await ordersToSubmit(config, options);
  await withPublisher(config, publisher =>
    Promise.all(
      orders.map(async order => {
        const position = await publisher.publish(submissionOf(order));
        answer(config, order, position, options.json);
      }),
    ),
  );
}

async function ordersToSubmit(
  config: Config,
  { file, random, allowBackOrder }: SubmitOptions,
): Promise<readonly Order[]> {
  if (random !== undefined) {
    return Array.from(await randomOrders(config, random, { allowBackOrder }));
  }
  if (file !== undefined) return [parseOrder(readInput(file), config.MESSAGE_MAX_BYTES)];
  throw new OrderlyError('UsageInvalid', { detail: 'Submit needs --file <path> or --random <n>' });
}

function answer(
  config: Config,
  { orderId }: Order,
  { partition, offset }: Position,
  json: true | undefined,
): void {
  const workflow = orderUrl(config, orderId);
  if (json) printJson({ orderId, topic: orderReceived.topic, partition, offset, workflow });
  else print(`${orderId} sent, partition ${partition}, offset ${offset}, see ${workflow}`);
}
