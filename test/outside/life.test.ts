/**
 * One order lives its whole life at the hands of others: Temporal's own command line, the bare Kafka
 * client and a carrier of a few lines. They know our protocols, and none of our code.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import pino from 'pino';
import { readConfig } from '../../src/config';
import { startPaymentProvider } from '../../src/partners/paymentProvider';
import type { Partner } from '../../src/partners/server';
import { temporal } from '../../src/stack/temporal';
import { readTopics } from '../promises/support/topics';
import { openWorld, type World } from '../promises/support/world';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';

jest.setTimeout(180_000);

const run = promisify(execFile);
const orderId = 'outside-1';
const workflowId = `order-${orderId}`;

let world: World;
let bank: Partner;
let carrier: Server;
let cli: string;

/** What the carrier was asked, by idempotency key. */
const bookings = new Map<string, { orderId: string; shipment: string; recipient: unknown }>();

beforeAll(async () => {
  const logger = pino({ level: 'silent' });
  [world, bank, carrier, cli] = await Promise.all([
    openWorld({ TEA: 10 }),
    startPaymentProvider({ name: 'bank', port: 0, dataDir: testFolder(), logger }),
    startCarrier(),
    temporalCli(),
  ]);
  const { port } = carrier.address() as AddressInfo;
  const partners = {
    PAYMENT_PROVIDERS: `bank=${bank.url}`,
    CARRIER_URL: `http://127.0.0.1:${port}`,
    APPROVAL_LIMITS: 'EUR=1000',
  };
  await Promise.all([world.start('intake', partners), world.start('order-worker', partners)]);
});
afterAll(async () => {
  await world?.close();
  await bank?.stop();
  carrier?.close();
});

async function startCarrier(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const key = String(request.headers['idempotency-key']);
    let body = '';
    for await (const chunk of request) body += chunk;
    bookings.set(key, JSON.parse(body));
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ bookingId: `booking of ${key}`, carrier: 'horse' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The program that the stack runs as its server. */
async function temporalCli(): Promise<string> {
  const failures: unknown[] = [];
  for (const { find } of temporal.sources(readConfig({}))) {
    try {
      return await find(() => {});
    } catch (failure) {
      failures.push(failure);
    }
  }
  throw new AggregateError(failures, 'there is no temporal command line');
}

/** Runs `temporal workflow ...` on the order; answers with the JSON that it printed. */
async function workflow(...args: string[]): Promise<unknown> {
  const place = ['--workflow-id', workflowId, '--address', world.temporalAddress];
  const { stdout } = await run(cli, ['workflow', ...args, ...place, '--output', 'json']);
  return JSON.parse(stdout);
}

const update = (name: string, input: unknown) =>
  workflow('update', 'execute', '--name', name, '--input', JSON.stringify(input));

interface Status {
  readonly status: string;
  readonly parcels?: readonly unknown[];
  readonly approval?: unknown;
}

async function status(): Promise<Status> {
  const answer = (await workflow('query', '--name', 'status')) as { queryResult: [Status] };
  return answer.queryResult[0];
}

/** It is not there at once. */
const untilStatus = (wanted: string) =>
  waitFor(
    () =>
      status().then(
        now => now.status === wanted,
        () => false,
      ),
    wanted,
    60_000,
  );

/** Sends a bare JSON document: no headers, no key. */
async function tell(topic: string, data: unknown): Promise<void> {
  const producer = world.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: JSON.stringify(data) }] });
  await producer.disconnect();
}

const toldOf = async (topic: string) => {
  const records = await readTopics(world, [topic]);
  return records.map(({ value }) => JSON.parse(String(value)));
};

const address = {
  line1: '1 Quay',
  city: 'Cork',
  state: 'Munster',
  postalCode: 'T12',
  country: 'IE',
};

describe('An order in the hands of outside clients', () => {
  it('is received, approved, sent elsewhere, paid, packed, shipped and completed', () =>
    world.run(async () => {
      await tell('OrderReceived', {
        orderId,
        placedAt: '2026-01-31T09:30:00Z',
        customer: {
          firstName: 'Mary',
          lastName: 'Shelley',
          emailAddress: 'mary@example.com',
          shippingAddress: { line1: '2 Hill', city: 'Bath', state: 'Somerset', postalCode: 'BA1' },
        },
        products: [{ productCode: 'TEA', quantity: 3 }],
        currency: 'EUR',
      });

      await untilStatus('awaiting-approval');
      await update('decide', { decision: 'approve', by: 'Percy', reason: 'a friend' });
      await untilStatus('confirmed');
      await update('changeAddress', address);
      expect(await status()).toMatchObject({
        total: 1500,
        provider: 'bank',
        approval: { decision: 'approve', by: 'Percy', reason: 'a friend' },
        parcels: [{ shipment: '1', status: 'picking' }],
      });
      const [confirmed] = await waitFor(async () => {
        const told = await toldOf('OrderConfirmed');
        return told.length > 0 ? told : undefined;
      });
      expect(confirmed.shipments).toMatchObject([
        { shipment: '1', products: [{ productCode: 'TEA', quantity: 3 }] },
      ]);

      const packedAt = '2026-02-01T08:00:00Z';
      await tell('OrderPickedAndPacked', { orderId, shipment: '1', packedAt });
      await waitFor(() => bookings.size > 0, 'the carrier to be booked', 60_000);
      expect([...bookings]).toEqual([
        [
          `${orderId}:book:1`,
          {
            orderId,
            shipment: '1',
            recipient: { firstName: 'Mary', lastName: 'Shelley', shippingAddress: address },
          },
        ],
      ]);

      const parcel = { orderId, shipment: '1', carrier: 'horse', trackingNumber: 'H-77' };
      const dispatchedAt = '2026-02-01T10:00:00Z';
      await tell('ShipmentDispatched', { ...parcel, dispatchedAt });
      // It answers once the workflow is closed.
      expect(await workflow('result')).toMatchObject({
        status: 'COMPLETED',
        result: { orderId, outcome: 'completed', total: 1500 },
      });
      expect(await toldOf('OrderShipped')).toMatchObject([{ ...parcel, shippedAt: dispatchedAt }]);
      expect(await toldOf('DeadLetterQueue')).toEqual([]);
      const books = (await (await fetch(`${bank.url}/books`)).json()) as Record<string, unknown>;
      const once = { EUR: { amount: 1500, count: 1 } };
      expect(books).toMatchObject({ authorized: once, captured: once });
      expect([books.voided, books.refunded]).toEqual([{}, {}]);
    })());
});
