/** Orders for property tests: everything that the schema of OrderReceived takes, its edges included. */
import { codes } from 'currency-codes';
import fc from 'fast-check';
import type { Order } from '../../src/messages/orderReceived';

const idCharacter = fc.constantFrom(
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-',
);

const identifier = fc.string({ unit: idCharacter, minLength: 1, maxLength: 64 });

/** Any character that is neither a control character nor half of a surrogate pair. */
const textCharacter = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCodePoint(code)),
  fc.integer({ min: 0xa0, max: 0xd7ff }).map(code => String.fromCodePoint(code)),
  fc.integer({ min: 0xe000, max: 0x10ffff }).map(code => String.fromCodePoint(code)),
);

const text = (longest: number) =>
  fc
    .string({ unit: textCharacter, minLength: 1, maxLength: longest })
    .filter(value => value.trim() !== '');

const timestamp = fc
  .date({
    min: new Date('1000-01-01T00:00:00Z'),
    max: new Date('2999-12-31T23:59:59Z'),
    noInvalidDate: true,
  })
  .chain(date =>
    fc
      .constantFrom('Z', '+00:00', '-07:30', '+14:00')
      .map(offset => date.toISOString().replace('Z', offset)),
  );

const line = fc.record(
  {
    productCode: identifier,
    quantity: fc.integer({ min: 1, max: 1_000_000 }),
    unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
  },
  { requiredKeys: ['productCode', 'quantity'] },
);

/** A valid order, as parsed from JSON. */
export const arbitraryOrder: fc.Arbitrary<Order> = fc
  .record(
    {
      orderId: identifier,
      placedAt: timestamp,
      customer: fc.record({
        firstName: text(100),
        lastName: text(100),
        emailAddress: fc.emailAddress({ size: 'small' }),
        shippingAddress: fc.record(
          {
            line1: text(200),
            line2: text(200),
            city: text(100),
            state: text(100),
            postalCode: text(20),
            country: fc.constantFrom('US', 'DE', 'JP'),
          },
          { requiredKeys: ['line1', 'city', 'state', 'postalCode'] },
        ),
      }),
      products: fc.array(line, { minLength: 1, maxLength: 500 }),
      channel: fc.constantFrom('web', 'store-7', 'a'.repeat(32)),
      currency: fc.constantFrom(...codes()),
      synthetic: fc.boolean(),
    },
    { requiredKeys: ['orderId', 'placedAt', 'customer', 'products'] },
  )
  .map(order => JSON.parse(JSON.stringify(order)) as Order);
