/**
 * The sweep: gives back the stock of orders whose workflow is gone, and names the money that is held for
 * orders that are over. It never takes anything from an order that may still go on, and money it only
 * names: whether a payment is let go is for people to say.
 */
import type { Pool } from 'pg';
import type { OperatorNotice } from '../messages/operatorNotice';
import {
  expiredReservations,
  extendReservations,
  holdingReservations,
  keepReservations,
} from '../postgres/expiry';
import type { HeldAuthorization } from '../providers/paymentProvider';
import type { OrderFate, OrderFates } from './orderFate';

export interface SweepOptions {
  readonly pool: Pool;
  readonly fates: OrderFates;
  readonly release: (orderId: string) => Promise<unknown>;
  /** What every payment provider says that it holds. */
  readonly held: () => AsyncIterable<HeldAuthorization>;
  readonly tell: (notice: OperatorNotice) => Promise<unknown>;
  readonly ttlHours: number;
}

export interface SweepReport {
  /** Orders whose stock was given back. */
  readonly released: readonly string[];
  /** Expired reservations of orders that go on: they get another term. */
  readonly extended: number;
  /** Orders for which money is held though they are over. */
  readonly moneyHeld: readonly string[];
  /** Orders that hold stock and of which Temporal knows nothing: they get another term, and people decide. */
  readonly forgotten: readonly string[];
}

/** Workflows that ended since then are looked at; passes are minutes apart, and one may be missed. */
const lookBackMs = 6 * 3_600_000;

/** A hold that is younger may be of an order that ends this very moment. */
const youngestHoldMs = 10 * 60_000;

const expiredAtOnce = 1_000;

/** One pass. @param onProgress called now and then; throws when it is to stop */
export async function sweep(options: SweepOptions, onProgress: () => void): Promise<SweepReport> {
  const now = Date.now();
  const fates = await fatesOf(options, await suspects(options, now), onProgress);
  const ordersThat = (fate: OrderFate) =>
    [...fates].filter(([, its]) => its === fate).map(([orderId]) => orderId);

  const released = ordersThat('over');
  await Promise.all(released.map(options.release));
  await keepReservations(options.pool, ordersThat('kept'));
  const extended = ordersThat('alive');
  const forgotten = ordersThat('forgotten');
  await extendReservations(options.pool, [...extended, ...forgotten], options.ttlHours);
  const moneyHeld = await findMoney(options, now, onProgress);
  return { released, extended: extended.length, moneyHeld, forgotten };
}

/** The orders that hold or wait for stock, and either lost their workflow or hold it for too long. */
async function suspects({ pool, fates }: SweepOptions, now: number): Promise<string[]> {
  const ended: string[] = [];
  for await (const orderId of fates.endedSince(now - lookBackMs)) ended.push(orderId);
  const [holding, expired] = await Promise.all([
    holdingReservations(pool, ended),
    expiredReservations(pool, new Date(now).toISOString(), expiredAtOnce),
  ]);
  return [...new Set([...holding, ...expired])];
}

async function fatesOf(
  { fates }: SweepOptions,
  orderIds: readonly string[],
  onProgress: () => void,
): Promise<Map<string, OrderFate>> {
  const known = new Map<string, OrderFate>();
  for (const orderId of orderIds) {
    known.set(orderId, await fates.of(orderId));
    onProgress();
  }
  return known;
}

async function findMoney(
  { held, fates, tell }: SweepOptions,
  now: number,
  onProgress: () => void,
): Promise<string[]> {
  const found: string[] = [];
  for await (const { orderId, provider, authorizationId, at } of held()) {
    onProgress();
    if (Date.parse(at) > now - youngestHoldMs) continue;
    const fate = await fates.of(orderId);
    if (fate === 'alive') continue;
    found.push(orderId);
    const order = fate === 'forgotten' ? 'that Temporal knows nothing of' : 'that is over';
    const text = `${provider} holds money for order ${orderId}, ${order}. Void authorization ${authorizationId} there, or find out why it is held.`;
    await tell({ orderId, reason: 'money-held', text, at: new Date(now).toISOString() });
  }
  return found;
}
