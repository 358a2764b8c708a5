/** What the people who run the shop are to be told: something waits for them, or is overdue. */
import { z } from 'zod';
import { orderId, shipment, text, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  reason: z
    .enum([
      'approval-needed',
      'approval-reminder',
      'picking-overdue',
      'dispatch-overdue',
      'shipment-failed',
      'packed-after-end',
      'dispatched-after-end',
      'compensation-stuck',
      'order-failed',
      'money-held',
      'stock-held',
    ])
    .describe('What it is about. More reasons will come: a reader shows those it does not know.'),
  shipment: shipment.optional(),
  text: text(1000).describe('A plain sentence that says what happened and what to do.'),
  at: timestamp.describe('When it was noticed, RFC 3339.'),
});

export type OperatorNotice = z.output<typeof schema>;

export const operatorNotice: TopicMessage<typeof schema> = {
  type: 'OperatorNotice',
  topic: 'OperatorNotice',
  version: 1,
  title: 'Operator notice',
  description: 'Somebody who runs the shop is to look after an order.',
  schema,
  example: {
    orderId: 'A-1001',
    reason: 'approval-needed',
    text: 'Order A-1001 over 25000.00 EUR waits for a decision until 2026-02-01T09:30:02Z.',
    at: '2026-01-31T09:30:02.125Z',
  },
  key: data => data.orderId,
};
