/** One submission: the record that carries it, and what names it for ever. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { encode } from '../../kafka/cloudEvents';
import type { OutgoingRecord } from '../../kafka/record';
import type { TopicMessage } from '../../messages/message';
import { type Order, orderReceived } from '../../messages/orderReceived';

/** `ce_source` of what the command line submits. */
const source = 'urn:orderly:cli';

/**
 * A new submission. Its `ce_id` is part of the record, so however often the record is sent it stays the
 * same submission; another call makes another one.
 */
export function eventOf<Schema extends z.ZodType>(
  { type, topic, key }: TopicMessage<Schema>,
  data: z.output<Schema>,
): OutgoingRecord {
  return { topic, ...encode({ type, source, id: randomUUID(), key: key(data), data }) };
}

/** A new submission of an order. */
export const submissionOf = (order: Order): OutgoingRecord => eventOf(orderReceived, order);

/** A beginning for order ids that no other run has: a few letters and the time in base 36. */
export const newIdPrefix = (name: string): string =>
  `${name}-${Date.now().toString(36)}${randomUUID().slice(0, 4)}-`;
