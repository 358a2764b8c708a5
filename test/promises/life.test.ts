/**
 * Promises 1 to 5 over an order's whole life: whichever role or server is killed while orders are in every
 * stage of it, afterwards each is closed exactly once, and orders, parcels, stock, money and KPIs add up.
 * One order of each time is terminated before the kill; the watcher's sweep gives its stock back.
 */
import { setStock } from '../../src/postgres/stock';
import { waitFor } from '../support/waitFor';
import { heldUp, holdProduct, type Release } from './support/barriers';
import { carrierBooks } from './support/books';
import { removeMembers } from './support/consumerGroup';
import { expectKpisToAddUp, trigger } from './support/kpiSums';
import { expectLivesToAddUp } from './support/lifeSums';
import { results, untilClosed } from './support/orders';
import { approvalLimit, Partners } from './support/partners';
import type { RoleProcess } from './support/roleProcess';
import { cancel, decide, untilIn } from './support/stages';
import { ordersWithStock } from './support/stockSums';
import { type Line, orderOf, replenish, send, submissionOf } from './support/submissions';
import { openWorld, refusesConnections, unitPrice, type World } from './support/world';

jest.setTimeout(400_000);

/** Everything that an order's life hangs on. */
const roleNames = ['intake', 'order-worker', 'ledger', 'watcher'] as const;
type RoleName = (typeof roleNames)[number];
const things = [...roleNames, 'partners', 'kafka', 'temporal', 'postgres'] as const;
type Thing = (typeof things)[number];

let world: World;
let partners: Partners;
const roles = new Map<RoleName, RoleProcess>();
let orders = 0;
const terminated: string[] = [];

beforeAll(async () => {
  const short = things.map(thing => [shortProduct(thing), 0] as const);
  world = await openWorld({ TEA: 10_000, LOST: 10_000, ...Object.fromEntries(short) });
  const price = { amount: unitPrice, currency: 'EUR' };
  await setStock(world.pool, 'CUP', 10_000, { price, location: 'far' });
  partners = await Partners.open(world);
  await Promise.all(roleNames.map(start));
});
afterAll(() => world?.close());

const tea: Line = { productCode: 'TEA', quantity: 2 };
const dear: Line = { productCode: 'TEA', quantity: approvalLimit / unitPrice + 1 };
/** It lies elsewhere, and goes in a parcel of its own. */
const cup: Line = { productCode: 'CUP', quantity: 3 };
/** Nobody decides on it. */
const lost: Line = { ...dear, productCode: 'LOST' };
/** Of this nothing is there when the orders come. */
const shortProduct = (thing: Thing) => `SHORT-${thing}`;
const anHour = 3_600_000;

/** What is over is judged at once. */
const settings = { KPI_GRACE_SECONDS: '1' };

async function start(role: RoleName): Promise<void> {
  roles.set(role, await world.start(role, { ...partners.settings, ...settings }));
}

const isRole = (thing: Thing): thing is RoleName => roleNames.includes(thing as RoleName);

/** Ends it by SIGKILL, and sees that it is gone. */
async function kill(thing: Thing): Promise<void> {
  const bySignal = { code: null, signal: 'SIGKILL' };
  if (thing === 'partners') expect(await partners.kill()).toEqual(bySignal);
  else if (isRole(thing)) {
    expect(await roles.get(thing)!.end('SIGKILL')).toEqual(bySignal);
    for (const group of groupsOf[thing] ?? []) await removeMembers(world, group);
  } else {
    await world.killServer(thing);
    await waitFor(() => refusesConnections(addressOf(thing)));
  }
}

const groupsOf: Readonly<Partial<Record<RoleName, readonly string[]>>> = {
  intake: ['orderly-intake', 'orderly-partners'],
  ledger: ['orderly-ledger'],
};

const addressOf = (server: 'kafka' | 'temporal' | 'postgres'): string =>
  ({
    kafka: world.brokers[0]!,
    temporal: world.temporalAddress,
    postgres: world.postgresAddress,
  })[server];

async function startAgain(thing: Thing): Promise<void> {
  if (thing === 'partners') await partners.start();
  else if (isRole(thing)) await start(thing);
  else await world.startServer(thing);
}

/** Sends so many orders; answers with their ids, which begin with the name. */
async function order(name: string, count: number, ...lines: Line[]): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  await send(
    world,
    ids.map(id => submissionOf(orderOf(id, lines, { allowBackOrder: true }))),
  );
  orders += count;
  return ids;
}

