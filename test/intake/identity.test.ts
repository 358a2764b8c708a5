import fc from 'fast-check';
import { digestOf, originDigest, originOf, traceparentOf } from '../../src/intake/identity';
import { orderReceived } from '../../src/messages/orderReceived';
import { arbitraryOrder } from '../support/arbitraryOrder';
import { incomingRecord } from '../support/records';

const digest = (order: typeof orderReceived.example) => digestOf(order, 1);
const { example } = orderReceived;

function shuffleKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(shuffleKeys) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, shuffleKeys(inner)]);
  return Object.fromEntries(entries.reverse()) as T;
}

describe('The digest of an order', () => {
  it('is pinned for version 1: a change of it makes every redelivery a conflict', () => {
    expect(digest(example)).toBe(
      '9bb6c92c9f0903a6051c44d7d4bdd40a7768f846dc54ddb2bfb248739466cbb9',
    );
  });

  it('does not depend on the order in which a sender writes the fields, nor on placedAt', () => {
    fc.assert(
      fc.property(arbitraryOrder, order => {
        const same = { ...shuffleKeys(order), placedAt: '1999-12-31T23:59:59Z' };
        expect(digest(same)).toBe(digest(order));
      }),
    );
  });

  it.each([
    ['an order id', { orderId: 'other' }],
    ['a quantity', { products: [{ ...example.products[0]!, quantity: 3 }, example.products[1]!] }],
    ['a price left out', { products: [{ productCode: 'TEA-100', quantity: 2 }] }],
    ['the order of lines', { products: [...example.products].reverse() }],
    ['a currency left out', { currency: undefined }],
    ['the channel', { channel: 'shop' }],
    ['a synthetic mark', { synthetic: true }],
    ['a name', { customer: { ...example.customer, firstName: 'Augusta' } }],
  ])('tells %s', (_what, change) => {
    expect(digest({ ...example, ...change })).not.toBe(digest(example));
  });

  it('of a version that does not exist is an error, never a match', () => {
    expect(() => digestOf(example, 99)).toThrow('There is no digest version 99');
  });
});

describe('The origin of a record', () => {
  it('is its place where it is plain JSON, with the time, because a topic may be made anew', () => {
    const record = incomingRecord({}, { partition: 3, offset: '42', timestamp: 7 });
    expect(originOf(record)).toBe('record:OrderReceived/3/42@7');
  });

  it('is the same at every offset where the sender gave the event an id', () => {
    const event = { id: '1', source: 's', type: 't' };
    expect(originOf(incomingRecord({}), event)).toBe(originOf(incomingRecord({}), event));
  });

  it('never takes one pair of source and id for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        const record = incomingRecord({});
        const origins = [
          originOf(record, { source: a, id: b, type: 't' }),
          originOf(record, { source: c, id: d, type: 't' }),
        ];
        expect(new Set(origins).size).toBe(2);
      }),
    );
  });
});

describe('What is derived from an origin', () => {
  it('is the same each time, and fit for its use', () => {
    const origin = originOf(incomingRecord({}));
    expect(originDigest(origin)).toMatch(/^[0-9a-f]{64}$/);
    expect(traceparentOf(origin)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparentOf(origin)).toBe(traceparentOf(origin));
  });
});
