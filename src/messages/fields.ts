/** The fields that several messages share. Every text is bounded, every number has its unit. */
import { codes } from 'currency-codes';
import { z } from 'zod';

/**
 * A text of 1 to `longest` characters (code points). Postgres can not hold U+0000, nor UTF-8 a lone
 * surrogate, and no other control character belongs on a label or in an e-mail.
 */
export const text = (longest: number) =>
  z
    .string()
    .regex(
      new RegExp(
        `^(?=\\s*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,${longest}}$`,
        'u',
      ),
      `must be 1 to ${longest} characters, not all blank, without control characters`,
    );

/** RFC 3339, section 5.6, within what every reader can hold: years 1000 to 2999, offsets up to 14 hours. */
const timestampPattern =
  /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Whether a text is an RFC 3339 time on a day that exists. */
export function isTimestamp(value: string): boolean {
  if (!timestampPattern.test(value)) return false;
  const day = Number(value.slice(8, 10));
  if (day <= 28) return true;
  const [year, month] = [Number(value.slice(0, 4)), Number(value.slice(5, 7))];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const notATime = 'must be an RFC 3339 time with seconds and offset, such as 2026-01-31T09:30:00Z';

export const timestamp = z
  .string()
  .regex(timestampPattern, { error: notATime, abort: true })
  .refine(isTimestamp, notATime)
  .meta({ format: 'date-time' });

/** A name that fits into a path, a file name and a workflow id as it is. */
const identifier = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ -');

export const orderId = identifier.describe('Names the order, for ever and for every system.');

export const productCode = identifier.describe('Names the product in the stock.');

export const largestQuantity = 1_000_000;
export const quantity = z.int().min(1).max(largestQuantity).describe('Pieces of the product.');

export const shipment = z
  .string()
  .regex(/^[1-9][0-9]{0,2}$/, 'must be a number from 1 to 999')
  .describe('Which of the shipments of the order, counted from 1.');

export const location = identifier.describe('Names the place where the stock lies.');

export const stockLine = z.object({ productCode, quantity }).describe('Pieces of one product.');

export const carrier = identifier.describe('Names the carrier.');

export const trackingNumber = identifier.describe('By which the carrier finds the parcel.');

export const minorUnits = z
  .int('must be a whole number of minor units, such as 499 for 4.99 EUR')
  .min(0)
  .max(1_000_000_000);

export const currency = z
  .enum(codes(), 'must be an ISO 4217 code in capitals, such as EUR')
  .describe('ISO 4217 code of the currency of every amount in the message.');

export const channel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z 0-9 -, the first no hyphen')
  .describe('The sales channel through which the order came, as a short slug.');

export const synthetic = z
  .boolean()
  .describe('A test order: it runs the whole path and counts in no business figure.');

export const firstName = text(100).describe('First name of the customer.');
export const lastName = text(100).describe('Last name of the customer.');

/** Only the shape `local@domain`: whether an address can be reached, only a delivery can tell. */
export const emailAddress = z
  .string()
  .regex(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it refuses
    /^(?=.{3,254}$)[^\s@\u0000-\u001f\u007f-\u009f\ud800-\udfff]{1,64}@[^\s@\u0000-\u001f\u007f-\u009f\ud800-\udfff]+$/u,
    'must be an e-mail address of at most 254 characters',
  )
  .describe('E-mail address of the customer.');

export const shippingAddress = z
  .object({
    line1: text(200).describe('First line of the address: street and number.'),
    line2: text(200).optional().describe('Second line of the address.'),
    city: text(100).describe('City.'),
    state: text(100).describe('State, province or region, as its country writes it.'),
    postalCode: text(20).describe('Postal code.'),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code in capitals, such as US')
      .optional()
      .describe('ISO 3166-1 alpha-2 code of the country.'),
  })
  .describe('Where the order goes.');