/** What comes in from outside: new orders, and what was short. */
async function comeIn(thing: Thing, pieces: number): Promise<void> {
  await order(`new-${thing}`, 2, tea, cup);
  await replenish(world, shortProduct(thing), pieces);
}

describe('orders in every stage of their life', () => {
  it.each(things)('go on to their end when %s is killed and started again', thing =>
    world.run(async () => {
      await partners.tell('carrier', { delayMs: anHour });
      const waiting = (await carrierBooks(partners)).waiting;
      const shipping = await order(`shipping-${thing}`, 2, tea, cup);
      await waitFor(
        async () => (await carrierBooks(partners)).waiting === waiting + 4,
        'the parcels to wait for the van',
        60_000,
      );
      await partners.tell('warehouse', { fail: 1 });
      const picking = await order(`picking-${thing}`, 3, tea, cup);
      const short = { productCode: shortProduct(thing), quantity: 3 };
      const backOrdered = await order(`waiting-${thing}`, 2, short, tea);
      const asking = await order(`asking-${thing}`, 4, dear);
      await untilIn(world, 'shipping', `shipping-${thing}`, shipping.length);
      await untilIn(world, 'confirmed', `picking-${thing}`, picking.length);
      await untilIn(world, 'back-ordered', `waiting-${thing}`, backOrdered.length);
      await untilIn(world, 'awaiting-approval', `asking-${thing}`, asking.length);
      const [approved, refused, ...calledOff] = asking as [string, string, ...string[]];

      await cancel(world, [...calledOff, picking[0]!]);
      const letGo = await sweepTerminated(thing);
      await kill(thing);
      await letGo();
      // Meanwhile the warehouse packs, and more comes in: all that can without the thing.
      if (thing !== 'partners') await partners.tell('warehouse', {});
      if (thing !== 'kafka') await comeIn(thing, 6);
      await startAgain(thing);
      if (thing === 'kafka') await comeIn(thing, 6);
      await decide(world, [approved], 'approve');
      await decide(world, [refused], 'reject');
      await partners.reopen();
      await untilClosed(world, orders, 120_000);

      const outcomes = await results(world, [...shipping, ...picking, ...backOrdered, ...asking]);
      expect(Object.fromEntries([...outcomes].map(([id, { outcome }]) => [id, outcome]))).toEqual({
        ...all([...shipping, ...picking, ...backOrdered, approved], 'completed'),
        ...all([...calledOff, picking[0]!], 'cancelled'),
        ...all([refused], 'rejected'),
      });
      expect(await receivedOf(shortProduct(thing))).toBe(6);
      await untilSwept();
      await expectLivesToAddUp(world, partners, terminated);
      await expectKpisToAddUp(world);
    })(),
  );
});

/**
 * Terminates an order that holds stock, and has the sweep come as far as giving that back. It gets no further
 * until it is let go, which does nothing where the server forgot of it.
 */
async function sweepTerminated(thing: Thing): Promise<Release> {
  const [orderId] = (await order(`lost-${thing}`, 1, lost)) as [string];
  await untilIn(world, 'awaiting-approval', orderId, 1);
  const release = await holdProduct(world, 'LOST');
  await world.temporal.workflow.getHandle(`order-${orderId}`).terminate('by the test');
  terminated.push(orderId);
  await waitFor(async () => {
    await trigger(world, 'sweep');
    return (await heldUp(world)) >= 1;
  }, 'the sweep to be under way');
  return release;
}

/** A watcher that dies in mid-sweep is missed a minute later, by its heartbeat. */
const untilSwept = () =>
  waitFor(
    async () => {
      await trigger(world, 'sweep');
      const holding = await ordersWithStock(world);
      return !terminated.some(orderId => holding.includes(orderId));
    },
    'the stock of terminated orders to be given back',
    120_000,
  );

const all = (ids: readonly string[], outcome: string): Record<string, string> =>
  Object.fromEntries(ids.map(id => [id, outcome]));

/** The pieces of a product that ever came in. */
async function receivedOf(productCode: string): Promise<number> {
  const [row] = await world.sql<{ pieces: string }>(
    `SELECT sum(quantity) AS pieces FROM stock_movements
     WHERE product_code = $1 AND kind = 'received'`,
    [productCode],
  );
  return Number(row!.pieces);
}
