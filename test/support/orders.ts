import type { OrderInput } from '../../src/domain/orderInput';
import { orderReceived } from '../../src/messages/orderReceived';

/** A valid order as the workflow gets it; `changes` replace its fields. */
export function orderInput(
  orderId: string,
  changes: Partial<OrderInput['order']> = {},
): OrderInput {
  return {
    order: { ...orderReceived.example, currency: 'EUR', orderId, ...changes },
    receivedAt: '2026-01-31T09:30:01.000Z',
  };
}
