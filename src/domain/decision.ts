/** Deciding an order: from what the inventory, people and banks say to an outcome with its reasons. */
import type { RejectionCause } from '../messages/orderRejected';
import { textFault } from './requests';
import type { LineRefusal, Reservation } from './reservation';
import type { Parcel } from './shipping';

/** Who asked for a cancellation, and why: `by` up to 100 characters, `reason` up to 200. */
export interface CancellationRequest {
  readonly by: string;
  readonly reason?: string;
}

/** What is wrong with a request that anybody may have sent; undefined where nothing is. */
export function cancellationFault(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return 'it is no object';
  return textFault(request);
}

export type Decision = Confirmed | Rejected | Cancelled;

export interface Confirmed {
  readonly outcome: 'confirmed';
  readonly unitPrices: readonly number[];
  readonly total: number;
  readonly parcels?: readonly Parcel[];
}

/** `cause` where the order was refused as a whole. */
export interface Rejected {
  readonly outcome: 'rejected';
  readonly refusals: readonly LineRefusal[];
  readonly cause?: RejectionCause;
}

export interface Cancelled {
  readonly outcome: 'cancelled';
  readonly request: CancellationRequest;
}

/** A reservation that was released under the order, by an operator or the sweep, never confirms it. */
const releasedElsewhere: CancellationRequest = {
  by: 'orderly',
  reason: 'the reservation was released before the order was decided',
};

/** What the inventory's answer alone makes of an order. */
export function decide(reservation: Reservation): Decision {
  switch (reservation.status) {
    case 'reserved': {
      const { unitPrices, total, parcels } = reservation;
      return { outcome: 'confirmed', unitPrices, total, ...(parcels && { parcels }) };
    }
    case 'short':
      return { outcome: 'rejected', refusals: reservation.refusals };
    default:
      return { outcome: 'cancelled', request: releasedElsewhere };
  }
}

export const rejectedFor = (cause: RejectionCause): Rejected => ({
  outcome: 'rejected',
  refusals: [],
  cause,
});
