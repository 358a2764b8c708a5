import { createShippingActivities } from '../../src/activities/shipping';
import type { BookingRequest } from '../../src/domain/shipping';
import { shipmentDispatched } from '../../src/messages/shipmentDispatched';
import { startCarrier } from '../../src/partners/carrier';
import { createCarrier } from '../../src/providers/carrier';
import { connectPartner } from '../../src/providers/partner';
import { call } from '../partners/calling';
import { haveTopics } from '../partners/recordsOf';
import { quiet, testKafka, unique } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { attempt } from './attempt';

const closing: (() => unknown)[] = [];
beforeAll(() => haveTopics(shipmentDispatched.topic));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The activities, and the real carrier that they call. */
async function start() {
  const partner = await startCarrier({
    name: 'carrier',
    port: 0,
    dataDir: testFolder(),
    kafka: testKafka(),
    logger: quiet,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= partner.stop();
    return stopped;
  };
  closing.push(stop);
  const { url } = partner;
  const behave = (body: object) => call('PUT', `${url}/behaviour`, { body });
  await behave(noVan);
  const breaker = connectPartner({ name: 'carrier', url });
  closing.push(() => breaker.stop());
  const carrier = createCarrier({ name: 'carrier', call: breaker.call, timeoutMs: 5_000 });
  const books = async () => (await call('GET', `${url}/books`)).body;
  return { behave, stop, books, ...createShippingActivities({ carrier }) };
}

/** No parcel leaves in the time of a test. */
const noVan = { delayMs: 3_600_000 };

function booking(): BookingRequest {
  const orderId = unique('order');
  return {
    key: `${orderId}:book:1`,
    orderId,
    shipment: '1',
    recipient: {
      firstName: 'Ada',
      lastName: 'Lovelace',
      shippingAddress: { line1: '1 Way', city: 'Springfield', state: 'CA', postalCode: '90210' },
    },
  };
}

describe('bookCarrier', () => {
  it('books a parcel once, however often it is repeated', async () => {
    const { bookCarrier, books } = await start();
    const request = booking();
    const booked = { status: 'booked', bookingId: expect.any(String), carrier: 'swift' };
    const answer = await attempt(1, bookCarrier, request);
    expect(answer).toEqual(booked);
    expect(await attempt(1, bookCarrier, request)).toEqual(answer);
    expect(await books()).toMatchObject({ booked: 1 });
  });

  it('answers that the carrier does not take the parcel, and why', async () => {
    const { bookCarrier, behave } = await start();
    await behave({ ...noVan, refuse: 1 });
    expect(await attempt(1, bookCarrier, booking())).toEqual({
      status: 'refused',
      reason: 'nobody delivers there',
    });
  });

  it('is tried again where the answer is lost, and then finds its booking', async () => {
    const { bookCarrier, behave, books } = await start();
    const request = booking();
    await behave({ ...noVan, loseAnswer: 1 });
    await expect(attempt(1, bookCarrier, request)).rejects.toMatchObject({
      type: 'PartnerOutcomeUnknown',
      nonRetryable: false,
    });
    await behave(noVan);
    expect(await attempt(1, bookCarrier, request)).toMatchObject({ status: 'booked' });
    expect(await books()).toMatchObject({ booked: 1 });
  });

  it('is tried again where the carrier can not be reached', async () => {
    const { bookCarrier, stop } = await start();
    await stop();
    await expect(attempt(1, bookCarrier, booking())).rejects.toMatchObject({
      type: 'PartnerUnavailable',
      nonRetryable: false,
    });
  });

  it('fails for good where the booking was cancelled before it came', async () => {
    const { bookCarrier, cancelBooking, books } = await start();
    const request = booking();
    await attempt(1, cancelBooking, request);
    await expect(attempt(1, bookCarrier, request)).rejects.toMatchObject({
      type: 'PartnerRefused',
      nonRetryable: true,
    });
    expect(await books()).toMatchObject({ booked: 0 });
  });
});

describe('cancelBooking', () => {
  it('takes a booking back, however often it is repeated', async () => {
    const { bookCarrier, cancelBooking, books } = await start();
    const request = booking();
    await attempt(1, bookCarrier, request);
    await attempt(1, cancelBooking, { key: request.key });
    await attempt(1, cancelBooking, { key: request.key });
    expect(await books()).toMatchObject({ booked: 1, cancelled: 1 });
  });
});

describe('Where no carrier is configured', () => {
  it('both fail for good', async () => {
    const { bookCarrier, cancelBooking } = createShippingActivities({ carrier: undefined });
    const refused = { type: 'ProviderUnknown', nonRetryable: true };
    await expect(attempt(1, bookCarrier, booking())).rejects.toMatchObject(refused);
    await expect(attempt(1, cancelBooking, booking())).rejects.toMatchObject(refused);
  });
});
