import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOrder, readInput } from '../../../src/cli/orders/parseOrder';
import { orderReceived } from '../../../src/messages/orderReceived';
import { testFolder } from '../../support/testFolder';

const { example } = orderReceived;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const limit = 262_144;
const line = example.products[0]!;

describe('an order in a file', () => {
  it('is taken without what the schema does not name', () => {
    expect(parseOrder(bytes({ ...example, gift: true }), limit)).toEqual(example);
  });

  it('says how a price is written where somebody wrote it in whole money', () => {
    const order = { ...example, products: [{ ...line, unitPrice: 4.99 }] };
    expect(() => parseOrder(bytes(order), limit)).toThrow(
      'products[0].unitPrice: must be a whole number of minor units, such as 499 for 4.99 EUR',
    );
  });

  it.each([
    { what: 'nothing', value: Buffer.alloc(0), code: 'EmptyMessage' },
    { what: 'no JSON', value: Buffer.from('{'), code: 'NotJson' },
    {
      what: 'too much',
      value: bytes({ ...example, note: 'x'.repeat(limit) }),
      code: 'MessageTooLarge',
    },
    { what: 'something else', value: bytes([]), code: 'MessageInvalid', path: 'the whole' },
    {
      what: 'a missing field',
      value: bytes({ ...example, customer: undefined }),
      path: 'customer',
    },
    {
      what: 'a negative quantity',
      value: bytes({ ...example, products: [line, { ...line, quantity: -1 }] }),
      path: 'products[1].quantity',
    },
    {
      what: 'a fraction of a cent',
      value: bytes({ ...example, products: [{ ...line, unitPrice: 4.995 }] }),
      path: 'products[0].unitPrice',
    },
    {
      what: '501 lines',
      value: bytes({ ...example, products: Array(501).fill(line) }),
      path: 'products',
    },
    { what: 'an id with a slash', value: bytes({ ...example, orderId: 'A/1' }), path: 'orderId' },
    {
      what: 'an unknown currency',
      value: bytes({ ...example, currency: 'XYZ' }),
      path: 'currency',
    },
  ])('is refused for $what, with the path of the fault', ({ value, code, path }) => {
    const refusal = expect.objectContaining({
      code: code ?? 'MessageInvalid',
      usage: true,
      message: path === undefined ? expect.any(String) : expect.stringContaining(`: ${path}: `),
    });
    expect(() => parseOrder(value, limit)).toThrow(refusal);
  });

  it('is read from its path', () => {
    const path = join(testFolder(), 'order.json');
    writeFileSync(path, bytes(example));
    expect(parseOrder(readInput(path), limit)).toEqual(example);
  });

  it('that is not there is wrong usage', () => {
    const refusal = expect.objectContaining({ code: 'FileUnreadable', usage: true });
    expect(() => readInput('/no/such/file')).toThrow(refusal);
  });
});
