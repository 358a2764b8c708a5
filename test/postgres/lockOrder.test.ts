/**
 * Two batches that take the same locks in different orders can deadlock. A deadlock is retried and so
 * hides well; here each statement is stopped at its first lock, and must not hold its second one yet.
 */
import type { Pool } from 'pg';
import { type Entry, markStarted, registerBatch } from '../../src/postgres/register';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { seedStock } from '../../src/postgres/stock';
import { createDatabase, type TestDatabase } from '../support/database';
import { backendWaitingForLock } from '../support/locks';

const request = (orderId: string) => ({
  orderId,
  currency: 'EUR',
  lines: ['B', 'A'].map(productCode => ({ productCode, quantity: 1 })),
});
const entry = (orderId: string): Entry => ({
  orderId,
  origin: orderId,
  digestVersion: 1,
  digestFor: () => 'digest',
  receivedAt: 0,
});

describe('locks are taken in one order by everybody', () => {
  let database: TestDatabase;
  let pool: Pool;
  let reservations: Reservations;

  beforeAll(async () => {
    database = await createDatabase();
    pool = database.openPool();
    reservations = createReservations(pool, { ttlHours: 1 });
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query(
      'TRUNCATE products, stock, stock_movements, reservations, reservation_lines, back_orders, orders',
    );
    // In the tables B stands before A: a statement that does not sort meets it first.
    for (const productCode of ['B', 'A']) {
      await seedStock(pool, [{ productCode, price: 1, currency: 'EUR', onHand: 10 }]);
    }
  });

  /** Holds A, starts the work, waits until it is stopped at A, and takes B, which must be free. */
  async function expectFirstThenSecond(
    hold: string,
    work: () => Promise<unknown>,
    takeSecond: string,
  ): Promise<void> {
    const holder = await database.pool.connect();
    const prober = await database.pool.connect();
    try {
      await holder.query(`BEGIN; ${hold}`);
      const working = work();
      await backendWaitingForLock(database.pool);
      await prober.query(`BEGIN; SET LOCAL lock_timeout = '100ms'; ${takeSecond}; ROLLBACK`);
      await holder.query('ROLLBACK');
      await working;
    } finally {
      holder.release(true);
      prober.release(true);
    }
  }

  const lockProduct = (code: string) =>
    `SELECT FROM products WHERE product_code = '${code}' FOR UPDATE`;
  const insertHeader = (id: string) =>
    `INSERT INTO reservations (order_id, status) VALUES ('${id}', 'released')`;
  const lockRow = (table: string, id: string) =>
    `SELECT FROM ${table} WHERE order_id = '${id}' FOR UPDATE`;

  it('when products are locked to reserve', () =>
    expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.reserve(request('1')),
      lockProduct('B'),
    ));

  it('when products are locked to release', async () => {
    await reservations.reserve(request('1'));
    await expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.release('1'),
      lockProduct('B'),
    );
  });

  it('when products are locked to ship, or to return a parcel', async () => {
    for (const orderId of ['1', '2']) await reservations.reserve(request(orderId));
    const parcel = (orderId: string) => ({ orderId, shipment: '1' });
    await expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.ship(parcel('1')),
      lockProduct('B'),
    );
    await expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.returnParcel(parcel('2')),
      lockProduct('B'),
    );
  });

  it('when products are locked for an order that waits, to collect and to release', async () => {
    const waiting = { ...request('1'), mayWait: true };
    await reservations.reserve({ ...request('all'), lines: [{ productCode: 'A', quantity: 10 }] });
    expect((await reservations.reserve(waiting)).status).toBe('waiting');
    // Its lines are not read again: what it waits for is known.
    await expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.reserve({ ...waiting, lines: [] }),
      lockProduct('B'),
    );
    await expectFirstThenSecond(
      lockProduct('A'),
      () => reservations.release('1'),
      lockProduct('B'),
    );
  });

  it('when headers are inserted', async () => {
    const both = (call: (id: string) => Promise<unknown>) => () =>
      Promise.all(['B', 'A'].map(call));
    await expectFirstThenSecond(
      insertHeader('A'),
      both(id => reservations.reserve(request(id))),
      insertHeader('B'),
    );
    await expectFirstThenSecond(
      insertHeader('a'),
      () => Promise.all(['b', 'a'].map(id => reservations.release(id))),
      insertHeader('b'),
    );
  });

  it('when headers are locked to release', async () => {
    for (const id of ['B', 'A']) await reservations.reserve(request(id));
    await expectFirstThenSecond(
      lockRow('reservations', 'A'),
      () => Promise.all(['B', 'A'].map(id => reservations.release(id))),
      lockRow('reservations', 'B'),
    );
  });

  it('when headers are locked to collect, and to ship', async () => {
    for (const id of ['B', 'A']) {
      const lines = [{ productCode: 'A', quantity: 11 }];
      await reservations.reserve({ ...request(id), lines, mayWait: true });
    }
    const calls: readonly ((orderId: string) => Promise<unknown>)[] = [
      orderId => reservations.reserve(request(orderId)),
      orderId => reservations.ship({ orderId, shipment: '1' }).catch(() => undefined),
    ];
    for (const call of calls) {
      await expectFirstThenSecond(
        lockRow('reservations', 'A'),
        () => Promise.all(['B', 'A'].map(call)),
        lockRow('reservations', 'B'),
      );
    }
  });

  it('when orders are registered', () => {
    const insert = (id: string) => `INSERT INTO orders VALUES ('${id}', 'other', 'd', 1, now())`;
    return expectFirstThenSecond(
      insert('A'),
      () => registerBatch(pool, [entry('B'), entry('A')]),
      insert('B'),
    );
  });

  it('when orders are marked as started', async () => {
    for (const id of ['B', 'A']) await registerBatch(pool, [entry(id)]);
    await expectFirstThenSecond(
      lockRow('orders', 'A'),
      () => markStarted(pool, ['B', 'A']),
      lockRow('orders', 'B'),
    );
  });
});
