/** An order that will be delivered: all that a warehouse needs to pick and pack it. */
import { z } from 'zod';
import {
  channel,
  currency,
  firstName,
  lastName,
  location,
  minorUnits,
  orderId,
  productCode,
  quantity,
  shipment,
  shippingAddress,
  stockLine,
  synthetic,
  timestamp,
} from './fields';
import type { TopicMessage } from './message';

const line = z
  .object({
    productCode,
    quantity,
    unitPrice: minorUnits.describe('Price of one piece in minor units, as charged.'),
  })
  .describe('One line of the order, in the order of the original.');

const schema = z.object({
  orderId,
  confirmedAt: timestamp.describe('When the order was confirmed, RFC 3339.'),
  products: z.array(line).min(1).max(500).describe('What is reserved for the order.'),
  total: z.int().min(0).describe('Sum of all lines in minor units.'),
  currency,
  customer: z
    .object({ firstName, lastName, shippingAddress })
    .describe('Who receives the parcel, and where.'),
  channel: channel.optional(),
  synthetic: synthetic.optional(),
  shipments: z
    .array(
      z
        .object({
          shipment,
          location,
          products: z.array(stockLine).min(1).max(500).describe('What is in the parcel.'),
        })
        .describe('One parcel: what is picked at one location.'),
    )
    .min(1)
    .max(999)
    .optional()
    .describe('The parcels to pick and pack; absent where the order ends with its confirmation.'),
});

export type OrderConfirmed = z.output<typeof schema>;

export const orderConfirmed: TopicMessage<typeof schema> = {
  type: 'OrderConfirmed',
  topic: 'OrderConfirmed',
  version: 1,
  title: 'Order confirmed',
  description: 'The stock of an order is reserved, and the order will be delivered.',
  schema,
  example: {
    orderId: 'A-1001',
    confirmedAt: '2026-01-31T09:30:02.125Z',
    products: [
      { productCode: 'TEA-100', quantity: 2, unitPrice: 500 },
      { productCode: 'CUP-7', quantity: 1, unitPrice: 1250 },
    ],
    total: 2250,
    currency: 'EUR',
    customer: {
      firstName: 'Ada',
      lastName: 'Lovelace',
      shippingAddress: {
        line1: '12 Analytical Way',
        city: 'Springfield',
        state: 'CA',
        postalCode: '90210',
        country: 'US',
      },
    },
    channel: 'web',
  },
  key: order => order.orderId,
};
