/** An order that was called off before any of it was packed. */
import { z } from 'zod';
import { orderId, synthetic, text, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  cancelledAt: timestamp.describe('When the order was cancelled, RFC 3339.'),
  reason: text(200).optional().describe('Why, in the words of whoever cancelled.'),
  by: text(100).optional().describe('Who cancelled: a role or a user name.'),
  synthetic: synthetic.optional(),
});

export type OrderCancelled = z.output<typeof schema>;

export const orderCancelled: TopicMessage<typeof schema> = {
  type: 'OrderCancelled',
  topic: 'OrderCancelled',
  version: 1,
  title: 'Order cancelled',
  description: 'An order was cancelled; nothing is reserved for it any more.',
  schema,
  example: {
    orderId: 'A-1003',
    cancelledAt: '2026-01-31T09:32:00.500Z',
    reason: 'ordered twice by mistake',
    by: 'customer-service',
  },
  key: order => order.orderId,
};
