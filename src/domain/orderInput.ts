/** What starts an order's workflow, and what it answers. */
import type { Order } from '../messages/orderReceived';
import type { OrderOutcome, OrderStatus, StatusChange } from './orderStatus';
import type { OrderPlan } from './plan';
import type { LineRefusal } from './reservation';

/** The order as it was taken: defaults applied, the time it was received (RFC 3339). */
export interface OrderInput {
  readonly order: Order & { readonly currency: string };
  readonly receivedAt: string;
  /** Absent where the order's life ends with its decision. */
  readonly plan?: OrderPlan;
}

/**
 * The typed outcome with which an order's workflow closes. `total` in minor units of `currency`;
 * `endedAt` (RFC 3339) is when nothing was left to do: everything was announced.
 */
export interface OrderResult {
  readonly orderId: string;
  readonly outcome: OrderOutcome;
  readonly currency: string;
  readonly total?: number;
  readonly refusals?: readonly LineRefusal[];
  readonly endedAt: string;
}

/** What the query `status` answers. */
export interface OrderSnapshot {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly receivedAt: string;
  readonly currency: string;
  readonly total?: number;
  readonly refusals?: readonly LineRefusal[];
  readonly history: readonly StatusChange[];
}
