/** Messages that no intake can take, one of each kind that is known to happen; made from a good order. */
import { encode } from '../../kafka/cloudEvents';
import type { OutgoingHeaders, OutgoingRecord } from '../../kafka/record';
import { type Order, orderReceived } from '../../messages/orderReceived';

interface BadMessage {
  readonly value: Buffer | string | null;
  readonly headers?: OutgoingHeaders;
}

const wrong = (order: Order, change: Readonly<Record<string, unknown>>): BadMessage => ({
  value: JSON.stringify({ ...order, ...change }),
});

const wrongLine = (order: Order, change: Readonly<Record<string, unknown>>): BadMessage =>
  wrong(order, { products: [{ ...order.products[0], ...change }] });

const kinds: readonly ((order: Order) => BadMessage)[] = [
  order => ({ value: JSON.stringify(order).slice(0, -1) }),
  () => ({ value: '' }),
  () => ({ value: null }),
  order => wrong(order, { customer: undefined }),
  order => wrong(order, { placedAt: 'yesterday' }),
  order => wrong(order, { products: 'TEA-ASSAM-100' }),
  () => ({ value: `${'['.repeat(500_000)}${']'.repeat(500_000)}` }),
  order => wrongLine(order, { quantity: -1 }),
  order => wrong(order, { products: Array.from({ length: 501 }, () => order.products[0]) }),
  order => wrong(order, { orderId: 'A/1001' }),
  order => wrong(order, { orderId: 'A 1001' }),
  order => wrong(order, { orderId: 'A-🫖-1001' }),
  order => wrongLine(order, { unitPrice: 4.995 }),
  order => wrong(order, { currency: 'XYZ' }),
  order => ({ value: JSON.stringify(order), headers: { ce_id: Buffer.from([0xff, 0xfe]) } }),
  order => withHeaders(order, { ce_specversion: '9.9' }),
  order => ({ ...wrongLine(order, { quantity: 0 }), headers: { ['__proto__']: 'poison' } }),
];

function withHeaders(order: Order, change: OutgoingHeaders): BadMessage {
  const event = { type: orderReceived.type, id: order.orderId, key: order.orderId, data: order };
  const { value, headers } = encode(event);
  return { value, headers: { ...headers, ...change } };
}

export const badMessageKinds = kinds.length;

/** The bad message of a kind, `number` counting through them all, as a record under the order's key. */
export function badMessage(number: number, order: Order): OutgoingRecord {
  const make = kinds[number % kinds.length]!;
  return { topic: orderReceived.topic, key: order.orderId, ...make(order) };
}
