import { addStock, listStock, seedStock, setStock } from '../../src/postgres/stock';
import { ordersHoldingStock, stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';
import { backendWaitingForLock } from '../support/locks';

const euro = { amount: 500, currency: 'EUR' };

describe('the stock', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() =>
    database.pool.query('TRUNCATE products, stock_movements, reservations, reservation_lines'),
  );
  afterEach(async () => expect(await stockAudit(database.pool)).toEqual([]));

  const movements = async () =>
    (await database.pool.query('SELECT kind, quantity FROM stock_movements ORDER BY movement_id'))
      .rows;
  const reserve = (productCode: string, quantity: number) =>
    database.pool.query(
      `WITH held AS (
         INSERT INTO reservations (order_id, status, outcome)
         VALUES ('order', 'reserved', '{"status": "reserved"}') RETURNING order_id
       ), line AS (
         INSERT INTO reservation_lines SELECT order_id, '${productCode}', ${quantity} FROM held
       )
       UPDATE products SET reserved = ${quantity} WHERE product_code = '${productCode}'`,
    );

  it('is listed by product code, amounts as numbers', async () => {
    await setStock(database.pool, 'b', 1, euro);
    await setStock(database.pool, 'B', 2, { amount: 2 ** 40, currency: 'USD' });
    expect(await listStock(database.pool)).toEqual([
      { productCode: 'B', price: 2 ** 40, currency: 'USD', onHand: 2, reserved: 0 },
      { productCode: 'b', price: 500, currency: 'EUR', onHand: 1, reserved: 0 },
    ]);
  });

  it('is set to a quantity by an adjustment of the difference', async () => {
    await setStock(database.pool, 'A', 10, euro);
    expect(await setStock(database.pool, 'A', 7)).toEqual({
      productCode: 'A',
      price: 500,
      currency: 'EUR',
      onHand: 7,
      reserved: 0,
    });
    await setStock(database.pool, 'A', 7, { amount: 450, currency: 'EUR' });
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 7, price: 450 }]);
    expect(await movements()).toEqual([
      { kind: 'adjusted', quantity: 10 },
      { kind: 'adjusted', quantity: -3 },
    ]);
  });

  it('takes no new product without a price, neither by setting nor by adding', async () => {
    const unknown = { code: 'ProductUnknown', parameters: { productCode: 'A' } };
    await expect(setStock(database.pool, 'A', 10)).rejects.toMatchObject(unknown);
    await expect(addStock(database.pool, 'A', 10)).rejects.toMatchObject(unknown);
    expect(await listStock(database.pool)).toEqual([]);
  });

  it('is never set below what is reserved, and keeps its price then', async () => {
    await setStock(database.pool, 'A', 10, euro);
    await reserve('A', 4);
    await expect(
      setStock(database.pool, 'A', 3, { amount: 1, currency: 'EUR' }),
    ).rejects.toMatchObject({
      code: 'StockBelowReserved',
      parameters: { productCode: 'A', quantity: 3, reserved: 4 },
    });
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 10, price: 500 }]);
    await setStock(database.pool, 'A', 4);
  });

  it('grows by goods received, each delivery once where it has a key', async () => {
    await setStock(database.pool, 'A', 1, euro);
    expect(await addStock(database.pool, 'A', 5)).toMatchObject({ onHand: 6 });
    expect(await addStock(database.pool, 'A', 5)).toMatchObject({ onHand: 11 });
    expect(await addStock(database.pool, 'A', 5, 'delivery 1')).toMatchObject({ onHand: 16 });
    expect(await addStock(database.pool, 'A', 5, 'delivery 1')).toMatchObject({ onHand: 16 });
    expect(await movements()).toContainEqual({ kind: 'received', quantity: 5 });
  });

  it('holds no more pieces than can be counted exactly', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const tooLarge = { code: 'StockTooLarge' };
    await expect(setStock(database.pool, 'A', most + 1, euro)).rejects.toMatchObject(tooLarge);
    await setStock(database.pool, 'A', most, euro);
    await expect(addStock(database.pool, 'A', 1)).rejects.toMatchObject(tooLarge);
    expect(await listStock(database.pool)).toMatchObject([{ onHand: most }]);
  });

  it('loses no change when several processes change it at once', async () => {
    await setStock(database.pool, 'A', 0, euro);
    const pools = [database.openPool(), database.openPool()];
    await Promise.all(
      pools.flatMap(pool => Array.from({ length: 20 }, () => addStock(pool, 'A', 1))),
    );
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 40 }]);
  });

  it('is set to the quantity given, whatever another process changed meanwhile', async () => {
    await setStock(database.pool, 'A', 10, euro);
    const other = await database.pool.connect();
    try {
      await other.query(
        `BEGIN; UPDATE products SET on_hand = on_hand + 5;
         INSERT INTO stock_movements (product_code, kind, quantity) VALUES ('A', 'received', 5)`,
      );
      const setting = setStock(database.pool, 'A', 7);
      await backendWaitingForLock(database.pool);
      await other.query('COMMIT');
      await setting;
    } finally {
      other.release();
    }
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 7 }]);
  });

  it('is seeded with new products, known ones staying as they are', async () => {
    await setStock(database.pool, 'A', 1, euro);
    const seeds = ['A', 'B', 'C'].map((productCode, i) => ({
      productCode,
      price: 100,
      currency: 'EUR',
      onHand: i * 10,
    }));
    await seedStock(database.pool, seeds);
    await seedStock(database.pool, seeds);
    expect(await listStock(database.pool)).toMatchObject([
      { productCode: 'A', onHand: 1, price: 500 },
      { productCode: 'B', onHand: 10, price: 100 },
      { productCode: 'C', onHand: 20 },
    ]);
  });
});

