import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shipmentDispatched } from '../../src/messages/shipmentDispatched';
import { startCarrier } from '../../src/partners/carrier';
import type { Partner } from '../../src/partners/server';
import { quiet, testKafka } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { type Answer, call, statusOf } from './calling';
import { anOrder, haveTopics, listen } from './recordsOf';

const recipient = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  shippingAddress: { line1: '1 Way', city: 'Springfield', state: 'CA', postalCode: '90210' },
};

let topic: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  await haveTopics(shipmentDispatched.topic);
  topic = await listen(shipmentDispatched.topic, 'carrier');
});
afterAll(() => topic?.stop());

let running: Partner[] = [];
afterEach(async () => {
  await Promise.all(running.map(partner => partner.stop()));
  running = [];
});

async function carrier({ dataDir = testFolder(), behaviour = {} } = {}) {
  const partner = await startCarrier({
    name: 'carrier',
    port: 0,
    dataDir,
    kafka: testKafka(),
    logger: quiet,
  });
  running.push(partner);
  const { url } = partner;
  const behave = (body: object) => call('PUT', `${url}/behaviour`, { body });
  await behave(behaviour);
  return {
    partner,
    behave,
    book: (orderId: string, shipment = '1', key = `${orderId}:book:${shipment}`): Promise<Answer> =>
      call('POST', `${url}/bookings`, { key, body: { orderId, shipment, recipient } }),
    cancel: (key: string) => call('DELETE', `${url}/bookings/by-key/${encodeURIComponent(key)}`),
    books: async () => (await call('GET', `${url}/books`)).body,
  };
}

/** No parcel leaves in the time of a test. */
const noVan = { delayMs: 3_600_000 };

