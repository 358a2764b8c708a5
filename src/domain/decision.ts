/** Deciding an order: from what the inventory says to an outcome with its reasons. */
import type { LineRefusal, Reservation } from './reservation';

/** Who asked for a cancellation, and why. */
export interface CancellationRequest {
  readonly by: string;
  readonly reason?: string;
}

export type Decision =
  | {
      readonly outcome: 'confirmed';
      readonly unitPrices: readonly number[];
      readonly total: number;
    }
  | { readonly outcome: 'rejected'; readonly refusals: readonly LineRefusal[] }
  | { readonly outcome: 'cancelled'; readonly request: CancellationRequest };

/** A reservation that was released under the order, by an operator or the sweep, never confirms it. */
const releasedElsewhere: CancellationRequest = {
  by: 'orderly',
  reason: 'the reservation was released before the order was decided',
};

/** A cancellation that was accepted wins over whatever the inventory answered meanwhile. */
export function decide(
  reservation: Reservation | undefined,
  cancellation: CancellationRequest | undefined,
): Decision {
  if (cancellation !== undefined) return { outcome: 'cancelled', request: cancellation };
  switch (reservation?.status) {
    case 'reserved':
      return {
        outcome: 'confirmed',
        unitPrices: reservation.unitPrices,
        total: reservation.total,
      };
    case 'short':
      return { outcome: 'rejected', refusals: reservation.refusals };
    default:
      return { outcome: 'cancelled', request: releasedElsewhere };
  }
}
