/**
 * The life of an order.
 *
 * ```
 * received ─┬─► reserved ─┬─► awaiting-approval ─► approved ─┐
 *           │      ▲      └──────────────────────────────────┴─► authorized ─► confirmed ─► shipping ─► completed
 *           └─► back-ordered
 * ```
 * How much of it an order lives is in its plan: without payment nothing is authorized, and without
 * fulfilment it rests once it is confirmed. It is `rejected` instead where the stock, a person or the bank
 * says no; `cancelled` where the customer, or Temporal's own Cancel, calls it off before any of it was
 * packed; `failed` where something was refused for good. What it held is given back in all three.
 */
const successors = {
  received: ['back-ordered', 'reserved', 'confirmed', 'rejected', 'cancelled', 'failed'],
  'back-ordered': ['reserved', 'rejected', 'cancelled', 'failed'],
  reserved: ['awaiting-approval', 'authorized', 'confirmed', 'rejected', 'cancelled', 'failed'],
  'awaiting-approval': ['approved', 'rejected', 'cancelled', 'failed'],
  approved: ['authorized', 'confirmed', 'rejected', 'cancelled', 'failed'],
  authorized: ['confirmed', 'cancelled', 'failed'],
  confirmed: ['shipping', 'cancelled', 'failed'],
  shipping: ['completed', 'failed'],
  completed: [],
  rejected: [],
  cancelled: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>;

export type OrderStatus = keyof typeof successors;

/** The status in which an order comes to rest; `confirmed` where its plan has no fulfilment. */
export type OrderOutcome = 'confirmed' | 'completed' | 'rejected' | 'cancelled' | 'failed';

export const orderStatuses = Object.keys(successors) as readonly OrderStatus[];

export const mayFollow = (from: OrderStatus, to: OrderStatus): boolean =>
  (successors[from] as readonly OrderStatus[]).includes(to);

/** Whether the order may be in this status for good. */
export const isOutcome = (status: OrderStatus): status is OrderOutcome =>
  successors[status].length === 0 || status === 'confirmed';

/** Whether an order of this status can still be called off, and its address be changed. */
export const mayBeCancelled = (status: OrderStatus, isFulfilled: boolean): boolean =>
  mayFollow(status, 'cancelled') && (status !== 'confirmed' || isFulfilled);

/** One entry of an order's history; `at` is RFC 3339. */
export interface StatusChange {
  readonly status: OrderStatus;
  readonly at: string;
}
