/**
 * Money is an integer of minor units (cents, where the currency has cents) with its currency; nothing
 * here computes with fractions. Amounts stay within Number.MAX_SAFE_INTEGER, beyond which a number is
 * no longer exact. The table of currencies is in currencies.ts, which stays out of the workflow bundle.
 */
import { OrderlyError } from '../errors';

/** `code` by ISO 4217; `digits` is how many decimal places its minor unit has (EUR 2, JPY 0, KWD 3). */
export interface Currency {
  readonly code: string;
  readonly digits: number;
}

/** The largest price of one piece, in minor units; the schema of an order has the same bound. */
export const largestPrice = 1_000_000_000;

/**
 * The minor units of a price that a person wrote: `5.00` in EUR is 500.
 * @throws OrderlyError PriceInvalid for anything but digits with a decimal point, for a fraction of a
 * minor unit, and beyond `largestPrice`.
 */
export function parsePrice(text: string, { code, digits }: Currency): number {
  const refuse = (detail: string): never => {
    throw new OrderlyError('PriceInvalid', { text: text.slice(0, 40), currency: code, detail });
  };
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return refuse('write digits, and a point before the decimal places');
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > digits) return refuse(`${code} has ${digits} decimal places`);
  const price = Number(whole + fraction.padEnd(digits, '0'));
  if (price > largestPrice) {
    return refuse(`at most ${formatMoney(largestPrice, { code, digits })} is possible`);
  }
  return price;
}

/** An amount for people: `5.00 EUR`. */
export function formatMoney(minorUnits: number, { code, digits }: Currency): string {
  const sign = minorUnits < 0 ? '-' : '';
  const figures = String(Math.abs(minorUnits)).padStart(digits + 1, '0');
  const whole = figures.slice(0, figures.length - digits);
  const fraction = figures.slice(figures.length - digits);
  return `${sign}${whole}${fraction && '.'}${fraction} ${code}`;
}

export interface PricedLine {
  readonly quantity: number;
  /** Minor units. */
  readonly unitPrice: number;
}

/** Quantity times price in minor units; undefined where that can not be counted exactly. */
export const lineTotal = ({ quantity, unitPrice }: PricedLine): number | undefined =>
  exact(quantity * unitPrice);

/** Sum of all lines in minor units; undefined where that can not be counted exactly. */
export const orderTotal = (lines: readonly PricedLine[]): number | undefined =>
  lines.reduce<number | undefined>((sum, line) => {
    const amount = lineTotal(line);
    return sum === undefined || amount === undefined ? undefined : exact(sum + amount);
  }, 0);

/**
 * A product or sum of safe integers that lies beyond 2^53 is rounded to at least 2^53, so it never
 * looks exact.
 */
const exact = (amount: number): number | undefined =>
  Number.isSafeInteger(amount) ? amount : undefined;
