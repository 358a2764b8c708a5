/**
 * The books of a carrier: which parcels it has taken on, and what became of them.
 * At every moment: booked = waiting + dispatched + cancelled; what was refused was never booked.
 */
import { Journal } from './journal';
import { now, Refusal, sameBody } from './refusal';
import type { CarrierSums } from './sums';

export interface BookingCall {
  readonly orderId: string;
  readonly shipment: string;
  readonly recipient: object;
}

export interface Booking extends BookingCall {
  readonly bookingId: string;
  readonly key: string;
  readonly status: 'waiting' | 'dispatched' | 'cancelled' | 'refused';
  /** Why the address was refused. */
  readonly reason?: string;
  readonly dispatchedAt?: string;
  /** Whether the message of its dispatch has reached Kafka. */
  readonly told: boolean;
}

/** A parcel that the carrier has taken over. */
export type Dispatched = Booking & { readonly dispatchedAt: string };

type Entry = { readonly key: string; readonly at: string } & (
  | ({ readonly kind: 'booking'; readonly refused?: string } & BookingCall)
  | { readonly kind: 'cancel' }
  | { readonly kind: 'dispatch' }
  | { readonly kind: 'told' }
);

export class CarrierBooks {
  private readonly bookings = new Map<string, Booking>();
  /** Keys that were cancelled before they booked anything. */
  private readonly never = new Set<string>();
  private booked = 0;
  private readonly journal: Journal<Entry>;

  /** @throws OrderlyError PartnerBooksUnreadable */
  constructor(
    private readonly name: string,
    path: string,
  ) {
    this.journal = new Journal(path, entry => this.apply(entry));
  }

  /**
   * Takes a parcel on, or refuses it; the same key again gets the same answer.
   * @param refused why the address is refused, where it is; only a key that is new is looked at
   * @throws Refusal AddressRefused, Cancelled, KeyReused
   */
  book(key: string, call: BookingCall, refused?: string): { booking: Booking; isNew: boolean } {
    const known = this.bookings.get(key);
    if (this.never.has(key) || known?.status === 'cancelled') {
      throw new Refusal('Cancelled', `${key} was cancelled`);
    }
    if (known === undefined) {
      this.journal.add({ kind: 'booking', key, ...call, refused, at: now() });
    } else {
      sameBody(key, call, known);
    }
    const booking = this.bookings.get(key)!;
    if (booking.status === 'refused') throw new Refusal('AddressRefused', booking.reason ?? '');
    return { booking, isNew: known === undefined };
  }

  /**
   * Calls a booking off, unless its parcel is gone; answers with what became of it. A key that is unknown
   * is kept, so that it never books anything later.
   */
  cancel(key: string): Exclude<Booking['status'], 'waiting'> {
    const status =
      this.bookings.get(key)?.status ?? (this.never.has(key) ? 'cancelled' : 'waiting');
    if (status !== 'waiting') return status;
    this.journal.add({ kind: 'cancel', key, at: now() });
    return 'cancelled';
  }

  /** Takes the parcel over, if it still waits; answers with it where its dispatch is to be told. */
  dispatch(key: string): Dispatched | undefined {
    if (this.bookings.get(key)?.status === 'waiting') {
      this.journal.add({ kind: 'dispatch', key, at: now() });
    }
    const booking = this.bookings.get(key);
    return booking !== undefined && isDispatched(booking) && !booking.told ? booking : undefined;
  }

  told(key: string): void {
    this.journal.add({ kind: 'told', key, at: now() });
  }

  /** The keys of what is not dispatched, or not told, yet. */
  open(): string[] {
    const open = [...this.bookings.values()].filter(
      ({ status, told }) => status === 'waiting' || (status === 'dispatched' && !told),
    );
    return open.map(({ key }) => key);
  }

  sums(): CarrierSums {
    const sums = { waiting: 0, dispatched: 0, cancelled: 0, refused: 0 };
    for (const { status } of this.bookings.values()) sums[status]++;
    return { booked: this.booked, ...sums };
  }

  close(): void {
    this.journal.close();
  }

  private apply(entry: Entry): void {
    const { key } = entry;
    const known = this.bookings.get(key);
    if (entry.kind === 'booking') {
      const { orderId, shipment, recipient, refused: reason } = entry;
      const bookingId = `${this.name}-booking-${this.bookings.size + 1}`;
      const status = reason === undefined ? 'waiting' : 'refused';
      const call = { orderId, shipment, recipient };
      this.bookings.set(key, { bookingId, key, ...call, status, reason, told: false });
      if (status === 'waiting') this.booked++;
    } else if (known === undefined) {
      this.never.add(key);
    } else if (entry.kind === 'cancel') {
      this.bookings.set(key, { ...known, status: 'cancelled' });
    } else if (entry.kind === 'dispatch') {
      this.bookings.set(key, { ...known, status: 'dispatched', dispatchedAt: entry.at });
    } else {
      this.bookings.set(key, { ...known, told: true });
    }
  }
}

const isDispatched = (booking: Booking): booking is Dispatched =>
  booking.status === 'dispatched' && booking.dispatchedAt !== undefined;
