/** The currencies of ISO 4217. Not for workflow code: the table is large. */
import { data } from 'currency-codes';
import { OrderlyError } from '../errors';
import type { Currency } from './money';

const currencies: ReadonlyMap<string, Currency> = new Map(
  data.map(({ code, digits }) => [code, { code, digits }]),
);

/** @throws OrderlyError CurrencyUnknown */
export function currencyOf(code: string): Currency {
  const currency = currencies.get(code);
  if (currency === undefined)
    throw new OrderlyError('CurrencyUnknown', { code: code.slice(0, 40) });
  return currency;
}
