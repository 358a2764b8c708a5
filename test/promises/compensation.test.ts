/**
 * Promise 4: every compensation happens, exactly once in effect, whoever is away and whatever is killed:
 * no closed order holds stock or money, by Postgres and by the providers' own books.
 */
import { setStock } from '../../src/postgres/stock';
import { waitFor } from '../support/waitFor';
import { heldUp, holdProduct } from './support/barriers';
import { money } from './support/books';
import { expectLivesToAddUp } from './support/lifeSums';
import { results, untilClosed } from './support/orders';
import { approvalLimit, Partners } from './support/partners';
import type { RoleProcess } from './support/roleProcess';
import { cancel, compensationsOf, decide, pendingSteps, untilIn } from './support/stages';
import { type Line, orderOf, send, submissionOf } from './support/submissions';
import { openWorld, unitPrice, type World } from './support/world';

jest.setTimeout(240_000);

let world: World;
let partners: Partners;
let worker: RoleProcess;
let orders = 0;

beforeAll(async () => {
  world = await openWorld({ TEA: 10_000, GATE: 100, NONE: 0 });
  const price = { amount: unitPrice, currency: 'EUR' };
  await setStock(world.pool, 'CUP', 10_000, { price, location: 'far' });
  partners = await Partners.open(world);
  [, worker] = await Promise.all([
    world.start('intake', partners.settings),
    world.start('order-worker', partners.settings),
  ]);
});
afterAll(() => world?.close());

const tea: Line = { productCode: 'TEA', quantity: 2 };
const dear: Line = { productCode: 'TEA', quantity: approvalLimit / unitPrice + 1 };
/** It lies elsewhere, and goes in a parcel of its own. */
const cup: Line = { productCode: 'CUP', quantity: 3 };

/** Sends so many orders; answers with their ids, which begin with the name. */
async function order(name: string, count: number, ...lines: Line[]): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  const sent = ids.map(id => submissionOf(orderOf(id, lines, { allowBackOrder: true })));
  await send(world, sent);
  orders += count;
  return ids;
}

/** Orders that are paid for and picked for as long as the warehouse has trouble. */
async function picked(name: string, count: number, ...lines: Line[]): Promise<string[]> {
  await partners.tell('warehouse', { fail: 1 });
  const ids = await order(name, count, ...lines);
  await untilIn(world, 'confirmed', name, count);
  return ids;
}

/** Orders of one parcel that is packed and charged, and for which no carrier can be had yet. */
async function charged(name: string, count: number): Promise<string[]> {
  await partners.tell('warehouse', {});
  await partners.tell('carrier', { fail: 1 });
  const before = (await money(partners)).captured;
  const ids = await order(name, count, tea);
  const worth = count * tea.quantity * unitPrice;
  await waitFor(
    async () => (await money(partners)).captured === before + worth,
    'the parcels to be charged',
  );
  await waitFor(
    async () => (await doing(name, 'bookCarrier')).length === count,
    'the carrier to be asked',
  );
  return ids;
}

/** The steps of this name at which orders with this prefix are. */
const doing = async (prefix: string, step: string) =>
  (await pendingSteps(world, prefix)).filter(pending => pending.step === step);

async function outcomesOf(orderIds: readonly string[]): Promise<string[]> {
  const outcomes = await results(world, orderIds);
  return orderIds.map(orderId => outcomes.get(orderId)!.outcome);
}

const all = <Value>(ids: readonly string[], value: Value): Value[] => ids.map(() => value);

async function expectCompensations(ids: readonly string[], ...steps: string[]): Promise<void> {
  for (const id of ids) expect([id, await compensationsOf(world, id)]).toEqual([id, steps]);
}

