/**
 * The life of an order.
 *
 * ```
 * received ─┬─► confirmed      every line reserved
 *           ├─► rejected       a line short, unknown or not priced in the order's currency
 *           ├─► cancelled      the customer, or Temporal's own Cancel, came before the decision
 *           └─► failed         the inventory refused for good; what was reserved is released
 * ```
 * The four on the right are final: an order is decided once, and what was announced stays true.
 */
const successors = {
  received: ['confirmed', 'rejected', 'cancelled', 'failed'],
  confirmed: [],
  rejected: [],
  cancelled: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>;

export type OrderStatus = keyof typeof successors;

/** An order's final status, which is its outcome. */
export type OrderOutcome = Exclude<OrderStatus, 'received'>;

export const mayFollow = (from: OrderStatus, to: OrderStatus): boolean =>
  (successors[from] as readonly OrderStatus[]).includes(to);

export const isDecided = (status: OrderStatus): status is OrderOutcome =>
  successors[status].length === 0;

/** One entry of an order's history; `at` is RFC 3339. */
export interface StatusChange {
  readonly status: OrderStatus;
  readonly at: string;
}
