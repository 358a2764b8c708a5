/**
 * Group commit against one transaction per order, in the same run on the same server.
 *
 * Both sides run the product's own code. A reservation service with one call in flight commits every
 * order alone, so as many services as connections are the usual way to do it; one service with many
 * calls in flight gathers them.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { ReservationRequest } from '../src/domain/reservation';
import { createReservations, type Reservations } from '../src/postgres/reservations';
import { seedStock } from '../src/postgres/stock';
import { stockAudit } from '../src/postgres/stockAudit';
import { withBenchDatabase } from './support/database';

const productCount = 1_000;
const linesPerOrder = 3;
const rounds = 3;
const connections = 16;
const groupedInFlight = 200;
const aloneOrders = 3_000;
const groupedOrders = 30_000;

type Spread = 'spread' | 'hot';

interface Rate {
  readonly ordersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ReservationFigures {
  /** Orders over 1,000 products, and orders that all hold one and the same product. */
  readonly spread: Comparison;
  readonly hot: Comparison;
}

interface Comparison {
  readonly grouped: Rate;
  readonly alone: Rate;
  /** Orders per second, grouped / alone: the median of the rounds. */
  readonly ratio: number;
}

/** Measures in a database of its own beside `databaseUrl`, and removes it. Takes about 20 s. */
export async function benchReservations(databaseUrl: string): Promise<ReservationFigures> {
  return await withBenchDatabase(databaseUrl, connections, async pool => {
    await seedStock(
      pool,
      Array.from({ length: productCount }, (_, i) => product(i)),
    );
    const figures = {
      spread: await compare(pool, 'spread'),
      hot: await compare(pool, 'hot'),
    };
    const discrepancies = await stockAudit(pool);
    if (discrepancies.length > 0) throw new Error('the stock does not add up after the bench');
    return figures;
  });
}

async function compare(pool: Pool, spread: Spread): Promise<Comparison> {
  const create = () => createReservations(pool, { ttlHours: 72 });
  const services = Array.from({ length: connections }, create);
  const shared = create();
  const callers = Array.from({ length: groupedInFlight }, () => shared);
  await measure(services, spread, aloneOrders / 10);
  await measure(callers, spread, groupedOrders / 10);
  const alone: Rate[] = [];
  const grouped: Rate[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await measure(services, spread, aloneOrders));
    grouped.push(await measure(callers, spread, groupedOrders));
  }
  const ratios = grouped.map((g, i) => g.ordersPerSecond / (alone[i] as Rate).ordersPerSecond);
  const ratio = median(ratios);
  const round = ratios.indexOf(ratio);
  return { grouped: grouped[round] as Rate, alone: alone[round] as Rate, ratio };
}

/** Each caller makes one call after the other until all orders are reserved. */
async function measure(callers: Reservations[], spread: Spread, orders: number): Promise<Rate> {
  const milliseconds: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    callers.map(async reservations => {
      while (next < orders) {
        const request = orderOf(spread, next++);
        const called = performance.now();
        const { status } = await reservations.reserve(request);
        if (status !== 'reserved') throw new Error(`${request.orderId} is ${status}`);
        milliseconds.push(performance.now() - called);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  milliseconds.sort((a, b) => a - b);
  return {
    ordersPerSecond: orders / seconds,
    p50Ms: milliseconds[Math.floor(orders * 0.5)] as number,
    p99Ms: milliseconds[Math.floor(orders * 0.99)] as number,
  };
}

const product = (i: number) => ({
  productCode: `SKU-${i}`,
  price: 500,
  currency: 'EUR',
  onHand: 100_000_000,
});

/** A hot order holds SKU-0 first, and then products of its own choice as any other. */
function orderOf(spread: Spread, n: number): ReservationRequest {
  const lines = Array.from({ length: linesPerOrder }, (_, line) => ({
    productCode: `SKU-${spread === 'hot' && line === 0 ? 0 : Math.floor(Math.random() * productCount)}`,
    quantity: 1,
  }));
  return { orderId: `${n}-${randomUUID()}`, currency: 'EUR', lines };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
