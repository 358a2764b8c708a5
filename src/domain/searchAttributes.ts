/** The typed search attributes of an order: what the Temporal UI can filter and sort by. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const orderSearchAttributes = {
  status: defineSearchAttributeKey('OrderStatus', SearchAttributeType.KEYWORD),
  /** Minor units of `OrderCurrency`. */
  total: defineSearchAttributeKey('OrderTotal', SearchAttributeType.INT),
  currency: defineSearchAttributeKey('OrderCurrency', SearchAttributeType.KEYWORD),
  channel: defineSearchAttributeKey('OrderChannel', SearchAttributeType.KEYWORD),
  region: defineSearchAttributeKey('CustomerRegion', SearchAttributeType.KEYWORD),
} as const;
