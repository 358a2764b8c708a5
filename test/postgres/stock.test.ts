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
    database.pool.query(
      'TRUNCATE products, stock, stock_movements, reservations, reservation_lines',
    ),
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
         INSERT INTO reservation_lines (order_id, shipment, product_code, location, quantity)
         SELECT order_id, '1', '${productCode}', 'main', ${quantity} FROM held
       )
       UPDATE stock SET reserved = ${quantity} WHERE product_code = '${productCode}'`,
    );

  it('is listed by product code, amounts as numbers', async () => {
    await setStock(database.pool, 'b', 1, { price: euro });
    await setStock(database.pool, 'B', 2, { price: { amount: 2 ** 40, currency: 'USD' } });
    const none = { reserved: 0, backOrdered: 0 };
    const main = (onHand: number) => [{ location: 'main', onHand, reserved: 0 }];
    expect(await listStock(database.pool)).toEqual([
      { ...none, productCode: 'B', price: 2 ** 40, currency: 'USD', onHand: 2, locations: main(2) },
      { ...none, productCode: 'b', price: 500, currency: 'EUR', onHand: 1, locations: main(1) },
    ]);
  });

  it('is set to a quantity by an adjustment of the difference', async () => {
    await setStock(database.pool, 'A', 10, { price: euro });
    expect(await setStock(database.pool, 'A', 7)).toEqual({
      productCode: 'A',
      price: 500,
      currency: 'EUR',
      onHand: 7,
      reserved: 0,
      backOrdered: 0,
      locations: [{ location: 'main', onHand: 7, reserved: 0 }],
    });
    await setStock(database.pool, 'A', 7, { price: { amount: 450, currency: 'EUR' } });
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
    await setStock(database.pool, 'A', 10, { price: euro });
    await reserve('A', 4);
    await expect(
      setStock(database.pool, 'A', 3, { price: { amount: 1, currency: 'EUR' } }),
    ).rejects.toMatchObject({
      code: 'StockBelowReserved',
      parameters: { productCode: 'A', quantity: 3, reserved: 4 },
    });
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 10, price: 500 }]);
    await setStock(database.pool, 'A', 4);
  });

  it('grows by goods received, each delivery once where it has a key', async () => {
    await setStock(database.pool, 'A', 1, { price: euro });
    const delivery = { idempotencyKey: 'delivery 1' };
    expect(await addStock(database.pool, 'A', 5)).toMatchObject({ onHand: 6 });
    expect(await addStock(database.pool, 'A', 5)).toMatchObject({ onHand: 11 });
    expect(await addStock(database.pool, 'A', 5, delivery)).toMatchObject({ onHand: 16 });
    expect(await addStock(database.pool, 'A', 5, delivery)).toMatchObject({ onHand: 16 });
    expect(await movements()).toContainEqual({ kind: 'received', quantity: 5 });
  });

  it('holds no more pieces than can be counted exactly', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const tooLarge = { code: 'StockTooLarge' };
    await expect(setStock(database.pool, 'A', most + 1, { price: euro })).rejects.toMatchObject(
      tooLarge,
    );
    await setStock(database.pool, 'A', most, { price: euro });
    await expect(addStock(database.pool, 'A', 1)).rejects.toMatchObject(tooLarge);
    expect(await listStock(database.pool)).toMatchObject([{ onHand: most }]);
  });

  it('loses no change when several processes change it at once', async () => {
    await setStock(database.pool, 'A', 0, { price: euro });
    const pools = [database.openPool(), database.openPool()];
    await Promise.all(
      pools.flatMap(pool => Array.from({ length: 20 }, () => addStock(pool, 'A', 1))),
    );
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 40 }]);
  });

  it('is set to the quantity given, whatever another process changed meanwhile', async () => {
    await setStock(database.pool, 'A', 10, { price: euro });
    const other = await database.pool.connect();
    try {
      await other.query(
        `BEGIN; SELECT FROM products FOR UPDATE; UPDATE stock SET on_hand = on_hand + 5;
         INSERT INTO stock_movements (product_code, location, kind, quantity)
         VALUES ('A', 'main', 'received', 5)`,
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
    await setStock(database.pool, 'A', 1, { price: euro });
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

  it('is seeded where it lies, a product at several locations too', async () => {
    const seed = { productCode: 'A', price: 100, currency: 'EUR', onHand: 5 };
    await seedStock(database.pool, [seed, { ...seed, location: 'north', onHand: 7 }]);
    expect(await listStock(database.pool)).toMatchObject([
      {
        locations: [
          { location: 'main', onHand: 5 },
          { location: 'north', onHand: 7 },
        ],
      },
    ]);
  });
});

describe('the stock audit', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
    await database.pool.query(
      `INSERT INTO products (product_code, price, currency, back_ordered, covered, covered_until)
       VALUES ('A', 1, 'EUR', 0, 0, 0), ('B', 1, 'EUR', 9, 4, 1);
       INSERT INTO stock VALUES ('A', 'main', 6, 2), ('A', 'north', 4, 1), ('B', 'main', 5, 0);
       INSERT INTO stock_movements (product_code, location, kind, quantity)
       VALUES ('A', 'main', 'received', 8), ('A', 'main', 'adjusted', -2),
              ('A', 'north', 'received', 5), ('A', 'north', 'shipped', -1), ('B', 'main', 'received', 5);
       INSERT INTO reservations (order_id, status, outcome, quote) VALUES
         ('live 1', 'reserved', '{"status": "reserved"}', NULL),
         ('live 2', 'reserved', '{"status": "reserved"}', NULL),
         ('gone', 'released', NULL, NULL),
         ('waiting 1', 'waiting', '{"status": "waiting"}', '{}'),
         ('waiting 2', 'waiting', '{"status": "waiting"}', '{}');
       INSERT INTO back_orders (order_id, product_code, quantity)
       VALUES ('waiting 1', 'B', 4), ('waiting 2', 'B', 5);
       INSERT INTO reservation_lines (order_id, shipment, product_code, location, quantity, state)
       VALUES ('live 1', '1', 'A', 'north', 1, 'held'), ('live 2', '1', 'A', 'main', 2, 'held'),
              ('live 2', '2', 'A', 'north', 1, 'shipped'), ('gone', '1', 'A', 'main', 4, 'returned')`,
    );
  });
  afterEach(() => database.drop());

  it('finds nothing where the sums add up, and names the orders that hold stock', async () => {
    expect(await stockAudit(database.pool)).toEqual([]);
    expect(await ordersHoldingStock(database.pool)).toEqual(['live 1', 'live 2']);
  });

  it.each([
    ['reserved', 'reserved that no live line explains', 'UPDATE stock SET reserved = reserved + 1'],
    ['reserved', 'live lines that are not reserved', 'UPDATE reservation_lines SET quantity = 9'],
    [
      'reserved',
      'what is reserved at one location and held at another',
      "UPDATE reservation_lines SET location = 'north' WHERE order_id = 'live 2'",
    ],
    ['reserved', 'a live line of no product', "UPDATE reservation_lines SET product_code = 'X'"],
    ['on hand', 'stock that no movement explains', 'UPDATE stock SET on_hand = on_hand + 1'],
    [
      'on hand',
      'movements that did not reach the stock',
      'UPDATE stock_movements SET quantity = 20 WHERE quantity > 0',
    ],
    ['on hand', 'stock without any movement', 'DELETE FROM stock_movements'],
    [
      'holding',
      'lines of an order that is not live',
      "UPDATE reservations SET status = 'released', quote = NULL",
    ],
    [
      'holding',
      'a live order without a line',
      "DELETE FROM reservation_lines WHERE order_id = 'live 1'",
    ],
    [
      'waiting',
      'an order that waits in no queue',
      "DELETE FROM back_orders WHERE order_id = 'waiting 2'",
    ],
    [
      'waiting',
      'wants of an order that does not wait',
      "DELETE FROM reservations WHERE order_id = 'waiting 1'",
    ],
    ['back-ordered', 'back-ordered that nobody wants', 'UPDATE products SET back_ordered = 10'],
    ['covered', 'covered that nobody wants', 'UPDATE products SET covered = 5 WHERE covered = 4'],
    ['coverable', 'an order passed over', 'UPDATE products SET covered = 0, covered_until = 0'],
    [
      'coverable',
      'an order covered by what is not there',
      'UPDATE products SET covered = 9, covered_until = 2 WHERE covered = 4',
    ],
  ])('finds %s: %s', async (figure, _, sabotage) => {
    await database.pool.query(sabotage);
    expect((await stockAudit(database.pool)).map(found => found.figure)).toContain(figure);
  });

  it('says what a figure is, and what its rows add up to', async () => {
    await database.pool.query("UPDATE stock SET reserved = 4 WHERE location = 'north'");
    expect(await stockAudit(database.pool)).toEqual([
      { figure: 'reserved', subject: 'A at north', noted: 4, found: 1 },
    ]);
  });
});
