import { take } from '../../src/intake/take';
import { orderReceived } from '../../src/messages/orderReceived';
import { eventHeaders, incomingRecord } from '../support/records';

const limit = 262_144;
const { example } = orderReceived;
const firstLine = (change: object) => ({ products: [{ ...example.products[0], ...change }] });

describe('Taking a record', () => {
  it('takes plain JSON, and gives it a trace of its own', () => {
    const record = incomingRecord({ ...example, unheardOf: true });
    expect(take(record, limit)).toMatchObject({
      origin: `record:OrderReceived/0/${record.offset}@${record.timestamp}`,
      order: { order: example, receivedAt: record.timestamp, digest: expect.any(String) },
    });
  });

  it('takes a CloudEvent with the identity and the trace that its sender gave it', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const taken = take(
      incomingRecord(example, { headers: { ...eventHeaders('e-1'), traceparent } }),
      limit,
    );
    expect(taken).toMatchObject({ origin: 'event:["urn:test","e-1"]', order: { traceparent } });
  });

  it('knows the origin of a CloudEvent whose order is wrong', () => {
    const taken = take(incomingRecord({}, { headers: eventHeaders('e-2') }), limit);
    expect(taken).toMatchObject({ origin: 'event:["urn:test","e-2"]' });
  });

  it.each([
    ['is not JSON', Buffer.from('{'), 'NotJson'],
    ['is empty', null, 'EmptyMessage'],
    ['is too large', Buffer.alloc(limit + 1, ' '), 'MessageTooLarge'],
  ])('knows the origin of a CloudEvent whose value %s', (_, value, code) => {
    const taken = take(incomingRecord(value, { headers: eventHeaders('e-3') }), limit);
    expect(taken).toMatchObject({ origin: 'event:["urn:test","e-3"]', error: { code } });
  });

  const lines = Array.from({ length: 501 }, () => example.products[0]);
  it.each([
    ['an empty value', null, 'EmptyMessage', ''],
    ['a value of no bytes', Buffer.alloc(0), 'EmptyMessage', ''],
    ['what is not JSON', Buffer.from('{"orderId": '), 'NotJson', ''],
    ['what is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'NotJson', ''],
    ['a text', 'order', 'MessageInvalid', 'the whole'],
    [
      'nested arrays',
      Buffer.from('['.repeat(1e5) + ']'.repeat(1e5)),
      'MessageInvalid',
      'the whole',
    ],
    ['1 MB of nested arrays', Buffer.from('['.repeat(1e6)), 'MessageTooLarge', '1000000 bytes'],
    ['a missing field', { ...example, customer: undefined }, 'MessageInvalid', 'customer'],
    ['a wrong field', { ...example, placedAt: 'today' }, 'MessageInvalid', 'placedAt'],
    [
      'a negative quantity',
      { ...example, ...firstLine({ quantity: -1 }) },
      'MessageInvalid',
      'products[0].quantity',
    ],
    ['501 lines', { ...example, products: lines }, 'MessageInvalid', 'products'],
    ['an order id with slashes', { ...example, orderId: 'a/b' }, 'MessageInvalid', 'orderId'],
    ['an order id with spaces', { ...example, orderId: 'a b' }, 'MessageInvalid', 'orderId'],
    [
      'an order id with 4-byte characters',
      { ...example, orderId: '😀' },
      'MessageInvalid',
      'orderId',
    ],
    [
      'a fraction of a cent',
      { ...example, ...firstLine({ unitPrice: 10.5 }) },
      'MessageInvalid',
      'products[0].unitPrice',
    ],
    [
      'a currency that does not exist',
      { ...example, currency: 'ABC' },
      'MessageInvalid',
      'currency',
    ],
  ])(
    'refuses %s by name, with the path of the fault and no stack trace',
    (_what, value, code, path) => {
      const taken = take(incomingRecord(value), limit);
      if (!('error' in taken)) throw new Error('it was taken');
      expect(taken.error.code).toBe(code);
      expect(taken.error.message).toContain(path);
      expect(taken.error.message).not.toMatch(/\n|\bat .*:\d+/);
      expect(taken.error.message.length).toBeLessThan(300);
    },
  );

  it('refuses a poison header by name', () => {
    const taken = take(incomingRecord(example, { headers: { ce_id: '1' } }), limit);
    expect(taken).toMatchObject({ error: { code: 'CloudEventInvalid' } });
  });
});
