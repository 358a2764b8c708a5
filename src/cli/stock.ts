import { Command, Option } from 'commander';
import type { Pool } from 'pg';
import { readConfig } from '../config';
import { currencyOf } from '../domain/currencies';
import { formatMoney, parsePrice } from '../domain/money';
import { OrderlyError } from '../errors';
import {
  largestQuantity,
  location as locationField,
  productCode as productCodeField,
} from '../messages/fields';
import { stockReplenished } from '../messages/stockReplenished';
import {
  addStock,
  listStock,
  mainLocation,
  mustBeKnown,
  type Price,
  type ProductStock,
  setStock,
  stockLimit,
} from '../postgres/stock';
import { eventOf } from './orders/submission';
import { withDatabase } from './servers/postgres';
import { fieldOf, wholeNumber } from './terminal/arguments';
import { examples } from './terminal/examples';
import { print, printJson, table } from './terminal/output';

interface JsonOption {
  readonly json?: true;
}

interface LocationOption extends JsonOption {
  readonly location: string;
}

interface SetOptions extends LocationOption {
  readonly price?: string;
  readonly currency?: string;
}

/** `orderly stock`: the products and what is on hand of them. */
export function stockCommand(): Command {
  const stock = new Command('stock').description('The products and what is on hand of them.');
  const productCode = ['<productCode>', 'the product', fieldOf(productCodeField)] as const;
  const location = () =>
    new Option('--location <name>', 'where it lies')
      .argParser(fieldOf(locationField))
      .default(mainLocation);

  stock
    .command('list')
    .description('List all products with their price and stock.')
    .option('--json', 'print a JSON array; amounts in minor units')
    .addHelpText('after', examples('orderly stock list', 'orderly stock list --json'))
    .action(({ json }: JsonOption) => show(listStock, json));

  stock
    .command('set')
    .description(
      'Set what is on hand; with a price also the price, creating the product where new.',
    )
    .argument(...productCode)
    .argument('<quantity>', `pieces on hand, at most ${stockLimit}`, wholeNumber(0, stockLimit))
    .addOption(location())
    .option('--price <amount>', 'price of one piece, such as 5.00; needs --currency')
    .option('--currency <code>', 'currency of the price, such as EUR; needs --price')
    .option('--json', 'print the product as JSON')
    .addHelpText(
      'after',
      examples(
        'orderly stock set TEA-100 250',
        'orderly stock set TEA-100 250 --price 5.00 --currency EUR',
        'orderly stock set TEA-100 40 --location north',
      ),
    )
    .action((code: string, quantity: number, { price, currency, location, json }: SetOptions) => {
      const changes = { price: priceOf(price, currency), location };
      return show(pool => setStock(pool, code, quantity, changes), json);
    });

  stock
    .command('add')
    .description('Add pieces that were received.')
    .argument(...productCode)
    .argument('<quantity>', `pieces received, at most ${stockLimit}`, wholeNumber(1, stockLimit))
    .addOption(location())
    .option('--json', 'print the product as JSON')
    .addHelpText('after', examples('orderly stock add TEA-100 40'))
    .action((code: string, quantity: number, { location, json }: LocationOption) =>
      show(pool => addStock(pool, code, quantity, { location }), json),
    );

  stock
    .command('replenish')
    .description('Report pieces that were received over Kafka, as a warehouse would.')
    .argument(...productCode)
    .argument(
      '<quantity>',
      `pieces received, at most ${largestQuantity} in one message`,
      wholeNumber(1, largestQuantity),
    )
    .addOption(location())
    .option('--json', 'print where the message went as JSON')
    .addHelpText('after', examples('orderly stock replenish TEA-100 40 --location north'))
    .action(replenish);

  return stock;
}

/**
 * Each call is a delivery of its own, which counts once however often its message is read. The intake would
 * refuse what nobody sells where no one is looking.
 */
async function replenish(
  productCode: string,
  quantity: number,
  { location, json }: LocationOption,
): Promise<void> {
  // Only here: what works on the stock itself starts without a client of Kafka.
  const { withPublisher }: typeof import('./servers/kafka') = require('./servers/kafka');
  const config = readConfig();
  await withDatabase(config, pool => mustBeKnown(pool, productCode));
  const data = { productCode, quantity, location, at: new Date().toISOString() };
  const { partition, offset } = await withPublisher(config, publisher =>
    publisher.publish(eventOf(stockReplenished, data)),
  );
  const { topic } = stockReplenished;
  if (json) printJson({ topic, partition, offset, ...data });
  else print(`${productCode} sent, partition ${partition}, offset ${offset}`);
}

/** @throws OrderlyError UsageInvalid, CurrencyUnknown, PriceInvalid */
function priceOf(price: string | undefined, currency: string | undefined): Price | undefined {
  if (price === undefined && currency === undefined) return undefined;
  if (price === undefined || currency === undefined) {
    throw new OrderlyError('UsageInvalid', { detail: '--price and --currency go together' });
  }
  return { amount: parsePrice(price, currencyOf(currency)), currency };
}

async function show(
  work: (pool: Pool) => Promise<ProductStock | ProductStock[]>,
  json: true | undefined,
): Promise<void> {
  const answer = await withDatabase(readConfig(), work);
  if (json) printJson(answer);
  else print(asTable([answer].flat()));
}

function asTable(products: readonly ProductStock[]): string {
  const heads = ['product', 'price', 'on hand', 'reserved', 'waiting', 'free', 'locations'];
  const rows = products.map(product => {
    const { productCode, price, currency, onHand, reserved, backOrdered } = product;
    const free = Math.max(0, onHand - reserved - backOrdered);
    return [
      productCode,
      formatMoney(price, currencyOf(currency)),
      ...[onHand, reserved, backOrdered, free].map(String),
      product.locations.map(shelf => `${shelf.location} ${shelf.onHand}`).join(', '),
    ];
  });
  return table([heads, ...rows], new Set([1, 2, 3, 4, 5]));
}
