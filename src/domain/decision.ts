/** Deciding an order: from what the inventory says to an outcome with its reasons. */
import type { LineRefusal, Reservation } from './reservation';

/** Who asked for a cancellation, and why: `by` up to 100 characters, `reason` up to 200. */
export interface CancellationRequest {
  readonly by: string;
  readonly reason?: string;
}

/** What is wrong with a request that anybody may have sent; undefined where nothing is. */
export function cancellationFault(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return 'it is no object';
  const { by, reason }: { by?: unknown; reason?: unknown } = request;
  if (!isText(by, 100)) return 'by is not a text of 1 to 100 characters';
  if (reason !== undefined && !isText(reason, 200)) {
    return 'reason is not a text of 1 to 200 characters';
  }
  return undefined;
}

const isText = (value: unknown, longest: number): boolean =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  value.length <= longest &&
  !/[\p{Cc}\p{Cs}]/u.test(value);

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
