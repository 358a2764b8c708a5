/**
 * Reserving stock for orders, and what becomes of it: released, shipped, returned.
 *
 * Each order has one header row, and that row is the gate: whoever inserts it decides the order, everyone
 * after that reads what was decided. A release that comes first inserts the header as `released`, and
 * the late reserve finds it and takes nothing. An order that may wait and finds its stock short queues
 * up (`backOrders.ts`); reserving again collects what has come for it meanwhile. Lines are live while
 * they are held; the sum of a product's live lines at a location is what is reserved there.
 *
 * Locks are taken in one order by everybody, headers by order id and then products by product code, so
 * that batches of several processes wait for one another and never deadlock.
 */
import type { Pool, PoolClient } from 'pg';
import { allocate } from '../domain/allocation';
import type { Reservation, ReservationRequest } from '../domain/reservation';
import { OrderlyError } from '../errors';
import { collect, coverQueue, joinQueue, leaveQueue } from './backOrders';
import { groupCommit } from './groupCommit';
import { closeParcels, type ParcelId, type ParcelState } from './parcels';
import { query, transaction } from './pool';
import { lockProducts, lockProductsOf } from './products';
import {
  answersOf,
  closeHeaders,
  giveBack,
  type Header,
  insertHeaders,
  lockHeaders,
  readHeaders,
  writeDecisions,
} from './reservationStatements';

export interface Reservations {
  /**
   * Reserves all lines of an order or none, once: a repeated call takes nothing more and answers with
   * the reservation as it is now. Where the order waits, the call collects its stock if all has come.
   * @throws OrderlyError PostgresUnavailable (try again: it takes nothing twice), DataRefused.
   */
  reserve(request: ReservationRequest): Promise<Reservation>;
  /**
   * Gives back what an order still holds or waits for, and keeps it from ever reserving again. Safe to
   * repeat, and safe where nothing was reserved; a short or shipped order stays as it is. Answers with
   * the status after, which is `shipped` where a parcel has gone already.
   * @throws as `reserve`.
   */
  release(orderId: string): Promise<Reservation>;
  /**
   * Takes the pieces of a parcel out of the stock: they have left the house. Safe to repeat.
   * @throws OrderlyError ParcelNotReserved, where its stock was given back or never reserved; and as
   * `reserve`.
   */
  ship(parcel: ParcelId): Promise<void>;
  /**
   * Gives back what a parcel holds that will never ship. Safe to repeat; a parcel that has shipped, or
   * that there is none of, stays as it is.
   * @throws as `reserve`.
   */
  returnParcel(parcel: ParcelId): Promise<void>;
}

/** `ttlHours`: how long a reservation may stay before it counts as forgotten. */
export function createReservations(pool: Pool, { ttlHours }: { ttlHours: number }): Reservations {
  const close = (state: 'shipped' | 'returned') =>
    groupCommit<ParcelId, ParcelState | undefined>(parcels =>
      transaction(pool, client => closeParcels(client, parcels, state)),
    );
  const [ship, returnParcel] = [close('shipped'), close('returned')];
  return {
    reserve: groupCommit(requests => reserveBatch(pool, ttlHours, requests)),
    release: groupCommit(orderIds => releaseBatch(pool, orderIds)),
    async ship({ orderId, shipment }) {
      const state = await ship({ orderId, shipment });
      if (state !== 'shipped') throw new OrderlyError('ParcelNotReserved', { orderId, shipment });
    },
    async returnParcel(parcel) {
      await returnParcel(parcel);
    },
  };
}

/** Which of these orders have their answer: stock reserved, waited for, refused or released. */
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
  const { decided, known } = await transaction(pool, (client, commit) =>
    reserveOrders(client, commit, ttlHours, distinct),
  );
  const waiting = known.filter(({ status }) => status === 'waiting').map(header => header.orderId);
  const collected =
    waiting.length > 0
      ? await transaction(pool, client => collect(client, waiting, ttlHours))
      : new Map<string, Reservation>();
  const answers = new Map([
    ...decided.map(({ orderId, outcome }) => [orderId, outcome] as const),
    ...answersOf(known),
    ...collected,
  ]);
  return requests.map(({ orderId }) => answerFor(answers, orderId));
}

async function reserveOrders(
  client: PoolClient,
  commit: () => Promise<void>,
  ttlHours: number,
  requests: readonly ReservationRequest[],
) {
  const orderIds = requests.map(request => request.orderId);
  const productCodes = requests.flatMap(({ lines }) => lines.map(line => line.productCode));
  const [inserted, products] = await Promise.all([
    insertHeaders(client, orderIds, { status: 'short', refusals: [] }, ttlHours),
    lockProducts(client, productCodes),
  ]);
  const decided = allocate(
    products,
    requests.filter(request => inserted.has(request.orderId)),
  );
  const waiting = decided.flatMap(allocation => ('wants' in allocation ? [allocation] : []));
  const [known] = await Promise.all([
    readHeaders(
      client,
      orderIds.filter(orderId => !inserted.has(orderId)),
    ),
    writeDecisions(client, decided, ttlHours),
    // What joins a queue reads before it writes: only without it are these the last statements.
    waiting.length > 0 ? joinQueue(client, waiting) : commit(),
  ]);
  return { decided, known };
}

async function releaseBatch(pool: Pool, orderIds: readonly string[]): Promise<Reservation[]> {
  const answers = await transaction(pool, client => releaseOrders(client, orderIds));
  return orderIds.map(orderId => answerFor(answers, orderId));
}

async function releaseOrders(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Map<string, Reservation>> {
  const [, headers] = await Promise.all([
    insertHeaders(client, orderIds, { status: 'released' }),
    lockHeaders(client, orderIds),
  ]);
  const ofStatus = (status: Header['status']) =>
    headers.filter(header => header.status === status).map(header => header.orderId);
  const [reserved, waiting] = [ofStatus('reserved'), ofStatus('waiting')];
  const open = [...reserved, ...waiting];
  if (open.length === 0) return answersOf(headers);
  const products = await lockProductsOf(client, open);
  const [, , closed] = await Promise.all([
    giveBack(client, reserved),
    leaveQueue(client, waiting),
    closeHeaders(client, open),
    coverQueue(client, products),
  ]);
  return new Map([...answersOf(headers), ...answersOf(closed)]);
}

function answerFor(answers: ReadonlyMap<string, Reservation>, orderId: string): Reservation {
  const answer = answers.get(orderId);
  if (answer === undefined) throw new Error(`reservation ${orderId} was neither made nor found`);
  return answer;
}
