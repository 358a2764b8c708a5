/** What the tests send to `OrderReceived`, and where it went. */
import { createHash, randomUUID } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import { type Order, orderReceived } from '../../../src/messages/orderReceived';
import { stockReplenished } from '../../../src/messages/stockReplenished';
import { partitions, type World } from './world';

/** A record to send, and what the test knows of it. */
export interface Submission {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: IHeaders;
  /** Absent for a record that is no order. */
  readonly orderId?: string;
  /** CloudEvents source and id, where it has them. */
  readonly event?: { readonly source: string; readonly id: string };
}

/** A submission that Kafka has taken. */
export interface Sent extends Submission {
  readonly partition: number;
  readonly offset: number;
}

export type Line = Order['products'][number];

/** A valid order. */
export const orderOf = (
  orderId: string,
  products: readonly Line[] = [{ productCode: 'TEA', quantity: 1 }],
  changes: Partial<Order> = {},
): Order => ({ ...orderReceived.example, orderId, products: [...products], ...changes });

/** Submits an order as a CloudEvent; the same `id` is the same submission. */
export function submissionOf(order: Order, id: string = randomUUID()): Submission {
  const event = { source: 'urn:test:shop', id };
  return {
    key: order.orderId,
    value: JSON.stringify(order),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: event.source,
      ce_type: 'OrderReceived',
    },
    orderId: order.orderId,
    event,
  };
}

/** A submission of what is no order: its first quantity is negative. */
export function badSubmission(name: string): Submission {
  const { orderId: _, ...submission } = submissionOf(
    orderOf(name, [{ productCode: 'TEA', quantity: -1 }]),
  );
  return submission;
}

/** That many orders, and every sixth of them again in one way or another, or something bad. */
export function mixedStream(name: string, orders: number): Submission[] {
  return Array.from({ length: orders }, (_, i) => {
    const order = orderOf(`${name}-${i}`);
    const submission = submissionOf(order);
    if (i % 6 !== 0) return [submission];
    const again = [
      submission,
      submissionOf(order),
      submissionOf({ ...order, channel: 'phone' }),
      badSubmission(order.orderId),
    ];
    return [submission, again[(i / 6) % again.length]!];
  }).flat();
}

/** Sends the submissions one behind the other, round the partitions or all to the one given. */
export async function send(
  world: Pick<World, 'kafka'>,
  submissions: readonly Submission[],
  partition?: number,
): Promise<Sent[]> {
  const placed = submissions.map((submission, i) => ({
    ...submission,
    partition: partition ?? i % partitions,
  }));
  const producer = world.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    const answers = await producer.send({
      topic: orderReceived.topic,
      acks: -1,
      messages: placed.map(({ key, value, headers, partition: place }) => ({
        key,
        value,
        headers,
        partition: place,
      })),
    });
    const next = new Map(answers.map(answer => [answer.partition, Number(answer.baseOffset)]));
    return placed.map(submission => {
      const offset = next.get(submission.partition)!;
      next.set(submission.partition, offset + 1);
      return { ...submission, offset };
    });
  } finally {
    await producer.disconnect();
  }
}

/** Reports that pieces of the product have come in. */
export async function replenish(
  world: Pick<World, 'kafka'>,
  productCode: string,
  quantity: number,
): Promise<void> {
  const producer = world.kafka.producer();
  await producer.connect();
  const delivery = { ...stockReplenished.example, productCode, quantity };
  await producer.send({
    topic: stockReplenished.topic,
    messages: [{ value: JSON.stringify(delivery) }],
  });
  await producer.disconnect();
}

/** What names the submission for ever, by the rule of the design. */
export function originOf({ event }: Submission): string {
  if (event === undefined) throw new Error('only submissions with an event id have a known origin');
  return `event:${JSON.stringify([event.source, event.id])}`;
}

/** SHA-256 of the origin, in hex. */
export const originDigest = (submission: Submission): string =>
  createHash('sha256').update(originOf(submission)).digest('hex');

/** The id of the event that counts the refusal of this submission. */
export const refusalEventId = (submission: Submission): string =>
  `inventory-errors@1:refused:${originDigest(submission)}`;