describe('an order that is refused or called off', () => {
  it('holds nothing in the end, in whichever stage it was and however many answers got lost', () =>
    world.run(async () => {
      await partners.tellProviders({ decline: 1, loseAnswer: 0.2 });
      const declined = await order('declined', 4, tea);
      await untilClosed(world, orders);
      await partners.tellProviders({ loseAnswer: 0.2 });
      await partners.tell('carrier', { loseAnswer: 0.2, refuse: 0.5 });

      const turnedDown = await order('turned-down', 2, dear);
      const undecided = await order('undecided', 2, dear);
      const waiting = await order('waiting', 2, { productCode: 'NONE', quantity: 1 });
      const inPicking = await picked('in-picking', 4, tea, cup);
      const underWay = await picked('under-way', 6, tea, cup);
      await untilIn(world, 'awaiting-approval', 'turned-down', 2);
      await untilIn(world, 'awaiting-approval', 'undecided', 2);
      await untilIn(world, 'back-ordered', 'waiting', 2);
      const before = await money(partners);
      await Promise.all([
        decide(world, turnedDown, 'reject'),
        cancel(world, [...undecided, ...waiting, ...inPicking]),
      ]);
      await partners.tell('warehouse', {});
      await untilClosed(world, orders, 120_000);

      expect(await outcomesOf(declined)).toEqual(all(declined, 'rejected'));
      expect(await outcomesOf(turnedDown)).toEqual(all(turnedDown, 'rejected'));
      const calledOff = [...undecided, ...waiting, ...inPicking];
      expect(await outcomesOf(calledOff)).toEqual(all(calledOff, 'cancelled'));
      expect(new Set(await outcomesOf(underWay))).toEqual(new Set(['completed', 'failed']));
      const { refunded, voided } = await money(partners);
      expect(refunded).toBeGreaterThan(before.refunded);
      expect(voided).toBeGreaterThan(before.voided);

      await expectLivesToAddUp(world, partners);
      await expectCompensations(inPicking, 'voidPayment', 'releaseStock');
      await expectCompensations([...declined, ...turnedDown, ...waiting], 'releaseStock');
    })());
});

describe('a payment provider that is away when the money is to be given back', () => {
  it('is asked until it has done so', () =>
    world.run(async () => {
      const refused = await charged('away-refused', 3);
      const cancelled = await picked('away-cancelled', 4, tea, cup);
      const before = await money(partners);
      await partners.tellProviders({ fail: 1 });
      await cancel(world, cancelled);
      await partners.tell('carrier', { refuse: 1 });
      await waitFor(
        async () => {
          const steps = await pendingSteps(world, 'away');
          const again = steps.filter(({ attempt }) => attempt > 1).map(({ step }) => step);
          const count = (name: string) => again.filter(step => step === name).length;
          return (
            count('voidPayment') === cancelled.length && count('refundPayment') === refused.length
          );
        },
        'every void and every refund to have failed',
        60_000,
      );
      expect(await money(partners)).toEqual(before);
      await partners.tellProviders({});
      await untilClosed(world, orders, 120_000);

      const after = await money(partners);
      const worth = (pieces: number) => pieces * unitPrice;
      expect(after.voided - before.voided).toBe(worth(cancelled.length * 5));
      expect(after.refunded - before.refunded).toBe(worth(refused.length * 2));
      expect(await outcomesOf(refused)).toEqual(all(refused, 'failed'));
      await expectLivesToAddUp(world, partners);
    })());
});

describe('an order worker that is killed in the middle of compensations', () => {
  it('leaves none of them undone, and none is done twice', () =>
    world.run(async () => {
      const refused = await charged('killed-refused', 2);
      const releasing = await picked('killed-releasing', 3, { productCode: 'GATE', quantity: 4 });
      const voiding = await picked('killed-voiding', 3, tea, cup);
      const before = await money(partners);
      const voidedMore = async () => (await money(partners)).voided - before.voided;

      const release = await holdProduct(world, 'GATE');
      await cancel(world, releasing);
      const worthOfReleasing = releasing.length * 4 * unitPrice;
      await waitFor(async () => (await heldUp(world)) > 0, 'a release to be under way');
      await waitFor(async () => (await voidedMore()) === worthOfReleasing, 'their voids');
      // Less than an order waits for the answer.
      await partners.tellProviders({ latencyMs: 5_000 });
      await partners.tell('carrier', { refuse: 1 });
      const areUnderWay = async (prefix: string, step: string) =>
        (await doing(prefix, step)).some(({ isUnderWay }) => isUnderWay);
      await waitFor(() => areUnderWay('killed-refused', 'refundPayment'), 'a refund', 60_000);
      await cancel(world, voiding);
      await waitFor(() => areUnderWay('killed-voiding', 'voidPayment'), 'a void to be under way');
      expect(await worker.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await voidedMore()).toBe(worthOfReleasing);
      await waitFor(
        async () => (await voidedMore()) > worthOfReleasing,
        'a void to be done for one who hears of it no more',
      );
      expect(await heldUp(world)).toBeGreaterThan(0);
      await release();

      await partners.tellProviders({});
      worker = await world.start('order-worker', partners.settings);
      await untilClosed(world, orders, 120_000);
      const cancelled = [...releasing, ...voiding];
      expect(await outcomesOf(cancelled)).toEqual(all(cancelled, 'cancelled'));
      expect(await outcomesOf(refused)).toEqual(all(refused, 'failed'));
      expect(await voidedMore()).toBe(worthOfReleasing + voiding.length * 5 * unitPrice);
      await expectLivesToAddUp(world, partners);
      await expectCompensations(cancelled, 'voidPayment', 'releaseStock');
    })());
});
