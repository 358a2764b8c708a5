/**
 * When is it the same order? Three answers, each derived from the message alone:
 * the origin (which submission), the digest (which content), and the trace (which journey).
 */
import { createHash } from 'node:crypto';
import type { CloudEventAttributes } from '../kafka/cloudEvents';
import type { IncomingRecord } from '../kafka/record';
import type { Order } from '../messages/orderReceived';

/** The version of the field list that new digests are made of. */
export const digestVersion = 2;

/**
 * Which submission a record is: the CloudEvent's source and id where it has them, so that a producer's
 * retry at another offset stays the same submission; else its place in Kafka.
 */
export function originOf(record: IncomingRecord, event?: CloudEventAttributes): string {
  if (event !== undefined) return `event:${JSON.stringify([event.source, event.id])}`;
  const { topic, partition, offset, timestamp } = record;
  return `record:${topic}/${partition}/${offset}@${timestamp}`;
}

/** SHA-256 of an origin, in hex: the key of its refusal and part of its KPI event's id. */
export const originDigest = (origin: string): string => sha256(origin).toString('hex');

/**
 * SHA-256, in hex, of the canonical JSON of the recognised fields as sent, without `placedAt`.
 * A version's field list never changes; a new field gets a new version beside it.
 */
export function digestOf(order: Order, version: number): string {
  const fields = fieldLists[version];
  if (fields === undefined) throw new RangeError(`There is no digest version ${version}`);
  return sha256(canonicalJson(fields(order))).toString('hex');
}

const firstFields = ({ orderId, customer, products, channel, currency, synthetic }: Order) => {
  const { firstName, lastName, emailAddress, shippingAddress: address } = customer;
  const { line1, line2, city, state, postalCode, country } = address;
  return {
    orderId,
    customer: {
      firstName,
      lastName,
      emailAddress,
      shippingAddress: { line1, line2, city, state, postalCode, country },
    },
    products: products.map(({ productCode, quantity, unitPrice }) => ({
      productCode,
      quantity,
      unitPrice,
    })),
    channel,
    currency,
    synthetic,
  };
};

const fieldLists: Readonly<Record<number, (order: Order) => unknown>> = {
  1: firstFields,
  2: order => ({ ...firstFields(order), allowBackOrder: order.allowBackOrder }),
};

/** JSON with sorted keys, so that the order in which a sender writes them does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * A W3C trace context for an order that came without one. Derived, so that a redelivery continues the
 * same trace. Format: https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceparentOf(origin: string): string {
  const digest = sha256(`trace:${origin}`).toString('hex');
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
