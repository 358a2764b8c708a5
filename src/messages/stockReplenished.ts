/** Stock that has come in. */
import { z } from 'zod';
import { location, productCode, quantity, timestamp } from './fields';
import type { TopicMessage } from './message';

const schema = z.object({
  productCode,
  quantity,
  location: location.optional(),
  at: timestamp.describe('When it came in, RFC 3339.'),
});

export type StockReplenished = z.output<typeof schema>;

export const stockReplenished: TopicMessage<typeof schema> = {
  type: 'StockReplenished',
  topic: 'StockReplenished',
  version: 1,
  title: 'Stock replenished',
  description: 'Pieces of a known product have come in; orders that wait for it are served first.',
  schema,
  example: {
    productCode: 'TEA-100',
    quantity: 500,
    location: 'main',
    at: '2026-01-31T06:00:00Z',
  },
  key: data => data.productCode,
};
