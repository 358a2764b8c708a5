/** The business facts of an order at a milestone that KPIs may use: bounded values, no personal data. */
import type { OrderInput } from './orderInput';
import { regionOf } from './region';

export interface OrderFacts {
  readonly outcome: 'confirmed' | 'rejected' | 'cancelled' | 'back-ordered' | 'shipped';
  /** Minor units of `currency`; absent where the order was never priced. */
  readonly total?: number;
  readonly currency: string;
  readonly channel: string;
  readonly region: string;
  /** Lines whose product nobody knows. */
  readonly unknownProducts: number;
  readonly synthetic: boolean;
}

/** Channel of an order that names none. */
export const unknownChannel = 'unknown';

/** The facts that an order brings with it, whatever becomes of it. */
export const factsOf = (
  { order }: Pick<OrderInput, 'order'>,
  {
    outcome,
    total,
    unknownProducts = 0,
  }: Pick<OrderFacts, 'outcome' | 'total'> & {
    readonly unknownProducts?: number;
  },
): OrderFacts => ({
  outcome,
  total,
  currency: order.currency,
  channel: order.channel ?? unknownChannel,
  region: regionOf(order.customer.shippingAddress),
  unknownProducts,
  synthetic: order.synthetic === true,
});
