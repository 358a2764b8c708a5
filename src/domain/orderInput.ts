/** What starts an order's workflow, and what it answers. */
import type { Order } from '../messages/orderReceived';
import type { RejectionCause } from '../messages/orderRejected';
import type { Approval } from './approval';
import type { CancellationRequest } from './decision';
import type { OrderOutcome, OrderStatus, StatusChange } from './orderStatus';
import type { OrderPlan } from './plan';
import type { LineRefusal } from './reservation';
import type { ParcelState } from './shipping';

/** The order as it was taken: defaults applied, the time it was received (RFC 3339). */
export interface OrderInput {
  readonly order: Order & { readonly currency: string };
  readonly receivedAt: string;
  /** Absent where the order's life ends with its decision. */
  readonly plan?: OrderPlan;
}

/** A compensation that succeeded; `step` is the name of its activity, `at` is RFC 3339. */
export interface CompensationDone {
  readonly step: string;
  readonly at: string;
  /** The parcel for which it was done; absent where it was for the order. */
  readonly shipment?: string;
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
  readonly cause?: RejectionCause;
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
  readonly cause?: RejectionCause;
  /** Who decided the order, where a person had to. */
  readonly approval?: Approval;
  /** Who called the order off, and why. */
  readonly cancellation?: CancellationRequest;
  /** The provider that holds the money. */
  readonly provider?: string;
  /** Absent where the order ends with its confirmation. */
  readonly parcels?: readonly ParcelState[];
  readonly history: readonly StatusChange[];
  /** What was taken back again for the order and, once they have ended, for its parcels; by time. */
  readonly compensations?: readonly CompensationDone[];
}
