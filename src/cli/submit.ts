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
  readonly json?: true;
}

/** `orderly submit`: sends orders, each as a submission of its own. */
export function submitCommand(): Command {
  return new Command('submit')
    .description('Send an order to Kafka. It is checked first, by the rules of the intake.')
    .option('--file <path>', 'the order as JSON; - reads standard input')
    .addOption(
      new Option('--random <n>', 'make up that many orders of what is in stock')
        .argParser(wholeNumber(1))
        .conflicts('file'),
    )
    .option('--json', 'print one line of JSON per order')
    .addHelpText(
      'after',
      examples(
        'orderly submit --file order.json',
        'jq .order cart.json | orderly submit --file -',
        'orderly submit --random 10 --json',
      ),
    )
    .action(submit);
}

async function submit({ file, random, json }: SubmitOptions): Promise<void> {
  const config = readConfig();
  const orders = await ordersToSubmit(config, file, random);
  await withPublisher(config, publisher =>
    Promise.all(
      orders.map(async order => {
        const position = await publisher.publish(submissionOf(order));
        answer(config, order, position, json);
      }),
    ),
  );
}

async function ordersToSubmit(
  config: Config,
  file: string | undefined,
  random: number | undefined,
): Promise<readonly Order[]> {
  if (random !== undefined) return Array.from(await randomOrders(config, random));
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
