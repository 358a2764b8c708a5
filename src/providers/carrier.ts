/** The client of the carrier. Both calls may be repeated: their key makes them happen once. */
import { z } from 'zod';
import type { BookingAnswer, BookingRequest } from '../domain/shipping';
import type { Call } from './call';
import { answerOf } from './meaning';

/** Each method throws as a `Call` does, and PartnerRefused where the carrier says no for good. */
export interface Carrier {
  /** A parcel that the carrier does not take is an answer. */
  book(request: BookingRequest): Promise<BookingAnswer>;
  cancel(key: string): Promise<void>;
}

export interface CarrierOptions {
  readonly name: string;
  readonly call: Call;
  readonly timeoutMs: number;
}

const unprocessable = 422;
const booked = z.object({ bookingId: z.string(), carrier: z.string() });
const addressRefused = z.object({ code: z.literal('AddressRefused'), reason: z.string() });

export function createCarrier({ name, call, timeoutMs }: CarrierOptions): Carrier {
  return {
    async book({ key, ...body }) {
      const reply = await call({ method: 'POST', path: '/bookings', timeoutMs, key, body });
      if (reply.status === unprocessable) {
        const refusal = addressRefused.safeParse(reply.body);
        if (refusal.success) return { status: 'refused', reason: refusal.data.reason };
      }
      return { status: 'booked', ...answerOf(name, reply, booked) };
    },
    async cancel(key) {
      const path = `/bookings/by-key/${encodeURIComponent(key)}`;
      answerOf(name, await call({ method: 'DELETE', path, timeoutMs }), z.unknown());
    },
  };
}
