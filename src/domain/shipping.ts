/** Parcels and the carrier that takes them. */
import type { Order } from '../messages/orderReceived';

/** Pieces of one product. */
export interface StockLine {
  readonly productCode: string;
  readonly quantity: number;
}

/** One parcel of an order: what is picked at one location. `shipment` counts from '1'. */
export interface Parcel {
  readonly shipment: string;
  readonly location: string;
  readonly products: readonly StockLine[];
}

/** Book a carrier for a packed parcel. `key`: the same key never books twice. */
export interface BookingRequest {
  readonly key: string;
  readonly orderId: string;
  readonly shipment: string;
  readonly recipient: Pick<Order['customer'], 'firstName' | 'lastName' | 'shippingAddress'>;
}

/** A carrier may refuse a parcel, for an address that it does not serve: an answer, not a failure. */
export type BookingAnswer =
  | { readonly status: 'booked'; readonly bookingId: string; readonly carrier: string }
  | { readonly status: 'refused'; readonly reason: string };

/** What the carrier reports of a parcel that it took over; the time is RFC 3339. */
export interface Dispatch {
  readonly shipment: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly dispatchedAt: string;
}

/** What the warehouse reports of a parcel that is closed; the time is RFC 3339. */
export interface Packing {
  readonly shipment: string;
  readonly packedAt: string;
}

/** How far one parcel is: `cancelled` where its order ended before it was packed. */
export interface ParcelState {
  readonly shipment: string;
  readonly location: string;
  readonly status: 'picking' | 'packed' | 'shipped' | 'failed' | 'cancelled';
  readonly carrier?: string;
  readonly trackingNumber?: string;
  /** Why it failed. */
  readonly reason?: string;
}

/**
 * What each parcel is worth, in minor units: its pieces at the prices of the lines that they belong to,
 * lines of the same product being filled in their order. The parcels of an order add up to its total.
 */
export function parcelAmounts(
  lines: readonly StockLine[],
  unitPrices: readonly number[],
  parcels: readonly Parcel[],
): number[] {
  const left = lines.map(({ quantity }) => quantity);
  return parcels.map(({ products }) => {
    let amount = 0;
    for (const { productCode, quantity } of products) {
      let wanted = quantity;
      for (const [index, line] of lines.entries()) {
        if (line.productCode !== productCode) continue;
        const pieces = Math.min(wanted, left[index]!);
        left[index]! -= pieces;
        wanted -= pieces;
        amount += pieces * unitPrices[index]!;
      }
    }
    return amount;
  });
}
