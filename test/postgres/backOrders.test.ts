import type { ReservationRequest } from '../../src/domain/reservation';
import { coverStatement } from '../../src/postgres/backOrders';
import { expiredReservations, extendReservations } from '../../src/postgres/expiry';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { addStock, listStock, seedStock, setStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { settleWakeUps, takeWakeUps } from '../../src/postgres/wakeUps';
import { createDatabase, type TestDatabase } from '../support/database';
import { backendWaitingForLock } from '../support/locks';

const patient = (orderId: string, wants: Record<string, number>): ReservationRequest => ({
  orderId,
  currency: 'EUR',
  lines: Object.entries(wants).map(([productCode, quantity]) => ({ productCode, quantity })),
  mayWait: true,
});
const impatient = (orderId: string, wants: Record<string, number>): ReservationRequest => ({
  ...patient(orderId, wants),
  mayWait: false,
});

let database: TestDatabase;
let reservations: Reservations;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query(
    `TRUNCATE products, stock, stock_movements, reservations, reservation_lines, back_orders, wake_ups`,
  );
  const product = { price: 250, currency: 'EUR' };
  await seedStock(database.pool, [
    { ...product, productCode: 'A', onHand: 2 },
    { ...product, productCode: 'B', onHand: 0 },
  ]);
  reservations = createReservations(database.pool, { ttlHours: 72 });
});
afterEach(async () => expect(await stockAudit(database.pool)).toEqual([]));

const reserve = (request: ReservationRequest) => reservations.reserve(request);
const statusOf = async (orderId: string) => (await reserve(patient(orderId, { A: 1 }))).status;
const waitingPieces = async () =>
  Object.fromEntries((await listStock(database.pool)).map(p => [p.productCode, p.backOrdered]));

/** Takes and settles all wake-ups; answers with the orders that are told, each once. */
async function woken(): Promise<string[]> {
  const wakeUps = await takeWakeUps(database.pool, 100);
  await settleWakeUps(database.pool, wakeUps);
  const oldestFirst = wakeUps.sort((a, b) => a.wakeUpId - b.wakeUpId);
  const complete = oldestFirst.filter(wakeUp => wakeUp.complete);
  return [...new Set(complete.map(({ orderId }) => orderId))];
}

describe('an order that may wait', () => {
  it('waits for what is short, and is served by a repeated call once that has come', async () => {
    const order = patient('1', { A: 1, B: 2 });
    const waiting = { status: 'waiting', productCodes: ['B'] };
    expect(await reserve(order)).toEqual(waiting);
    expect(await reserve(order)).toEqual(waiting);
    expect(await waitingPieces()).toEqual({ A: 1, B: 2 });
    await addStock(database.pool, 'B', 1);
    expect(await reserve(order)).toEqual(waiting);
    await addStock(database.pool, 'B', 1, { location: 'north' });
    expect(await woken()).toEqual(['1']);
    expect(await reserve(order)).toEqual({
      status: 'reserved',
      unitPrices: [250, 250],
      total: 750,
      parcels: [
        {
          shipment: '1',
          location: 'main',
          products: [
            { productCode: 'A', quantity: 1 },
            { productCode: 'B', quantity: 1 },
          ],
        },
        { shipment: '2', location: 'north', products: [{ productCode: 'B', quantity: 1 }] },
      ],
    });
    expect(await waitingPieces()).toEqual({ A: 0, B: 0 });
  });

  it('is served at the prices that held when it came', async () => {
    await reserve(patient('1', { B: 2 }));
    await setStock(database.pool, 'B', 5, { price: { amount: 999, currency: 'USD' } });
    expect(await reserve(patient('1', { B: 2 }))).toMatchObject({ unitPrices: [250], total: 500 });
  });

  it('is served in its turn, however little those behind it want', async () => {
    await reserve(patient('large', { A: 5 }));
    await reserve(patient('small', { A: 1 }));
    expect(await reserve(impatient('hasty', { A: 1 }))).toMatchObject({ status: 'short' });
    await addStock(database.pool, 'A', 2);
    expect([await statusOf('small'), await statusOf('large')]).toEqual(['waiting', 'waiting']);
    await addStock(database.pool, 'A', 1);
    expect([await statusOf('small'), await statusOf('large')]).toEqual(['waiting', 'reserved']);
    await addStock(database.pool, 'A', 1);
    expect(await statusOf('small')).toBe('reserved');
  });

  it('keeps what has come for it while it waits for another product', async () => {
    await reserve(patient('both', { A: 2, B: 1 }));
    await reserve(patient('behind', { A: 1 }));
    expect(await statusOf('behind')).toBe('waiting');
    await addStock(database.pool, 'A', 1);
    expect(await statusOf('behind')).toBe('reserved');
    await addStock(database.pool, 'B', 1);
    expect(await statusOf('both')).toBe('reserved');
  });

  it('leaves its place to those behind it when it is released', async () => {
    await reserve(patient('first', { A: 3 }));
    await reserve(patient('second', { A: 2 }));
    expect(await reservations.release('first')).toEqual({ status: 'released' });
    expect(await woken()).toEqual(['second']);
    expect([await statusOf('first'), await statusOf('second')]).toEqual(['released', 'reserved']);
    expect(await waitingPieces()).toEqual({ A: 0, B: 0 });
  });

  it('gets what another order gives back, by a release or a parcel that never ships', async () => {
    await reserve(impatient('holder 1', { A: 1 }));
    await reserve(impatient('holder 2', { A: 1 }));
    await reserve(patient('first', { A: 1 }));
    await reserve(patient('second', { A: 1 }));
    await reservations.release('holder 1');
    expect(await woken()).toEqual(['first']);
    await reservations.returnParcel({ orderId: 'holder 2', shipment: '1' });
    expect(await woken()).toEqual(['second']);
    expect([await statusOf('first'), await statusOf('second')]).toEqual(['reserved', 'reserved']);
  });

  it('loses what was kept for it where the stock is corrected, and keeps its place', async () => {
    await reserve(patient('first', { A: 2, B: 1 }));
    await reserve(patient('second', { A: 1 }));
    await setStock(database.pool, 'A', 1);
    await addStock(database.pool, 'B', 1);
    expect([await statusOf('first'), await statusOf('second')]).toEqual(['waiting', 'waiting']);
    await setStock(database.pool, 'A', 2);
    expect([await statusOf('first'), await statusOf('second')]).toEqual(['reserved', 'waiting']);
  });

  it('stands behind those of its own batch that came before it', async () => {
    const orders = ['3', '1', '2'].map(id => patient(id, { B: 1 }));
    await Promise.all(orders.map(reserve));
    await addStock(database.pool, 'B', 2);
    expect(await woken()).toEqual(['3', '1']);
  });

  it('is woken by the second of two who bring its products at the same time', async () => {
    await reserve(patient('1', { A: 3, B: 1 }));
    await woken();
    const other = await database.pool.connect();
    try {
      await other.query("BEGIN; SELECT FROM products WHERE product_code = 'A' FOR UPDATE");
      const addA = addStock(database.pool, 'A', 1);
      await backendWaitingForLock(database.pool);
      await addStock(database.pool, 'B', 1);
      expect(await woken()).toEqual([]);
      await other.query('COMMIT');
      await addA;
    } finally {
      other.release();
    }
    expect(await woken()).toEqual(['1']);
  });

  it('is woken again where whoever was to tell it never settled it, and by one at a time', async () => {
    await reserve(patient('1', { B: 1 }));
    await addStock(database.pool, 'B', 1);
    expect(await takeWakeUps(database.pool, 100)).toMatchObject([{ orderId: '1', complete: true }]);
    expect(await woken()).toEqual([]);
    await database.pool.query('UPDATE wake_ups SET due_at = now()');
    expect(await woken()).toEqual(['1']);
    expect(await woken()).toEqual([]);
  });
});

