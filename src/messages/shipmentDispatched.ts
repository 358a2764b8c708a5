/** A parcel that the carrier has taken over. */
import { z } from 'zod';
import { carrier, orderId, shipment, timestamp, trackingNumber } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  orderId,
  shipment,
  carrier,
  trackingNumber,
  dispatchedAt: timestamp.describe('When the carrier took the parcel over, RFC 3339.'),
});

export type ShipmentDispatched = z.output<typeof schema>;

export const shipmentDispatched: TopicMessage<typeof schema> = {
  type: 'ShipmentDispatched',
  topic: 'ShipmentDispatched',
  version: 1,
  title: 'Shipment dispatched',
  description: 'The carrier has taken over one shipment of an order.',
  schema,
  example: {
    orderId: 'A-1001',
    shipment: '1',
    carrier: 'swift',
    trackingNumber: 'SW-4711-0815',
    dispatchedAt: '2026-01-31T15:20:00Z',
  },
  key: data => data.orderId,
};
