/**
 * Reserving stock for orders, and releasing it.
 *
 * Each order has one header row, and that row is the gate: whoever inserts it decides the order, everyone
 * after that reads what was decided. A release that comes first inserts the header as `released`, and
 * the late reserve finds it and takes nothing. Lines are live while their header is `reserved`; the sum
 * of a product's live lines is its `reserved`.
 *
 * Locks are taken in one order by everybody, headers by order id and then products by product code, so
 * that batches of several processes wait for one another and never deadlock.
 */
import type { Pool, PoolClient } from 'pg';
import { allocate } from '../domain/allocation';
import type { Reservation, ReservationRequest } from '../domain/reservation';
import { groupCommit } from './groupCommit';
import { query, transaction } from './pool';
import {
  giveBack,
  type Header,
  insertHeaders,
  lockHeaders,
  lockProducts,
  readHeaders,
  writeDecisions,
} from './reservationStatements';

export interface Reservations {
  /**
   * Reserves all lines of an order or none, once: a repeated call takes nothing more and answers with
   * the reservation as it is now.
   * @throws OrderlyError PostgresUnavailable (try again: it takes nothing twice), DataRefused.
   */
  reserve(request: ReservationRequest): Promise<Reservation>;
  /**
   * Gives back what an order holds and keeps it from ever reserving again. Safe to repeat, and safe
   * where nothing was reserved; a short or shipped order stays as it is. Answers with the status after.
   * @throws as `reserve`.
   */
  release(orderId: string): Promise<Reservation>;
}

/** `ttlHours`: how long a reservation may stay before it counts as forgotten. */
export function createReservations(pool: Pool, { ttlHours }: { ttlHours: number }): Reservations {
  return {
    reserve: groupCommit(requests => reserveBatch(pool, ttlHours, requests)),
    release: groupCommit(orderIds => releaseBatch(pool, orderIds)),
  };
}

/** Which of these orders have their answer: stock reserved, refused or released. */
export async function readAnswered(pool: Pool, orderIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ orderId: string }>(
    pool,
    'SELECT order_id AS "orderId" FROM reservations WHERE order_id = ANY($1)',
    [orderIds],
  );
  return rows.map(({ orderId }) => orderId);
}

async function reserveBatch(
  pool: Pool,
  ttlHours: number,
  requests: readonly ReservationRequest[],
): Promise<Reservation[]> {
  const byOrder = new Map(requests.map(request => [request.orderId, request]));
  const distinct = [...byOrder.values()];
  const answers = await transaction(pool, client => reserveOrders(client, ttlHours, distinct));
  return requests.map(({ orderId }) => answerFor(answers, orderId));
}

async function reserveOrders(
  client: PoolClient,
  ttlHours: number,
  requests: readonly ReservationRequest[],
): Promise<Map<string, Reservation>> {
  const orderIds = requests.map(request => request.orderId);
  const [inserted, products] = await Promise.all([
    insertHeaders(client, orderIds, { status: 'short', refusals: [] }),
    lockProducts(client, requests),
  ]);
  const fresh = requests.filter(request => inserted.has(request.orderId));
  const known = orderIds.filter(orderId => !inserted.has(orderId));
  const decided = allocate(products, fresh);
  const [headers] = await Promise.all([
    readHeaders(client, known),
    writeDecisions(client, decided, ttlHours),
  ]);
  return new Map([
    ...decided.map(({ orderId, outcome }) => [orderId, outcome] as const),
    ...headers.map(header => [header.orderId, asItIsNow(header)] as const),
  ]);
}

async function releaseBatch(pool: Pool, orderIds: readonly string[]): Promise<Reservation[]> {
  const answers = await transaction(pool, client => releaseOrders(client, orderIds));
  return orderIds.map(orderId => answerFor(answers, orderId));
}

async function releaseOrders(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Map<string, Reservation>> {
  const released: Reservation = { status: 'released' };
  const [, headers] = await Promise.all([
    insertHeaders(client, orderIds, released),
    lockHeaders(client, orderIds),
  ]);
  const held = headers.filter(header => header.status === 'reserved').map(h => h.orderId);
  if (held.length > 0) await giveBack(client, held);
  const untouched = headers.filter(header => header.status !== 'reserved');
  return new Map([
    ...held.map(orderId => [orderId, released] as const),
    ...untouched.map(header => [header.orderId, asItIsNow(header)] as const),
  ]);
}

function asItIsNow({ orderId, status, outcome }: Header): Reservation {
  if (status === 'released' || status === 'shipped') return { status };
  if (outcome === null) throw new Error(`reservation ${orderId} is ${status} without an outcome`);
  return outcome;
}

function answerFor(answers: ReadonlyMap<string, Reservation>, orderId: string): Reservation {
  const answer = answers.get(orderId);
  if (answer === undefined) throw new Error(`reservation ${orderId} was neither made nor found`);
  return answer;
}