describe('bringing stock', () => {
  it('reads only what it covers of the 10,000 orders that wait for a product', async () => {
    await database.pool.query(
      `INSERT INTO reservations (order_id, status, outcome, quote)
       SELECT 'order-' || i, 'waiting', '{"status": "waiting"}', '{}' FROM generate_series(1, 10000) i;
       INSERT INTO back_orders (order_id, product_code, quantity)
       SELECT 'order-' || i, 'B', 2 FROM generate_series(1, 10000) AS i ORDER BY i;
       UPDATE products SET back_ordered = 20000 WHERE product_code = 'B'`,
    );
    await addStock(database.pool, 'B', 1_000);
    const covered = (await database.pool.query('SELECT FROM wake_ups')).rowCount;
    expect(covered).toBe(500);
    await database.pool.query("UPDATE stock SET on_hand = on_hand + 7 WHERE product_code = 'B'");
    await database.pool.query(
      `INSERT INTO stock_movements (product_code, location, kind, quantity)
       VALUES ('B', 'main', 'received', 7)`,
    );
    const { rows } = await database.pool.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${coverStatement.replace('$1', "'{B}'")}`,
    );
    const reads = scansOf(rows[0]['QUERY PLAN'][0].Plan).filter(
      node => node['Relation Name'] === 'back_orders',
    );
    const rowsRead = reads.reduce(
      (sum, node) =>
        sum + node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)),
      0,
    );
    expect(reads.length).toBeGreaterThan(0);
    expect(rowsRead).toBe(3 + 1);
    expect((await database.pool.query('SELECT FROM wake_ups')).rowCount).toBe(503);
  });
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const scansOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(scansOf)];

describe('a reservation whose time is over', () => {
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

  it('is found where it holds or waits for stock, the longest overdue first', async () => {
    const soon = createReservations(database.pool, { ttlHours: 1 });
    await reserve(patient('waiting', { B: 1 }));
    await soon.reserve(patient('held', { A: 1 }));
    await soon.reserve(patient('released', { A: 1 }));
    await soon.release('released');
    await soon.reserve(impatient('short', { A: 100 }));
    expect(await expiredReservations(database.pool, inHours(0.9), 10)).toEqual([]);
    expect(await expiredReservations(database.pool, inHours(1.1), 10)).toEqual(['held']);
    expect(await expiredReservations(database.pool, inHours(73), 10)).toEqual(['held', 'waiting']);
    expect(await expiredReservations(database.pool, inHours(73), 1)).toEqual(['held']);
  });

  it('is given more time where its order lives, and none where it is closed', async () => {
    await reserve(patient('held', { A: 1 }));
    await reserve(patient('closed', { A: 1 }));
    await reservations.release('closed');
    await extendReservations(database.pool, ['held', 'closed', 'unknown'], 100);
    expect(await expiredReservations(database.pool, inHours(99), 10)).toEqual([]);
    expect(await expiredReservations(database.pool, inHours(101), 10)).toEqual(['held']);
  });
});
