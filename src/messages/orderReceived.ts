/** A customer's order, as any producer may send it. */
import { z } from 'zod';
import {
  channel,
  currency,
  emailAddress,
  firstName,
  lastName,
  minorUnits,
  orderId,
  productCode,
  quantity,
  shippingAddress,
  synthetic,
  timestamp,
} from './fields';
import type { TopicMessage } from './message';

const line = z
  .object({
    productCode,
    quantity,
    unitPrice: minorUnits
      .optional()
      .describe("Price of one piece in minor units; where absent, the product's own price holds."),
  })
  .describe('One line of the order.');

const schema = z.object({
  orderId,
  placedAt: timestamp.describe('When the customer placed the order, RFC 3339.'),
  customer: z
    .object({ firstName, lastName, emailAddress, shippingAddress })
    .describe('Who ordered, and where it goes.'),
  products: z
    .array(line)
    .min(1)
    .max(500)
    .refine(pricedTotalIsExact, 'the lines add up to more than can be counted exactly')
    .describe('What is ordered; quantity times unitPrice must add up to at most 2^53 - 1.'),
  channel: channel.optional(),
  currency: currency.optional(),
  synthetic: synthetic.optional(),
  allowBackOrder: z
    .boolean()
    .optional()
    .describe('Whether the order may wait for stock that is short; where absent it is rejected.'),
});

function pricedTotalIsExact(products: readonly z.output<typeof line>[]): boolean {
  const total = products.reduce(
    (sum, { quantity, unitPrice = 0 }) => sum + quantity * unitPrice,
    0,
  );
  return Number.isSafeInteger(total);
}

/** An order as sent, without what the schema does not name; no default is applied. */
export type Order = z.output<typeof schema>;

export const orderReceived: TopicMessage<typeof schema> = {
  type: 'OrderReceived',
  topic: 'OrderReceived',
  version: 1,
  title: 'Order received',
  description: 'A customer has placed an order. Fields that are not named here are ignored.',
  schema,
  example: {
    orderId: 'A-1001',
    placedAt: '2026-01-31T09:30:00Z',
    customer: {
      firstName: 'Ada',
      lastName: 'Lovelace',
      emailAddress: 'ada@example.com',
      shippingAddress: {
        line1: '12 Analytical Way',
        city: 'Springfield',
        state: 'CA',
        postalCode: '90210',
        country: 'US',
      },
    },
    products: [
      { productCode: 'TEA-100', quantity: 2, unitPrice: 500 },
      { productCode: 'CUP-7', quantity: 1 },
    ],
    channel: 'web',
    currency: 'EUR',
  },
  key: order => order.orderId,
};
