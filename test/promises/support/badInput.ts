/** Everything that may be wrong with a record of `OrderReceived`, by name. */
import type { IHeaders } from 'kafkajs';
import { orderOf } from './submissions';

/** One bad record, and what the dead letter must say of it. */
export interface BadInput {
  readonly value: Buffer | string | null;
  readonly headers?: IHeaders;
  readonly key?: Buffer | string | null;
  readonly code: string;
  /** What the message says of the place of the fault. */
  readonly says: string;
}

const good = orderOf('A-1');
const json = (changes: object) => JSON.stringify({ ...good, ...changes });
const without = (field: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(good).filter(([name]) => name !== field)));
const line = (changes: object) =>
  json({ products: [{ productCode: 'TEA', quantity: 1, ...changes }] });
const nested = (bytes: number) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);
export const eventHeaders = {
  ce_specversion: '1.0',
  ce_id: 'poison',
  ce_source: 'urn:test:poison',
  ce_type: 'OrderReceived',
};
const event = (changes: IHeaders) => ({
  value: json({}),
  headers: { ...eventHeaders, ...changes },
});
const structured = (envelope: unknown) => ({
  value: JSON.stringify(envelope),
  headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
});
const envelope = { specversion: '1.0', id: '1', source: 'urn:test', type: 'OrderReceived' };

export const badInput: Readonly<Record<string, BadInput>> = {
  'no JSON': { value: '{"orderId": "A-1",', code: 'NotJson', says: 'not JSON' },
  'text that is no UTF-8': {
    value: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    code: 'NotJson',
    says: 'UTF-8',
  },
  'an empty value': { value: '', code: 'EmptyMessage', says: 'no value' },
  'no value': { value: null, code: 'EmptyMessage', says: 'no value' },
  'neither key nor value': { value: null, key: null, code: 'EmptyMessage', says: 'no value' },
  'a key of any bytes': {
    value: '[]',
    key: Buffer.from([0, 0xff, 0xc3, 0x28]),
    code: 'MessageInvalid',
    says: 'the whole',
  },
  'a text instead of an order': { value: '"order"', code: 'MessageInvalid', says: 'the whole' },
  'a missing field': { value: without('customer'), code: 'MessageInvalid', says: 'customer: ' },
  'a field of the wrong type': {
    value: json({ products: {} }),
    code: 'MessageInvalid',
    says: 'products: ',
  },
  'a megabyte of nested arrays': {
    value: nested(1_000_000),
    code: 'MessageTooLarge',
    says: '1000000 bytes',
  },
  'nested arrays just within the limit': {
    value: nested(262_144),
    code: 'MessageInvalid',
    says: 'the whole',
  },
  'nested arrays in place of a field': {
    value: `{"products":${nested(200_000)}}`,
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
  'a negative quantity': {
    value: line({ quantity: -1 }),
    code: 'MessageInvalid',
    says: 'products[0].quantity: ',
  },
  'a quantity beyond the bound': {
    value: line({ quantity: 1_000_001 }),
    code: 'MessageInvalid',
    says: 'products[0].quantity: ',
  },
  'an order of 501 lines': {
    value: json({ products: Array(501).fill({ productCode: 'TEA', quantity: 1 }) }),
    code: 'MessageInvalid',
    says: 'products: ',
  },
  'an order without lines': {
    value: json({ products: [] }),
    code: 'MessageInvalid',
    says: 'products: ',
  },
  'an order id with a slash': {
    value: json({ orderId: 'a/b' }),
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
  'an order id with a space': {
    value: json({ orderId: 'a b' }),
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
  'an order id with a 4-byte character': {
    value: json({ orderId: 'a𝒜' }),
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
  'a name with a NUL': {
    value: json({ customer: { ...good.customer, firstName: 'A\u0000' } }),
    code: 'MessageInvalid',
    says: 'customer.firstName: ',
  },
  'a price with a fraction of a cent': {
    value: line({ unitPrice: 499.5 }),
    code: 'MessageInvalid',
    says: 'products[0].unitPrice: ',
  },
  'a price as text': {
    value: line({ unitPrice: '5.00' }),
    code: 'MessageInvalid',
    says: 'products[0].unitPrice: ',
  },
  'a currency that does not exist': {
    value: json({ currency: 'EUX' }),
    code: 'MessageInvalid',
    says: 'currency: ',
  },
  'a day that does not exist': {
    value: json({ placedAt: '2026-02-30T09:00:00Z' }),
    code: 'MessageInvalid',
    says: 'placedAt: ',
  },
  'a polluting field': {
    value: '{"__proto__":{"orderId":"A-1"},"constructor":1}',
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
  'an event without an id': {
    value: json({}),
    headers: { ...eventHeaders, ce_id: '' },
    code: 'CloudEventInvalid',
    says: 'id',
  },
  'an event of another version': {
    ...event({ ce_specversion: '9.9' }),
    code: 'CloudEventInvalid',
    says: 'specversion',
  },
  'an event id that is no UTF-8': {
    ...event({ ce_id: Buffer.from([0xff, 0xfe]) }),
    code: 'CloudEventInvalid',
    says: 'its id',
  },
  'an event id with a control character': {
    ...event({ ce_id: 'a\u0000b' }),
    code: 'CloudEventInvalid',
    says: 'its id',
  },
  'an event id without end': {
    ...event({ ce_id: 'x'.repeat(100_000) }),
    code: 'CloudEventInvalid',
    says: 'its id',
  },
  'an event in another format': {
    ...event({ 'content-type': 'application/cloudevents+avro' }),
    code: 'CloudEventInvalid',
    says: 'content-type',
  },
  'a lone header of events': {
    value: json({}),
    headers: { ce_: 'x' },
    code: 'CloudEventInvalid',
    says: 'it has no',
  },
  'headers named like members of every object': {
    value: '[]',
    headers: { constructor: 'x', toString: 'y', hasOwnProperty: 'z', ['__proto__']: 'p' },
    code: 'MessageInvalid',
    says: 'the whole',
  },
  'a header with line breaks': {
    value: '[]',
    headers: { traceparent: 'a\r\nb: c', 'x\ny': 'z' },
    code: 'MessageInvalid',
    says: 'the whole',
  },
  'a structured event that is an array': {
    ...structured([]),
    code: 'CloudEventInvalid',
    says: 'JSON object',
  },
  'a structured event without data': {
    ...structured(envelope),
    code: 'CloudEventInvalid',
    says: 'data',
  },
  'a structured event with data twice': {
    ...structured({ ...envelope, data: {}, data_base64: '' }),
    code: 'CloudEventInvalid',
    says: 'data',
  },
  'a structured event with data that is no base64': {
    ...structured({ ...envelope, data_base64: '%%%' }),
    code: 'CloudEventInvalid',
    says: 'base64',
  },
  'a structured event with a bad order': {
    ...structured({ ...envelope, id: '2', data: { ...good, orderId: 'a/b' } }),
    code: 'MessageInvalid',
    says: 'orderId: ',
  },
};
