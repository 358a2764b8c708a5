/** The orders that the bench sends: ordinary ones, of products that are always in stock. */
import { createRandom } from '../../src/cli/orders/random';
import { randomOrder } from '../../src/cli/orders/randomOrder';
import { newIdPrefix } from '../../src/cli/orders/submission';
import type { Order } from '../../src/messages/orderReceived';

export const products = Array.from({ length: 1_000 }, (_, i) => ({
  productCode: `SKU-${i}`,
  price: 500 + i,
  currency: 'EUR',
  onHand: 100_000_000,
}));

/** As many orders; the same seed gives the same content, under ids that no other run has. */
export function makeOrders(count: number): Order[] {
  const random = createRandom(count);
  const prefix = newIdPrefix('bench');
  return Array.from({ length: count }, (_, i) =>
    randomOrder(random, {
      orderId: `${prefix}${i}`,
      placedAt: new Date().toISOString(),
      products,
    }),
  );
}
