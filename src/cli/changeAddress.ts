import { Command } from 'commander';
import { readConfig } from '../config';
import { OrderlyError } from '../errors';
import { decode } from '../kafka/cloudEvents';
import { orderId as orderIdField, shippingAddress } from '../messages/fields';
import { faultOf } from '../messages/message';
import type { Order } from '../messages/orderReceived';
import { changeAddressUpdate } from '../workflows/orderInterface';
import { askOrder } from './orders/askOrder';
import { readInput } from './orders/parseOrder';
import { withTemporal } from './servers/temporal';
import { fieldOf } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

type Address = Order['customer']['shippingAddress'];

interface ChangeAddressOptions {
  readonly file: string;
  readonly json?: true;
}

/** `orderly change-address`: sends an order elsewhere, until any of it is packed. */
export function changeAddressCommand(): Command {
  return new Command('change-address')
    .description('Send an order to another address, until any of it is packed.')
    .argument('<orderId>', 'the order', fieldOf(orderIdField))
    .requiredOption('--file <path>', 'the whole address as JSON; - reads standard input')
    .option('--json', 'print the order with its address as JSON')
    .addHelpText(
      'after',
      examples(
        'orderly change-address A-1001 --file docs/address.json',
        'jq .customer.shippingAddress order.json | orderly change-address A-1001 --file -',
      ),
    )
    .action(changeAddress);
}

async function changeAddress(orderId: string, { file, json }: ChangeAddressOptions): Promise<void> {
  const config = readConfig();
  const address = parseAddress(readInput(file), config.MESSAGE_MAX_BYTES);
  await withTemporal(config, temporal =>
    askOrder(config, temporal, orderId, {
      update: changeAddressUpdate,
      argument: address,
      tooLate: 'OrderDecided',
    }),
  );
  if (json) printJson({ orderId, shippingAddress: address });
  else print(`${orderId} goes to ${inOneLine(address)}`);
}

/** @throws OrderlyError EmptyMessage, MessageTooLarge, NotJson, AddressInvalid */
function parseAddress(value: Buffer, largest: number): Address {
  const parsed = shippingAddress.safeParse(decode({ value, headers: {} }, largest).data);
  if (parsed.success) return parsed.data;
  const { path, detail } = faultOf(parsed.error);
  throw new OrderlyError('AddressInvalid', { detail: `${path}: ${detail}` });
}

const inOneLine = ({ line1, line2, city, state, postalCode, country }: Address): string =>
  [line1, line2, city, `${state} ${postalCode}`, country]
    .filter(part => part !== undefined)
    .join(', ');
