/** What a customer is to be told. */
import { z } from 'zod';
import { emailAddress, firstName, lastName, orderId, text, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  reason: z
    .enum([
      'order-confirmed',
      'order-rejected',
      'order-cancelled',
      'order-back-ordered',
      'order-shipped',
    ])
    .describe('What happened. More reasons will come: a reader ignores those it does not know.'),
  recipient: z
    .object({ firstName, lastName, emailAddress })
    .describe('Who is to be told, and how to reach them.'),
  text: text(1000).describe('A plain sentence for the customer.'),
  at: timestamp.describe('When it happened, RFC 3339.'),
});

export type Notification = z.output<typeof schema>;

export const notification: TopicMessage<typeof schema> = {
  type: 'Notification',
  topic: 'Notification',
  version: 1,
  title: 'Notification',
  description: 'A customer is to be told what happened to an order.',
  schema,
  example: {
    orderId: 'A-1001',
    reason: 'order-confirmed',
    recipient: { firstName: 'Ada', lastName: 'Lovelace', emailAddress: 'ada@example.com' },
    text: 'Your order A-1001 is confirmed.',
    at: '2026-01-31T09:30:02.125Z',
  },
  key: data => data.orderId,
};