describe('A carrier', () => {
  it('takes a parcel on, once for each key, and reports its dispatch to Kafka', async () => {
    const { book, books } = await carrier();
    const orderId = anOrder();
    const first = await book(orderId);
    expect(first).toEqual({
      status: 201,
      body: { bookingId: 'carrier-booking-1', carrier: 'swift' },
    });
    expect(await book(orderId)).toEqual(first);
    await waitFor(() => topic.of(orderId).length > 0);
    const [report] = topic.of(orderId);
    expect(report).toEqual({
      id: `ShipmentDispatched:${orderId}:1`,
      source: 'urn:carrier',
      data: {
        orderId,
        shipment: '1',
        carrier: 'swift',
        trackingNumber: 'SW-1',
        dispatchedAt: expect.any(String),
      },
    });
    expect(shipmentDispatched.schema.safeParse(report?.data).success).toBe(true);
    expect(await books()).toEqual({
      booked: 1,
      waiting: 0,
      dispatched: 1,
      cancelled: 0,
      refused: 0,
    });
    expect((await book(orderId, '2', `${orderId}:book:1`)).body).toMatchObject({
      code: 'KeyReused',
    });
  });

  it('reports a parcel once, however often it was booked', async () => {
    const { book } = await carrier({ behaviour: { delayMs: 100 } });
    const [often, after] = [anOrder(), anOrder()];
    await Promise.all([1, 2, 3, 4].map(() => book(often)));
    await waitFor(() => topic.of(often).length > 0);
    await book(after);
    await waitFor(() => topic.of(after).length > 0);
    expect(topic.of(often)).toHaveLength(1);
  });

  it('calls a booking off until the parcel is gone, and then says that it is gone', async () => {
    const { book, cancel, behave, books } = await carrier();
    const gone = anOrder();
    await book(gone);
    await waitFor(() => topic.of(gone).length > 0);
    expect(await cancel(`${gone}:book:1`)).toEqual({ status: 200, body: { status: 'dispatched' } });

    await behave(noVan);
    const waiting = anOrder();
    await book(waiting);
    expect((await cancel(`${waiting}:book:1`)).body).toEqual({ status: 'cancelled' });
    expect(await book(waiting)).toMatchObject({ status: 409, body: { code: 'Cancelled' } });
    expect(await books()).toMatchObject({ booked: 2, dispatched: 1, cancelled: 1, waiting: 0 });
  });

  it('never books anything for a key that was called off before it came', async () => {
    const { book, cancel, books } = await carrier();
    const orderId = anOrder();
    expect((await cancel(`${orderId}:book:1`)).body).toEqual({ status: 'cancelled' });
    expect(await book(orderId)).toMatchObject({ status: 409, body: { code: 'Cancelled' } });
    expect(await books()).toMatchObject({ booked: 0, cancelled: 0 });
  });

  it('goes on after a restart with what waits, and never with what was called off', async () => {
    const dataDir = testFolder();
    const before = await carrier({ dataDir, behaviour: noVan });
    const [kept, dropped] = [anOrder(), anOrder()];
    for (const orderId of [kept, dropped]) await before.book(orderId);
    await before.cancel(`${dropped}:book:1`);
    await before.cancel('never');
    const books = await before.books();
    expect(books).toMatchObject({ booked: 2, waiting: 1, cancelled: 1 });
    await before.partner.stop();

    const after = await carrier({ dataDir });
    await waitFor(() => topic.of(kept).length > 0);
    expect(await after.books()).toEqual({ ...Object(books), waiting: 0, dispatched: 1 });
    expect((await after.book(anOrder(), '1', 'never')).status).toBe(409);
    expect(topic.of(dropped)).toEqual([]);
  });

  it('tells again after a restart what it could not tell before it ended', async () => {
    const dataDir = testFolder();
    const orderId = anOrder();
    const at = '2026-01-31T15:20:00.000Z';
    const entries = [
      { kind: 'booking', key: 'k', orderId, shipment: '1', recipient, at },
      { kind: 'dispatch', key: 'k', at },
    ];
    const journal = entries.map(entry => `${JSON.stringify(entry)}\n`).join('');
    writeFileSync(join(dataDir, 'carrier.jsonl'), journal);
    const { books } = await carrier({ dataDir });
    await waitFor(() => topic.of(orderId).length > 0);
    expect(topic.of(orderId)[0]?.data).toMatchObject({ dispatchedAt: at });
    expect(await books()).toMatchObject({ booked: 1, dispatched: 1 });
  });

  it('refuses an address for good, and books nothing for it', async () => {
    const { book, behave, books, cancel } = await carrier({ behaviour: { refuse: 1 } });
    const orderId = anOrder();
    const refused = {
      status: 422,
      body: { code: 'AddressRefused', reason: 'nobody delivers there' },
    };
    expect(await book(orderId)).toEqual(refused);
    await behave({});
    expect(await book(orderId)).toEqual(refused);
    expect((await cancel(`${orderId}:book:1`)).body).toEqual({ status: 'refused' });
    expect(await books()).toMatchObject({ booked: 0, refused: 1, waiting: 0 });
  });

  it('books although its answer gets lost, and a repeated call finds the booking', async () => {
    const { book, behave, books } = await carrier({ behaviour: { loseAnswer: 1 } });
    const orderId = anOrder();
    expect([0, 503]).toContain(await statusOf(book(orderId)));
    await behave({});
    expect((await book(orderId)).body).toMatchObject({ bookingId: 'carrier-booking-1' });
    expect(await books()).toMatchObject({ booked: 1 });
  });

  it('sends a report twice, with the same id, where it is to duplicate', async () => {
    const { book } = await carrier({ behaviour: { duplicate: 1 } });
    const orderId = anOrder();
    await book(orderId);
    await waitFor(() => topic.of(orderId).length === 2);
    const [first, second] = topic.of(orderId);
    expect(second).toEqual(first);
  });

  it('lies besides, about orders and parcels that are not there and with false tracking numbers', async () => {
    const { book } = await carrier({ behaviour: { lie: 1 } });
    // Which lie is told follows from the order's id: these meet all of them.
    const orders = Array.from({ length: 12 }, (_, i) => `lied-about-${i}`);
    for (const orderId of orders) await book(orderId);
    const lies = () =>
      topic
        .all()
        .filter(({ id }) => orders.some(order => id?.includes(order) && id.endsWith(':lie')));
    await waitFor(() => lies().length === orders.length);
    const kinds = lies().map(({ data }) => {
      if (String(data.orderId).startsWith('nobody-')) return 'no such order';
      return data.shipment === '999' ? 'no such parcel' : 'false number';
    });
    expect(new Set(kinds)).toEqual(new Set(['no such order', 'no such parcel', 'false number']));
    for (const orderId of orders) {
      const [truth] = topic.of(orderId);
      expect(truth?.id).toBe(`ShipmentDispatched:${orderId}:1`);
    }
    for (const { data } of lies()) {
      expect(shipmentDispatched.schema.safeParse(data).success).toBe(true);
    }
  });
});
