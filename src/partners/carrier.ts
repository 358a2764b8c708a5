/** A carrier: is booked for parcels over HTTP, and reports over Kafka that it has taken them over. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Kafka } from 'kafkajs';
import { z } from 'zod';
import { firstName, lastName, orderId, shipment, shippingAddress } from '../messages/fields';
import { type ShipmentDispatched, shipmentDispatched } from '../messages/shipmentDispatched';
import { type CarrierBehaviour, carrierBehaviour, Steering } from './behaviour';
import { type Booking, CarrierBooks } from './carrierBooks';
import { type Messenger, startMessenger, strangers } from './messenger';
import { take } from './refusal';
import { keyOf, type Partner, type PartnerOptions, startServer } from './server';

export interface CarrierOptions extends PartnerOptions {
  /** A client of its own: it publishes `ShipmentDispatched`, whose topic must exist. */
  readonly kafka: Kafka;
}

/** Under which the company is known to its customers. */
const company = 'swift';

const bookingBody = z.object({
  orderId,
  shipment,
  recipient: z.object({ firstName, lastName, shippingAddress }),
});

interface KeyPath {
  readonly Params: { readonly key: string };
}

/** @throws OrderlyError KafkaUnavailable, PartnerBooksUnreadable, PartnerPortTaken */
export async function startCarrier(options: CarrierOptions): Promise<Partner> {
  const { name, dataDir } = options;
  const steering = new Steering(name, carrierBehaviour);
  const books = new CarrierBooks(name, join(dataDir, `${name}.jsonl`));
  const messenger = await startMessenger({ ...options, steering }).catch(thrown => {
    books.close();
    throw thrown;
  });
  const dispatch = dispatcher(books, messenger);
  const schedule = (key: string) =>
    messenger.later(steering.behaviour.delayMs, () => dispatch(key));
  const server = await startServer({
    ...options,
    steering,
    books: () => books.sums(),
    routes: app => addRoutes(app, { books, steering, booked: schedule }),
    async close() {
      await messenger.stop();
      books.close();
    },
  });
  books.open().forEach(schedule);
  return server;
}

interface Routes {
  readonly books: CarrierBooks;
  readonly steering: Steering<CarrierBehaviour>;
  /** Hears of each new booking. */
  readonly booked: (key: string) => void;
}

function addRoutes(app: FastifyInstance, { books, steering, booked }: Routes): void {
  app.post('/bookings', async (request, reply) => {
    const key = keyOf(request);
    const call = take(bookingBody, request.body);
    const refused = steering.hits('refuse', call.orderId) ? 'nobody delivers there' : undefined;
    const { booking, isNew } = books.book(key, call, refused);
    if (isNew) booked(key);
    return reply.status(201).send({ bookingId: booking.bookingId, carrier: company });
  });

  app.delete<KeyPath>('/bookings/by-key/:key', async ({ params }) => ({
    status: books.cancel(params.key),
  }));
}

/** Takes a parcel over and reports it. A report that was not told when the process ended is told again. */
function dispatcher(books: CarrierBooks, messenger: Messenger): (key: string) => Promise<void> {
  return async key => {
    const parcel = books.dispatch(key);
    if (parcel === undefined) return;
    const { orderId, shipment, dispatchedAt } = parcel;
    const trackingNumber = trackingNumberOf(parcel);
    const news: ShipmentDispatched = {
      orderId,
      shipment,
      carrier: company,
      trackingNumber,
      dispatchedAt,
    };
    const lies = [...strangers(news), { ...news, trackingNumber: `${trackingNumber}-X` }];
    await messenger.tell(shipmentDispatched, news, lies);
    books.told(key);
  };
}

const trackingNumberOf = ({ bookingId }: Booking): string => `SW-${bookingId.replace(/^.*-/, '')}`;
