/**
 * The sweep: gives back the stock of orders whose workflow is gone, and names the money that is held for
 * orders that are over. It never takes anything from an order that may still go on, and money it only
 * names: whether a payment is let go is for people to say.
 */
import type { Pool } from 'pg';
import type { ErrorCode } from '../errors';
import type { OperatorNotice } from '../messages/operatorNotice';
import {
  expiredReservations,
  extendReservations,
  holdingReservations,
  keepReservations,
} from '../postgres/expiry';
import type { OnSilent } from '../providers/paymentGateway';
import type { HeldAuthorization } from '../providers/paymentProvider';
import type { OrderFate, OrderFates } from './orderFate';

export interface SweepOptions {
  readonly pool: Pool;
  readonly fates: OrderFates;
  readonly release: (orderId: string) => Promise<unknown>;
  /** What every payment provider says that it holds. */
  readonly held: (onSilent: OnSilent) => AsyncIterable<HeldAuthorization>;
  readonly tell: (notice: OperatorNotice) => Promise<unknown>;
  readonly ttlHours: number;
  /** How long Temporal remembers an order that has closed, in milliseconds. */
  readonly retentionMs: () => Promise<number>;
}

export interface SweepReport {
  /** Orders whose stock was given back. */
  readonly released: readonly string[];
  /** Expired reservations of orders that go on: they get another term. */
  readonly extended: number;
  /** Orders for which money is held though they are over. */
  readonly moneyHeld: readonly string[];
  /** Payment providers that did not say what they hold: the next pass asks them again. */
  readonly silent: readonly SilentProvider[];
  /** Orders that hold stock and of which Temporal knows nothing: they get another term, and people are told. */
  readonly forgotten: readonly string[];
}

export interface SilentProvider {
  readonly provider: string;
  readonly code: ErrorCode;
}

/** Workflows that ended since then are looked at; passes are minutes apart, and one may be missed. */
const lookBackMs = 6 * 3_600_000;

/** A hold that is younger may be of an order that ends this very moment. */
const youngestHoldMs = 10 * 60_000;

/** In each pass: of orders that end confirmed, every single one comes by here once. */
const expiredAtOnce = 10_000;
const ordersAtOnce = 50;

/**
 * One pass. What is found of some orders is acted on before the next are asked for, so that the next pass
 * goes on where one was cut short.
 * @param onProgress called now and then; throws when it is to stop
 */
export async function sweep(options: SweepOptions, onProgress: () => void): Promise<SweepReport> {
  const now = Date.now();
  const released: string[] = [];
  const forgotten: string[] = [];
  let extended = 0;
  for (const orderIds of batches(await suspects(options, now))) {
    const fates = await fatesOf(options, orderIds, onProgress);
    const ordersThat = (fate: OrderFate) => orderIds.filter(it => fates.get(it) === fate);
    await Promise.all(ordersThat('over').map(options.release));
    await keepReservations(options.pool, ordersThat('kept'));
    await tellOfStock(options, ordersThat('forgotten'), now);
    const prolonged = [...ordersThat('alive'), ...ordersThat('forgotten')];
    await extendReservations(options.pool, prolonged, options.ttlHours);
    released.push(...ordersThat('over'));
    forgotten.push(...ordersThat('forgotten'));
    extended += ordersThat('alive').length;
  }
  const money = await findMoney(options, now, onProgress);
  return { released, extended, forgotten, ...money };
}

function* batches(orderIds: readonly string[]): Generator<readonly string[]> {
  for (let first = 0; first < orderIds.length; first += ordersAtOnce) {
    yield orderIds.slice(first, first + ordersAtOnce);
  }
}

/** The orders that hold or wait for stock, and either lost their workflow or hold it for too long. */
async function suspects(options: SweepOptions, now: number): Promise<string[]> {
  const { pool, fates } = options;
  const ended: string[] = [];
  for await (const orderId of fates.endedSince(now - lookBackMs)) ended.push(orderId);
  const before = await expiringBefore(options, now);
  const [holding, expired] = await Promise.all([
    holdingReservations(pool, ended),
    expiredReservations(pool, before, expiredAtOnce),
  ]);
  return [...new Set([...holding, ...expired])];
}

/** Half of Temporal's retention ends a longer term: at the end of that, the order might be forgotten. */
async function expiringBefore({ ttlHours, retentionMs }: SweepOptions, now: number) {
  const tooLongMs = Math.max(0, ttlHours * 3_600_000 - (await retentionMs()) / 2);
  return new Date(now + tooLongMs).toISOString();
}

/**
 * Most orders go on, which one request tells of many; each of the others is asked for by its id. One that
 * has ended just now may count as alive: the next pass finds it among those that ended.
 */
async function fatesOf(
  { fates }: SweepOptions,
  orderIds: readonly string[],
  onProgress: () => void,
): Promise<Map<string, OrderFate>> {
  const known = new Map<string, OrderFate>();
  const alive = await fates.listedAlive(orderIds);
  for (const orderId of orderIds) {
    known.set(orderId, alive.has(orderId) ? 'alive' : await fates.of(orderId));
    onProgress();
  }
  return known;
}

async function tellOfStock({ tell }: SweepOptions, orderIds: readonly string[], now: number) {
  const at = new Date(now).toISOString();
  const noticeOf = (orderId: string): OperatorNotice => ({
    orderId,
    reason: 'stock-held',
    text: `Order ${orderId} holds stock, and Temporal knows nothing of it. Find out what became of the order, and release what it holds or book it out.`,
    at,
  });
  await Promise.all(orderIds.map(orderId => tell(noticeOf(orderId))));
}

async function findMoney(
  options: SweepOptions,
  now: number,
  onProgress: () => void,
): Promise<Pick<SweepReport, 'moneyHeld' | 'silent'>> {
  const silent: SilentProvider[] = [];
  const holds = new Map<string, HeldAuthorization[]>();
  const onSilent: OnSilent = (provider, { code }) => silent.push({ provider, code });
  for await (const hold of options.held(onSilent)) {
    onProgress();
    if (Date.parse(hold.at) > now - youngestHoldMs) continue;
    holds.set(hold.orderId, [...(holds.get(hold.orderId) ?? []), hold]);
  }
  const moneyHeld: string[] = [];
  for (const orderIds of batches([...holds.keys()])) {
    for (const [orderId, fate] of await fatesOf(options, orderIds, onProgress)) {
      if (fate === 'alive') continue;
      await options.tell(noticeOfMoney(orderId, fate, holds.get(orderId)!, now));
      moneyHeld.push(orderId);
    }
  }
  return { moneyHeld, silent };
}

/** One for all that is held for an order: a second one would come under the same event id. */
function noticeOfMoney(
  orderId: string,
  fate: OrderFate,
  holds: readonly HeldAuthorization[],
  now: number,
): OperatorNotice {
  const order = fate === 'forgotten' ? 'that Temporal knows nothing of' : 'that is over';
  const where = holds.map(
    ({ provider, authorizationId }) => `by ${provider} under authorization ${authorizationId}`,
  );
  const text = `Money is held for order ${orderId}, ${order}: ${where.join(', ')}. Void it there, or find out why it is held.`;
  const at = new Date(now).toISOString();
  return { orderId, reason: 'money-held', text: text.slice(0, 1_000), at };
}
