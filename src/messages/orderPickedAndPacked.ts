/** A parcel that the warehouse has packed: from now on its order can be neither cancelled nor changed. */
import { z } from 'zod';
import { orderId, shipment, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  shipment,
  packedAt: timestamp.describe('When the parcel was closed, RFC 3339.'),
});

export type OrderPickedAndPacked = z.output<typeof schema>;

export const orderPickedAndPacked: TopicMessage<typeof schema> = {
  type: 'OrderPickedAndPacked',
  topic: 'OrderPickedAndPacked',
  version: 1,
  title: 'Order picked and packed',
  description: 'The warehouse has picked and packed one shipment of a confirmed order.',
  schema,
  example: { orderId: 'A-1001', shipment: '1', packedAt: '2026-01-31T11:02:40Z' },
  key: data => data.orderId,
};
