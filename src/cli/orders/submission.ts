/** One submission of an order: the record that carries it, and what names the submission for ever. */
import { randomUUID } from 'node:crypto';
import { encode } from '../../kafka/cloudEvents';
import type { OutgoingRecord } from '../../kafka/record';
import { type Order, orderReceived } from '../../messages/orderReceived';

/** `ce_source` of what the command line submits. */
const source = 'urn:orderly:cli';

/**
 * A new submission. Its `ce_id` is part of the record, so however often the record is sent it stays the
 * same submission; another call makes another one.
 */
export function submissionOf(order: Order): OutgoingRecord {
  const { type, topic } = orderReceived;
  const event = { type, source, id: randomUUID(), key: orderReceived.key(order), data: order };
  return { topic, ...encode(event) };
}

/** A beginning for order ids that no other run has: a few letters and the time in base 36. */
export const newIdPrefix = (name: string): string =>
  `${name}-${Date.now().toString(36)}${randomUUID().slice(0, 4)}-`;
