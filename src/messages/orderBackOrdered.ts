/** An order that waits for stock. */
import { z } from 'zod';
import { orderId, productCode, synthetic, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  backOrderedAt: timestamp.describe('When the order began to wait, RFC 3339.'),
  waitsUntil: timestamp.describe('When it will be rejected if the stock has not come, RFC 3339.'),
  productCodes: z.array(productCode).min(1).max(500).describe('The products that are short.'),
  synthetic: synthetic.optional(),
});

export type OrderBackOrdered = z.output<typeof schema>;

export const orderBackOrdered: TopicMessage<typeof schema> = {
  type: 'OrderBackOrdered',
  topic: 'OrderBackOrdered',
  version: 1,
  title: 'Order back-ordered',
  description: 'An order that allows it waits until its products are in stock again.',
  schema,
  example: {
    orderId: 'A-1004',
    backOrderedAt: '2026-01-31T09:33:00.250Z',
    waitsUntil: '2026-02-07T09:33:00.250Z',
    productCodes: ['TEA-100'],
  },
  key: data => data.orderId,
};
