import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../../src/kafka/cloudEvents';
import { createPublisher, type Publisher } from '../../src/kafka/publisher';
import type { TopicMessage } from '../../src/messages/message';
import { orderCancelled } from '../../src/messages/orderCancelled';
import { orderConfirmed } from '../../src/messages/orderConfirmed';
import { orderPickedAndPacked } from '../../src/messages/orderPickedAndPacked';
import type { Partner } from '../../src/partners/server';
import { startWarehouse } from '../../src/partners/warehouse';
import { WarehouseBooks } from '../../src/partners/warehouseBooks';
import { committedOffsets, quiet, testKafka, unique } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { call } from './calling';
import { anOrder, haveTopics, listen } from './recordsOf';

/** Warehouses of other tests hear of the same orders, and report them under other names. */
const name = unique('warehouse');

let publisher: Publisher;
let topic: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  await haveTopics(orderConfirmed.topic, orderCancelled.topic, orderPickedAndPacked.topic);
  publisher = await createPublisher(testKafka(), { logger: quiet });
  topic = await listen(orderPickedAndPacked.topic, name);
});
afterAll(async () => {
  await topic?.stop();
  await publisher?.stop();
});

let running: Partner[] = [];
afterEach(async () => {
  await Promise.all(running.map(partner => partner.stop()));
  running = [];
});

async function warehouse({
  dataDir = testFolder(),
  group = unique('warehouse'),
  behaviour = {},
} = {}) {
  const partner = await startWarehouse({
    name,
    port: 0,
    dataDir,
    group,
    kafka: testKafka(),
    logger: quiet,
  });
  running.push(partner);
  const behave = (body: object) => call('PUT', `${partner.url}/behaviour`, { body });
  await behave(behaviour);
  return { partner, behave, group, books: () => sums(partner.url) };
}

async function sums(url: string): Promise<Record<string, number>> {
  return Object(await call('GET', `${url}/books`)).body;
}

const publish = (message: TopicMessage, data: { orderId: string }) =>
  publisher.publish({
    topic: message.topic,
    ...encode({
      type: message.type,
      id: `${message.type}:${data.orderId}`,
      key: data.orderId,
      data,
    }),
  });

const confirm = (orderId: string, shipments = ['1']) =>
  publish(orderConfirmed, {
    ...orderConfirmed.example,
    orderId,
    shipments: shipments.map(shipment => ({
      shipment,
      location: 'main',
      products: [{ productCode: 'TEA-100', quantity: 2 }],
    })),
  } as { orderId: string });

const cancel = (orderId: string) =>
  publish(orderCancelled, { orderId, cancelledAt: '2026-01-31T09:32:00Z' } as { orderId: string });

const packed = (orderId: string) => topic.of(orderId).map(({ data }) => data.shipment);

/** Nothing is picked in the time of a test. */
const nobodyPicks = { latencyMs: 3_600_000 };

describe('A warehouse', () => {
  it('picks and packs each parcel of a confirmed order once, and reports each', async () => {
    await warehouse();
    const orderId = anOrder();
    await confirm(orderId, ['1', '2']);
    await confirm(orderId, ['1', '2']);
    const marker = anOrder();
    await confirm(marker);
    await waitFor(() => packed(orderId).length >= 2 && packed(marker).length > 0);
    expect(packed(orderId).sort()).toEqual(['1', '2']);
    const [report] = topic.of(orderId);
    expect(report).toMatchObject({ source: `urn:${name}` });
    expect(report?.id).toBe(`OrderPickedAndPacked:${orderId}:${report?.data.shipment}`);
    expect(orderPickedAndPacked.schema.safeParse(report?.data).success).toBe(true);
  });

  it('passes over orders that end with their confirmation, and what is no order', async () => {
    await warehouse();
    const [without, after] = [anOrder(), anOrder()];
    await publish(orderConfirmed, { ...orderConfirmed.example, orderId: without });
    await publisher.publish({ topic: orderConfirmed.topic, key: after, value: 'no JSON' });
    await publish(orderConfirmed, { orderId: after });
    await confirm(after);
    await waitFor(() => packed(after).length > 0);
    expect(topic.of(without)).toEqual([]);
  });

  it('goes on after a restart with what it was picking', async () => {
    const dataDir = testFolder();
    const group = unique('warehouse');
    const before = await warehouse({ dataDir, group, behaviour: nobodyPicks });
    const orderId = anOrder();
    await confirm(orderId);
    await waitFor(async () => (await before.books()).picking! > 0 && knows(dataDir, orderId));
    expect(packed(orderId)).toEqual([]);
    await before.partner.stop();

    await warehouse({ dataDir, group });
    await waitFor(() => packed(orderId).length > 0);
    expect(packed(orderId)).toEqual(['1']);
  });

  it('stops picking when the order is cancelled', async () => {
    const dataDir = testFolder();
    const group = unique('warehouse');
    const before = await warehouse({ dataDir, group, behaviour: nobodyPicks });
    const [cancelled, kept] = [anOrder(), anOrder()];
    await confirm(cancelled);
    await confirm(kept);
    await cancel(cancelled);
    await waitFor(async () => (await before.books()).cancelled! > 0 && knows(dataDir, kept));
    await before.partner.stop();

    await warehouse({ dataDir, group });
    await waitFor(() => packed(kept).length > 0);
    expect(packed(cancelled)).toEqual([]);
  });

  it('begins again to pick what went wrong, until it succeeds', async () => {
    const { behave, books } = await warehouse({ behaviour: { fail: 1 } });
    const orderId = anOrder();
    await confirm(orderId);
    await waitFor(async () => (await books()).picking! > 0);
    expect(packed(orderId)).toEqual([]);
    await behave({});
    await waitFor(() => packed(orderId).length > 0);
  });

  it('reports twice where told, and lies besides: of orders and parcels that are not there', async () => {
    await warehouse({ behaviour: { duplicate: 1, lie: 1 } });
    // Which lie is told follows from the names of the order and of the warehouse: so many meet both.
    const orders = Array.from({ length: 40 }, (_, i) => `lied-about-${i}`);
    for (const orderId of orders) await confirm(orderId);
    const lies = () => topic.all().filter(({ id }) => orders.some(o => id === lieOf(o)));
    await waitFor(() => lies().length >= orders.length && orders.every(o => packed(o).length >= 2));
    for (const orderId of orders) {
      expect(packed(orderId).slice(0, 2)).toEqual(['1', '1']);
    }
    const kinds = lies().map(({ data }) => (data.shipment === '999' ? 'parcel' : 'order'));
    expect(new Set(kinds)).toEqual(new Set(['parcel', 'order']));
  });

  it('commits what it has written down, so that it reads nothing twice', async () => {
    const { group } = await warehouse();
    const orderId = anOrder();
    const { partition, offset } = await confirm(orderId);
    await waitFor(async () => {
      const offsets = await committedOffsets(group, orderConfirmed.topic);
      return offsets[partition]! > Number(offset);
    });
    await waitFor(() => packed(orderId).length > 0);
  });
});

