import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { largestPrice } from '../../src/domain/money';
import { shippingAddress } from '../../src/messages/fields';
import { type Fault, faultOf } from '../../src/messages/message';
import { orderReceived } from '../../src/messages/orderReceived';
import { arbitraryOrder } from '../support/arbitraryOrder';

const { schema, example } = orderReceived;

function faultIn(data: unknown): Fault | undefined {
  const result = schema.safeParse(data);
  return result.success ? undefined : faultOf(result.error);
}

const withLine = (line: object) => ({
  ...example,
  products: [{ productCode: 'TEA-100', quantity: 1, ...line }],
});
const withLines = (count: number, line: object = {}) => ({
  ...example,
  products: Array.from({ length: count }, () => ({ productCode: 'A', quantity: 1, ...line })),
});
const withName = (firstName: string) => ({
  ...example,
  customer: { ...example.customer, firstName },
});
const withEmail = (emailAddress: string) => ({
  ...example,
  customer: { ...example.customer, emailAddress },
});

describe('docs/order.json', () => {
  it('is the example, so that whoever submits it sees an order confirmed', () => {
    expect(JSON.parse(readFileSync('docs/order.json', 'utf8'))).toEqual(example);
  });
});

describe('docs/orders.md', () => {
  it.each(['large-order', 'back-order'])('sends a valid order: %s', name => {
    const order = JSON.parse(readFileSync(`docs/${name}.json`, 'utf8'));
    expect(orderReceived.schema.parse(order)).toEqual(order);
  });

  it('sends it to a valid address', () => {
    const address = JSON.parse(readFileSync('docs/address.json', 'utf8'));
    expect(shippingAddress.parse(address)).toEqual(address);
  });
});

