/**
 * Back-orders: how long a replenishment takes that serves some of the orders that wait for a product,
 * by how many wait behind them; and how fast a whole queue is served, to the last order's reservation.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { createReservations } from '../src/postgres/reservations';
import { addStock, seedStock } from '../src/postgres/stock';
import { stockAudit } from '../src/postgres/stockAudit';
import { settleWakeUps, takeWakeUps } from '../src/postgres/wakeUps';
import { withBenchDatabase } from './support/database';
import { median } from './support/statistics';

const served = 100;
const fewWaiting = 200;
const manyWaiting = 10_000;
const rounds = 15;

export interface BackOrderFigures {
  /** Time of a replenishment that covers 100 orders: of 10,000 that wait / of 200. */
  readonly ratio: number;
  readonly fewMs: number;
  readonly manyMs: number;
  /** From the replenishment that serves 10,000 waiting orders until each has collected its stock. */
  readonly ordersPerSecond: number;
}

/** Measures in a database of its own beside `databaseUrl`, and removes it. Takes about 15 s. */
export function benchBackOrders(databaseUrl: string): Promise<BackOrderFigures> {
  return withBenchDatabase(databaseUrl, 4, async pool => {
    const few: number[] = [];
    const many: number[] = [];
    const [short, long] = ['FEW', 'MANY'];
    await queueUp(pool, long, manyWaiting);
    await pool.query('ANALYZE');
    for (let round = 0; round < rounds; round++) {
      await queueUp(pool, short, fewWaiting);
      few.push(await replenish(pool, short, served));
      await replenish(pool, short, fewWaiting - served);
      await collectAll(pool);
      many.push(await replenish(pool, long, served));
      await collectAll(pool);
      await queueUp(pool, long, served);
    }
    const start = performance.now();
    await replenish(pool, long, manyWaiting);
    const collected = await collectAll(pool);
    const seconds = (performance.now() - start) / 1_000;
    if (collected !== manyWaiting) throw new Error(`${collected} orders were served`);
    if ((await stockAudit(pool)).length > 0) throw new Error('the stock does not add up');
    const [fewMs, manyMs] = [median(few), median(many)];
    return { ratio: manyMs / fewMs, fewMs, manyMs, ordersPerSecond: collected / seconds };
  });
}

/** Has so many orders wait, each for one piece of the product. */
async function queueUp(pool: Pool, productCode: string, orders: number): Promise<void> {
  await seedStock(pool, [{ productCode, price: 500, currency: 'EUR', onHand: 0 }]);
  const reservations = createReservations(pool, { ttlHours: 72 });
  const requests = Array.from({ length: orders }, () => requestOf(productCode, randomUUID()));
  await Promise.all(requests.map(request => reservations.reserve(request)));
}

/** Milliseconds of a replenishment. */
async function replenish(pool: Pool, productCode: string, pieces: number): Promise<number> {
  const start = performance.now();
  await addStock(pool, productCode, pieces);
  return performance.now() - start;
}

/** Has every order that is woken ask again, as its workflow would; answers with how many there were. */
async function collectAll(pool: Pool): Promise<number> {
  const reservations = createReservations(pool, { ttlHours: 72 });
  for (let collected = 0; ; ) {
    const wakeUps = await takeWakeUps(pool, 1_000);
    if (wakeUps.length === 0) return collected;
    const answers = await Promise.all(
      wakeUps.map(({ orderId }) => reservations.reserve(requestOf('', orderId))),
    );
    if (answers.some(({ status }) => status !== 'reserved')) throw new Error('woken in vain');
    await settleWakeUps(pool, wakeUps);
    collected += wakeUps.length;
  }
}

const requestOf = (productCode: string, orderId: string) => ({
  orderId,
  currency: 'EUR',
  lines: [{ productCode, quantity: 1 }],
  mayWait: true,
});
