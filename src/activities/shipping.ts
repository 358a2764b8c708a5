/** The carrier, as a workflow calls it. */
import type { BookingRequest } from '../domain/shipping';
import { OrderlyError } from '../errors';
import type { Carrier } from '../providers/carrier';
import { withFailures } from './failure';

/** Both activities may be repeated: a key books at most once. */
export function createShippingActivities({ carrier }: { carrier: Carrier | undefined }) {
  const configured = (): Carrier => {
    if (carrier === undefined) throw new OrderlyError('ProviderUnknown', { provider: 'carrier' });
    return carrier;
  };
  return {
    /** An address that the carrier does not serve is an answer, not a failure. */
    bookCarrier: withFailures(async (request: BookingRequest) => configured().book(request)),
    cancelBooking: withFailures(async ({ key }: Pick<BookingRequest, 'key'>) =>
      configured().cancel(key),
    ),
  };
}

export type ShippingActivities = ReturnType<typeof createShippingActivities>;
