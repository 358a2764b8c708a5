/** What the inventory says about an order's stock. */
import type { RejectionReason } from '../messages/orderRejected';
import type { Parcel } from './shipping';

/** One line of a request to reserve: `unitPrice` in minor units where the order names a price of its own. */
export interface ReservationLine {
  readonly productCode: string;
  readonly quantity: number;
  readonly unitPrice?: number;
}

export interface ReservationRequest {
  readonly orderId: string;
  readonly currency: string;
  readonly lines: readonly ReservationLine[];
  /** Whether the order queues up for stock that is short, rather than be refused. */
  readonly mayWait?: boolean;
}

/** Why a line (by its index in the order) can not be served. Business outcomes, never exceptions. */
export interface LineRefusal {
  readonly line: number;
  readonly productCode: string;
  readonly reason: RejectionReason;
}

/**
 * The status of the order's one reservation as it is now.
 * `reserved` carries each line's unit price and the total, in minor units of the order's currency, and
 * the parcels in which it will go, one for each location; `waiting` the products that are short.
 */
export type Reservation =
  | {
      readonly status: 'reserved';
      readonly unitPrices: readonly number[];
      readonly total: number;
      readonly parcels?: readonly Parcel[];
    }
  | { readonly status: 'waiting'; readonly productCodes: readonly string[] }
  | { readonly status: 'short'; readonly refusals: readonly LineRefusal[] }
  | { readonly status: 'released' }
  | { readonly status: 'shipped' };

export type ReservationStatus = Reservation['status'];
