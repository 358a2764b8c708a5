/** One shipment of an order is on its way; the last one completes the order. */
import { z } from 'zod';
import {
  carrier,
  orderId,
  shipment,
  stockLine,
  synthetic,
  timestamp,
  trackingNumber,
} from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  shipment,
  shippedAt: timestamp.describe('When the carrier took the parcel over, RFC 3339.'),
  carrier,
  trackingNumber,
  products: z.array(stockLine).min(1).max(500).describe('What is in the parcel.'),
  synthetic: synthetic.optional(),
});

export type OrderShipped = z.output<typeof schema>;

export const orderShipped: TopicMessage<typeof schema> = {
  type: 'OrderShipped',
  topic: 'OrderShipped',
  version: 1,
  title: 'Order shipped',
  description: 'One shipment of an order is on its way to the customer.',
  schema,
  example: {
    orderId: 'A-1001',
    shipment: '1',
    shippedAt: '2026-01-31T15:20:00Z',
    carrier: 'swift',
    trackingNumber: 'SW-4711-0815',
    products: [{ productCode: 'TEA-100', quantity: 2 }],
  },
  key: data => data.orderId,
};