describe('an order', () => {
  it('keeps its recognised fields as sent and loses all others, at every level', () => {
    const sent = {
      ...example,
      loyaltyCard: 7,
      customer: { ...example.customer, age: 36 },
      products: [{ productCode: 'A', quantity: 1, colour: 'red' }],
    };
    expect(schema.parse(sent)).toEqual({
      ...example,
      products: [{ productCode: 'A', quantity: 1 }],
    });
  });

  it('gets no defaults', () => {
    const { channel, currency, ...rest } = example;
    expect(schema.parse(rest)).toEqual(rest);
  });

  it.each([
    ['a single line', withLines(1)],
    ['500 lines', withLines(500)],
    ['a million pieces', withLine({ quantity: 1_000_000 })],
    ['a price of nothing', withLine({ unitPrice: 0 })],
    ['the largest price', withLine({ unitPrice: largestPrice })],
    ['the same product on two lines', withLines(2)],
    ['a name in any script', withName('Даша 李 😀')],
    ['100 characters outside the basic plane', withName('😀'.repeat(100))],
    ['an address of e-mail in any script', withEmail('ñandú@例え.jp')],
    ['an offset', { ...example, placedAt: '2026-01-31T09:30:00.123456789+05:45' }],
    ['the extra day of a leap year', { ...example, placedAt: '2024-02-29T00:00:00Z' }],
  ])('may have %s', (_, order) => {
    expect(faultIn(order)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['an array', [example], 'the whole'],
    ['null', null, 'the whole'],
    ['no order id', { ...example, orderId: undefined }, 'orderId'],
    ['an order id with a slash', { ...example, orderId: 'a/b' }, 'orderId'],
    ['an order id with a space', { ...example, orderId: 'a b' }, 'orderId'],
    ['an order id with a line break at its end', { ...example, orderId: 'a\n' }, 'orderId'],
    ['an order id with a 4-byte character', { ...example, orderId: '😀' }, 'orderId'],
    ['an order id of 65 characters', { ...example, orderId: 'a'.repeat(65) }, 'orderId'],
    ['a numeric order id', { ...example, orderId: 7 }, 'orderId'],
    ['a day that does not exist', { ...example, placedAt: '2026-02-29T00:00:00Z' }, 'placedAt'],
    ['a time without offset', { ...example, placedAt: '2026-01-31T09:30:00' }, 'placedAt'],
    ['no lines', withLines(0), 'products'],
    ['501 lines', withLines(501), 'products'],
    ['a quantity of zero', withLine({ quantity: 0 }), 'products[0].quantity'],
    ['a negative quantity', withLine({ quantity: -1 }), 'products[0].quantity'],
    ['a quantity above a million', withLine({ quantity: 1_000_001 }), 'products[0].quantity'],
    ['half a piece', withLine({ quantity: 0.5 }), 'products[0].quantity'],
    ['a quantity as a text', withLine({ quantity: '1' }), 'products[0].quantity'],
    ['a fraction of a cent', withLine({ unitPrice: 9.5 }), 'products[0].unitPrice'],
    [
      'a price beyond the largest',
      withLine({ unitPrice: largestPrice + 1 }),
      'products[0].unitPrice',
    ],
    ['a negative price', withLine({ unitPrice: -1 }), 'products[0].unitPrice'],
    ['a product code with a blank', withLine({ productCode: 'A B' }), 'products[0].productCode'],
    ['a currency that does not exist', { ...example, currency: 'ABC' }, 'currency'],
    ['a currency in small letters', { ...example, currency: 'eur' }, 'currency'],
    ['a channel that is no slug', { ...example, channel: 'Web Shop' }, 'channel'],
    ['a name of 101 characters', withName('a'.repeat(101)), 'customer.firstName'],
    ['a blank name', withName('  '), 'customer.firstName'],
    ['U+0000 in a name', withName('a\u0000'), 'customer.firstName'],
    ['half a surrogate pair in a name', withName('a\ud800'), 'customer.firstName'],
    ['an e-mail address without @', withEmail('ada.example.com'), 'customer.emailAddress'],
    [
      'an e-mail address with a line break',
      withEmail('a@b.c\r\nBcc: x@y.z'),
      'customer.emailAddress',
    ],
    [
      'an e-mail address of 255 characters',
      withEmail(`a@${'b'.repeat(253)}`),
      'customer.emailAddress',
    ],
    [
      'lines beyond what can be counted exactly',
      withLines(10, { quantity: 1_000_000, unitPrice: largestPrice }),
      'products',
    ],
  ])('is refused with %s', (_, order, path) => {
    expect(faultIn(order)?.path).toBe(path);
  });

  it('is counted by its whole total: just within what is exact is taken', () => {
    expect(faultIn(withLines(9, { quantity: 1_000_000, unitPrice: largestPrice }))).toBeUndefined();
  });

  it('names the line of the fault', () => {
    const order = withLines(5);
    order.products[3] = { productCode: 'A', quantity: 0 };
    expect(faultIn(order)).toEqual({
      path: 'products[3].quantity',
      detail: 'Too small: expected number to be >=1',
    });
  });

  it('says that a field is missing', () => {
    expect(faultIn({ ...example, customer: undefined })).toEqual({
      path: 'customer',
      detail: 'expected object, but it is missing',
    });
  });

  it('has faults of one short line that repeat none of its values', () => {
    const marker = 'S3CRET';
    fc.assert(
      fc.property(arbitraryOrder, fc.constantFrom(...textFields), (order, spoil) => {
        const fault = faultIn(spoil(structuredClone(order), `${marker}\u0000${'x'.repeat(5000)}`));
        expect(fault?.detail).not.toContain(marker);
        expect(fault?.detail).toMatch(/^.{1,120}$/);
        expect(fault?.path).toMatch(/^[A-Za-z0-9.[\]]{1,60}$/);
      }),
      { numRuns: 30 },
    );
  });
});

type Draft = typeof example;
const textFields: readonly ((order: Draft, text: string) => Draft)[] = [
  (order, text) => ({ ...order, orderId: text }),
  (order, text) => ({ ...order, placedAt: text }),
  (order, text) => ({ ...order, channel: text }),
  (order, text) => ({ ...order, currency: text }),
  (order, text) => ({ ...order, customer: { ...order.customer, emailAddress: text } }),
  (order, text) => ({
    ...order,
    customer: {
      ...order.customer,
      shippingAddress: { ...order.customer.shippingAddress, country: text },
    },
  }),
];