describe('the stock audit', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
    await database.pool.query(
      `INSERT INTO products VALUES ('A', 1, 'EUR', 10, 3), ('B', 1, 'EUR', 5, 0);
       INSERT INTO stock_movements (product_code, kind, quantity)
       VALUES ('A', 'received', 12), ('A', 'adjusted', -2), ('B', 'received', 5);
       INSERT INTO reservations (order_id, status, outcome) VALUES
         ('live 1', 'reserved', '{"status": "reserved"}'),
         ('live 2', 'reserved', '{"status": "reserved"}'),
         ('gone', 'released', NULL);
       INSERT INTO reservation_lines VALUES
         ('live 1', 'A', 1), ('live 2', 'A', 2), ('gone', 'A', 4), ('gone', 'B', 1)`,
    );
  });
  afterEach(() => database.drop());

  it('finds nothing where the sums add up, and names the orders that hold stock', async () => {
    expect(await stockAudit(database.pool)).toEqual([]);
    expect(await ordersHoldingStock(database.pool)).toEqual(['live 1', 'live 2']);
  });

  it.each([
    ['reserved that no live line explains', 'UPDATE products SET reserved = reserved + 1'],
    ['live lines that are not reserved', 'UPDATE reservation_lines SET quantity = 9'],
    ['lines of an order that is no longer live', "UPDATE reservations SET status = 'released'"],
    ['stock that no movement explains', 'UPDATE products SET on_hand = on_hand + 1'],
    ['movements that never reached the stock', 'UPDATE stock_movements SET quantity = 20'],
    ['stock without any movement', 'DELETE FROM stock_movements'],
  ])('finds %s', async (_, sabotage) => {
    await database.pool.query(sabotage);
    expect((await stockAudit(database.pool)).map(found => found.productCode)).toContain('A');
  });

  it('finds a live line whose product does not exist', async () => {
    await database.pool.query("INSERT INTO reservation_lines VALUES ('live 1', 'unknown', 1)");
    expect(await stockAudit(database.pool)).toEqual([
      { productCode: 'unknown', reserved: 0, liveLines: 1, onHand: 0, movements: 0 },
    ]);
  });

  it('shows both figures of each product that differs', async () => {
    await database.pool.query("UPDATE products SET reserved = 4 WHERE product_code = 'A'");
    expect(await stockAudit(database.pool)).toEqual([
      { productCode: 'A', reserved: 4, liveLines: 3, onHand: 10, movements: 10 },
    ]);
  });
});
