import { Command } from 'commander';
import { type Config, readConfig } from '../../config';
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import { OrderlyError } from '../../errors';
import {
  carrierFaults,
  carrierSums,
  type PaymentSums,
  paymentFaults,
  paymentSums,
  warehouseFaults,
  warehouseSums,
} from '../../partners/sums';
import { examples } from '../terminal/examples';
import { print, printJson, table } from '../terminal/output';
import { ask, type PartnerName } from './ask';

export type Books = Awaited<ReturnType<typeof readBooks>>;

/** `orderly partners books`: what the outside world says that it did. */
export function booksCommand(): Command {
  return new Command('books')
    .description('Show the books of each partner, and check the sums that must hold in them.')
    .option('--json', 'print one JSON object, by partner; amounts in minor units')
    .addHelpText('after', examples('orderly partners books', 'orderly partners books --json'))
    .action(async ({ json }: { readonly json?: true }) => {
      const books = await readBooks(readConfig());
      if (json) printJson(books);
      else print(asTables(books));
      const faults = faultsOf(books);
      if (faults.length > 0) {
        throw new OrderlyError('SumsDoNotAddUp', { detail: faults.join('; ') });
      }
      if (!json) print(`\n${whatHolds}`);
    });
}

const whatHolds = `All sums hold: authorized = captured + voided + held, refunded at most captured;
booked = waiting + dispatched + cancelled; received = picking + packed + cancelled + returned.`;

export async function readBooks(config: Config) {
  const [first, second, carrier, warehouse] = await Promise.all([
    ask(config, 'payment-a', '/books', paymentSums),
    ask(config, 'payment-b', '/books', paymentSums),
    ask(config, 'carrier', '/books', carrierSums),
    ask(config, 'warehouse', '/books', warehouseSums),
  ]);
  return { 'payment-a': first, 'payment-b': second, carrier, warehouse };
}

function faultsOf(books: Books): string[] {
  const of = (name: PartnerName, faults: readonly string[]) =>
    faults.map(fault => `${name}: ${fault}`);
  return [
    ...of('payment-a', paymentFaults(books['payment-a'])),
    ...of('payment-b', paymentFaults(books['payment-b'])),
    ...of('carrier', carrierFaults(books.carrier)),
    ...of('warehouse', warehouseFaults(books.warehouse)),
  ];
}

const kinds = ['authorized', 'captured', 'voided', 'held', 'refunded', 'declined'] as const;

function asTables(books: Books): string {
  const money = [
    ['provider', ...kinds],
    ...moneyRows('payment-a', books['payment-a']),
    ...moneyRows('payment-b', books['payment-b']),
  ];
  const parcels = (name: 'carrier' | 'warehouse') => {
    const entries = Object.entries(books[name]);
    return [
      [name, ...entries.map(([kind]) => kind)],
      ['parcels', ...entries.map(([, count]) => String(count))],
    ];
  };
  return [money, parcels('carrier'), parcels('warehouse')]
    .map(rows => table(rows, new Set([1, 2, 3, 4, 5, 6])))
    .join('\n\n');
}

/** One row for each currency; each cell an amount, and of how many. */
function moneyRows(name: PartnerName, sums: PaymentSums): string[][] {
  const currencies = [...new Set(kinds.flatMap(kind => Object.keys(sums[kind])))].sort();
  return currencies.map(currency => [
    name,
    ...kinds.map(kind => {
      const { amount, count } = sums[kind][currency] ?? { amount: 0, count: 0 };
      return `${formatMoney(amount, currencyOf(currency))} (${count})`;
    }),
  ]);
}