const lieOf = (orderId: string) => `OrderPickedAndPacked:${orderId}:1:lie`;

/** Whether the books of that folder have the order. */
function knows(dataDir: string, orderId: string): boolean {
  const books = new WarehouseBooks(join(dataDir, `${name}.jsonl`));
  const open = books.open().some(parcel => parcel.orderId === orderId);
  books.close();
  return open;
}

describe('The books of a warehouse', () => {
  const opened = (dataDir = testFolder()) => new WarehouseBooks(join(dataDir, 'w.jsonl'));

  it('never pick an order whose cancellation came first', () => {
    const books = opened();
    books.cancel('A-1');
    expect(books.receive('A-1', ['1', '2'])).toEqual([]);
    expect(books.sums()).toMatchObject({ received: 2, cancelled: 2, picking: 0 });
    books.close();
  });

  it('return what was packed when the cancellation came too late', () => {
    const books = opened();
    const [first] = books.receive('A-1', ['1', '2']);
    expect(books.pack(first!)).toMatchObject({ shipment: '1', packedAt: expect.any(String) });
    books.cancel('A-1');
    books.cancel('A-1');
    expect(books.sums()).toEqual({
      received: 2,
      picking: 0,
      packed: 0,
      cancelled: 1,
      returned: 1,
    });
    expect(books.pack({ orderId: 'A-1', shipment: '2' })).toBeUndefined();
    books.close();
  });

  it('have open what is not told, and survive a torn last line', () => {
    const dataDir = testFolder();
    const books = opened(dataDir);
    for (const parcel of books.receive('A-1', ['1', '2', '3'])) books.pack(parcel);
    books.told({ orderId: 'A-1', shipment: '2' });
    books.receive('A-2', ['1']);
    const expected = { open: books.open(), sums: books.sums() };
    expect(expected.open.map(({ orderId, shipment }) => `${orderId}/${shipment}`)).toEqual([
      'A-1/1',
      'A-1/3',
      'A-2/1',
    ]);
    books.close();
    writeFileSync(join(dataDir, 'w.jsonl'), '{"kind":"cancel","orderId":"A-1"', { flag: 'a' });
    const torn = opened(dataDir);
    expect({ open: torn.open(), sums: torn.sums() }).toEqual(expected);
    torn.receive('A-3', ['1']);
    torn.close();
    const after = opened(dataDir);
    expect(after.sums()).toEqual({ ...expected.sums, received: 5, picking: 2 });
    after.close();
  });

  it('are refused by name and line where they can not be read', () => {
    const dataDir = testFolder();
    writeFileSync(join(dataDir, 'w.jsonl'), '{"kind":"cancel","orderId":"A","at":""}\nnonsense\n');
    expect(() => opened(dataDir)).toThrow(
      expect.objectContaining({
        code: 'PartnerBooksUnreadable',
        message: expect.stringContaining('w.jsonl:2 is no entry'),
      }),
    );
  });
});
