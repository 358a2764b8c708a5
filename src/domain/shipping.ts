/** Parcels and the carrier that takes them. */
import type { Order } from '../messages/orderReceived';
import type { StockLine } from './reservation';

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
