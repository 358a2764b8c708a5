/**
 * Promise 3: stock is never oversold and never leaks, whatever is killed: reserved = the sum of live
 * reservation lines, none of them of a rejected or cancelled order; received + adjusted = on hand +
 * shipped.
 */
import { setStock } from '../../src/postgres/stock';
import { waitFor } from '../support/waitFor';
import { cutReservations, heldUp, holdProduct } from './support/barriers';
import { executions, results, untilClosed } from './support/orders';
import { expectStockToAddUp } from './support/stockSums';
import { type Line, orderOf, send, submissionOf } from './support/submissions';
import { openWorld, refusesConnections, type World } from './support/world';

jest.setTimeout(120_000);

const scarce = ['S0', 'S1', 'S2', 'S3'];
const ordersPerTest = 48;

let world: World;
/** The lines of every order sent, by order id. */
const sent = new Map<string, readonly Line[]>();

beforeAll(async () => {
  world = await openWorld({ GATE: 1_000, S0: 60, S1: 90, S2: 120, S3: 150, PLENTY: 1_000_000 });
  await setStock(world.pool, 'PLENTY', 900_000);
  await world.start('intake');
});
afterAll(() => world?.close());

describe('the stock', () => {
  it('adds up when an order worker is killed in mid-stream', () =>
    world.run(async () => {
      const worker = await world.start('order-worker');
      const release = await sendHeldUp('worker');
      const before = await decidedOrders('worker');
      expect(await worker.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await release();
      expect(before).toBeGreaterThan(0);
      expect(before).toBeLessThan(ordersPerTest);

      const next = await world.start('order-worker');
      await expectAllToAddUp();
      await next.end('SIGTERM');
    })());

  it('adds up when Postgres is killed during a reservation', () =>
    world.run(async () => {
      const worker = await world.start('order-worker');
      const release = await sendHeldUp('server');
      await world.killServer('postgres');
      await waitFor(() => refusesConnections(world.postgresAddress));
      await waitFor(() => anAttemptFailed(/^Postgres does not answer/), 'attempts to fail');
      await release();
      await world.startServer('postgres');

      await expectAllToAddUp();
      await worker.end('SIGTERM');
    })());

  it('adds up when a reservation was made, but its worker is killed before it can say so', () =>
    world.run(async () => {
      const worker = await world.start('order-worker');
      const release = await sendHeldUp('answer');
      const before = await decidedOrders('answer');
      await world.killServer('temporal');
      await waitFor(() => refusesConnections(world.temporalAddress));
      await release();
      await waitFor(async () => (await decidedOrders('answer')) > before, 'it to be made');
      expect(await worker.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await world.startServer('temporal');

      const next = await world.start('order-worker');
      await expectAllToAddUp();
      await next.end('SIGTERM');
    })());

  it('adds up when connections are cut during reservations, again and again', () =>
    world.run(async () => {
      const worker = await world.start('order-worker');
      const release = await sendHeldUp('connections');
      const cut = new Set<number>();
      await waitFor(async () => {
        for (const pid of await cutReservations(world)) cut.add(pid);
        return cut.size >= 3;
      }, 'three connections to be cut, one after the other');
      await release();
      await expectAllToAddUp();
      await worker.end('SIGTERM');
    })());
});

/**
 * Sends orders of which many can not be served, and waits until the order worker has decided some and is
 * in the middle of a transaction that reserves for others.
 */
async function sendHeldUp(prefix: string): Promise<() => Promise<void>> {
  const orders = Array.from({ length: ordersPerTest }, (_, i) =>
    orderOf(`${prefix}-${i}`, linesOf(i)),
  );
  for (const { orderId, products } of orders) sent.set(orderId, products);
  await send(
    world,
    orders.slice(0, 24).map(order => submissionOf(order)),
  );
  await waitFor(async () => (await decidedOrders(prefix)) > 0, 'orders to be decided');
  const release = await holdProduct(world, 'GATE');
  await send(
    world,
    orders.slice(24).map(order => submissionOf(order)),
  );
  await waitFor(async () => (await heldUp(world)) > 0, 'a reservation to be under way');
  return release;
}

/** Lines of varied quantities; some unknown, one product twice, every fifth order behind the gate. */
function linesOf(i: number): Line[] {
  const product = (n: number) => scarce[n % scarce.length]!;
  const lines = [
    { productCode: product(i), quantity: 1 + (i % 7) },
    { productCode: product(i + 1), quantity: 2 },
    { productCode: 'PLENTY', quantity: 10 },
  ];
  if (i % 3 === 0) lines.push({ productCode: product(i), quantity: 1 });
  if (i % 5 === 0) lines.push({ productCode: 'GATE', quantity: 1 });
  if (i % 11 === 0) lines.push({ productCode: 'NONE-SUCH', quantity: 1 });
  return lines;
}

/** How many of these orders the inventory has given an answer. */
async function decidedOrders(prefix: string): Promise<number> {
  return (await world.sql('SELECT FROM reservations WHERE starts_with(order_id, $1)', [prefix]))
    .length;
}

/** Whether Temporal knows of an attempt that failed like this and is to be made again. */
async function anAttemptFailed(like: RegExp): Promise<boolean> {
  for (const { orderId, status } of await executions(world)) {
    if (status !== 'RUNNING') continue;
    const { raw } = await world.temporal.workflow.getHandle(`order-${orderId}`).describe();
    const failures = (raw.pendingActivities ?? []).map(({ lastFailure }) => lastFailure?.message);
    if (failures.some(message => like.test(message ?? ''))) return true;
  }
  return false;
}

async function expectAllToAddUp(): Promise<void> {
  await untilClosed(world, sent.size);
  await expectStockToAddUp(world);

  const outcomes = await results(world, sent.keys());
  const promised = new Map<string, number>();
  for (const [orderId, { outcome }] of outcomes) {
    const held = outcome === 'confirmed' ? piecesOf(sent.get(orderId)!) : new Map();
    expect([orderId, await heldBy(orderId)]).toEqual([orderId, held]);
    for (const [product, pieces] of held) add(promised, product, pieces);
  }
  const reserved = await world.sql<{ product_code: string; reserved: string }>(
    'SELECT product_code, sum(reserved) AS reserved FROM stock WHERE reserved > 0 GROUP BY product_code',
  );
  expect(new Map(reserved.map(row => [row.product_code, Number(row.reserved)]))).toEqual(promised);
  const kinds = new Set([...outcomes.values()].map(({ outcome }) => outcome));
  expect(kinds).toEqual(new Set(['confirmed', 'rejected']));
}

/** What an order holds now, by product. */
async function heldBy(orderId: string): Promise<Map<string, number>> {
  const lines = await world.sql<{ product_code: string; quantity: string }>(
    `SELECT product_code, quantity FROM reservation_lines JOIN reservations USING (order_id)
     WHERE order_id = $1 AND status = 'reserved'`,
    [orderId],
  );
  return new Map(lines.map(line => [line.product_code, Number(line.quantity)]));
}

function piecesOf(lines: readonly Line[]): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const { productCode, quantity } of lines) add(pieces, productCode, quantity);
  return pieces;
}

function add(sums: Map<string, number>, product: string, pieces: number): void {
  sums.set(product, (sums.get(product) ?? 0) + pieces);
}
