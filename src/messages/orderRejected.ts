/** An order that will not be delivered, with the reason of each line that can not be served. */
import { z } from 'zod';
import { orderId, productCode, synthetic, timestamp } from './fields';
import type { TopicMessage } from './message';

const reason = z
  .enum(['UnknownProduct', 'ShortStock', 'CurrencyMismatch', 'TotalTooLarge'])
  .describe(
    'UnknownProduct: nobody knows the product; ShortStock: too few pieces; CurrencyMismatch: the product is priced in another currency; TotalTooLarge: the total can not be counted exactly.',
  );

const cause = z
  .enum([
    'PaymentDeclined',
    'PaymentUnavailable',
    'ApprovalRefused',
    'ApprovalExpired',
    'BackOrderExpired',
  ])
  .describe(
    'Why the order was refused as a whole. PaymentDeclined: the bank said no; PaymentUnavailable: no payment provider answered in time; ApprovalRefused: a person said no; ApprovalExpired: nobody decided in time; BackOrderExpired: the stock did not come in time.',
  );

/** Why an order is refused as a whole. */
export type RejectionCause = z.output<typeof cause>;

/** Why a line can not be served. */
export type RejectionReason = z.output<typeof reason>;

const schema = z.object({
  orderId,
  rejectedAt: timestamp.describe('When the order was rejected, RFC 3339.'),
  reasons: z
    .array(
      z
        .object({
          line: z.int().min(0).max(499).describe('Index of the line in the order, from 0.'),
          productCode,
          reason,
        })
        .describe('One line that can not be served.'),
    )
    .max(500)
    .describe('Every line that can not be served; none where the order was refused as a whole.'),
  cause: cause.optional(),
  synthetic: synthetic.optional(),
});

export type OrderRejected = z.output<typeof schema>;

export const orderRejected: TopicMessage<typeof schema> = {
  type: 'OrderRejected',
  topic: 'OrderRejected',
  version: 1,
  title: 'Order rejected',
  description: 'An order can not be delivered; nothing is reserved for it.',
  schema,
  example: {
    orderId: 'A-1002',
    rejectedAt: '2026-01-31T09:31:00.040Z',
    reasons: [{ line: 0, productCode: 'TEA-100', reason: 'ShortStock' }],
  },
  key: order => order.orderId,
};
