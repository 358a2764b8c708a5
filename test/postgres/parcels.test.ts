import { readParcels } from '../../src/postgres/parcels';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { addStock, listStock, seedStock } from '../../src/postgres/stock';
import { countShippedParcels, ordersHoldingStock, stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';

/** Of A, 3 pieces lie at `main` and 9 at `north`, of B one at `main`: it takes both locations. */
const order = {
  orderId: '1',
  currency: 'EUR',
  lines: [
    { productCode: 'A', quantity: 10 },
    { productCode: 'B', quantity: 1 },
  ],
};

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
  const product = { price: 100, currency: 'EUR' };
  await seedStock(database.pool, [
    { ...product, productCode: 'A', onHand: 3 },
    { ...product, productCode: 'B', onHand: 1 },
  ]);
  await addStock(database.pool, 'A', 9, { location: 'north' });
  reservations = createReservations(database.pool, { ttlHours: 72 });
  await reservations.reserve(order);
});
afterEach(async () => expect(await stockAudit(database.pool)).toEqual([]));

const parcel = (shipment: string, orderId = '1') => ({ orderId, shipment });
const status = async () => (await reservations.reserve(order)).status;
const stock = async () => {
  const { rows } = await database.pool.query(
    `SELECT concat(product_code, ' ', location) AS place, on_hand, reserved FROM stock`,
  );
  return Object.fromEntries(rows.map(row => [row.place, [row.on_hand, row.reserved]]));
};
const shipped = async () => {
  const { rows } = await database.pool.query(
    `SELECT product_code, location, quantity, idempotency_key FROM stock_movements
     WHERE kind = 'shipped' ORDER BY product_code`,
  );
  return rows;
};
const refused = { code: 'ParcelNotReserved', transient: false };

it('parcels are known by what was reserved for them, whatever became of it', async () => {
  expect(await readParcels(database.pool, order.orderId)).toEqual(['1', '2']);
  await reservations.ship(parcel('1'));
  await reservations.returnParcel(parcel('2'));
  expect(await readParcels(database.pool, order.orderId)).toEqual(['1', '2']);
  expect(await readParcels(database.pool, 'another')).toEqual([]);
});

describe('a parcel that ships', () => {
  it('leaves the stock of its location by a movement for each product, once', async () => {
    await reservations.ship(parcel('1'));
    await reservations.ship(parcel('1'));
    await Promise.all([reservations.ship(parcel('1')), reservations.ship(parcel('1'))]);
    expect(await countShippedParcels(database.pool, order.orderId)).toBe(1);
    expect(await countShippedParcels(database.pool, 'of-nobody-')).toBe(0);
    expect(await stock()).toEqual({ 'A main': [0, 0], 'B main': [0, 0], 'A north': [9, 7] });
    expect(await shipped()).toEqual([
      { product_code: 'A', location: 'main', quantity: -3, idempotency_key: 'shipped:1:1:A' },
      { product_code: 'B', location: 'main', quantity: -1, idempotency_key: 'shipped:1:1:B' },
    ]);
    expect(await status()).toBe('reserved');
  });

  it('closes the order with the last one, which is then neither released nor expires', async () => {
    await Promise.all([reservations.ship(parcel('1')), reservations.ship(parcel('2'))]);
    expect(await status()).toBe('shipped');
    expect(await reservations.release('1')).toEqual({ status: 'shipped' });
    expect(await stock()).toEqual({ 'A main': [0, 0], 'B main': [0, 0], 'A north': [2, 0] });
    const { rows } = await database.pool.query('SELECT expires_at FROM reservations');
    expect(rows).toEqual([{ expires_at: null }]);
    expect(await ordersHoldingStock(database.pool)).toEqual([]);
  });

  it('may be told again after the order is closed', async () => {
    await reservations.ship(parcel('1'));
    await reservations.returnParcel(parcel('2'));
    await reservations.ship(parcel('1'));
    expect(await status()).toBe('shipped');
  });

  it('is refused where nothing is reserved for it, and spoils no other', async () => {
    await reservations.reserve({ ...order, orderId: 'short' });
    const others = [parcel('3'), parcel('1', 'unknown'), parcel('1', 'short')];
    const calls = [parcel('1'), ...others].map(other => reservations.ship(other));
    const [first, ...refusals] = await Promise.allSettled(calls);
    expect(first).toMatchObject({ status: 'fulfilled' });
    for (const refusal of refusals) expect(refusal).toMatchObject({ reason: refused });
    await reservations.release('1');
    await expect(reservations.ship(parcel('2'))).rejects.toMatchObject(refused);
    expect(await reservations.release('short')).toMatchObject({ status: 'short' });
  });
});

describe('a parcel that will never ship', () => {
  it('gives its stock back, once, and leaves the others as they are', async () => {
    await reservations.returnParcel(parcel('2'));
    await reservations.returnParcel(parcel('2'));
    expect(await stock()).toEqual({ 'A main': [3, 3], 'B main': [1, 1], 'A north': [9, 0] });
    expect(await status()).toBe('reserved');
    await expect(reservations.ship(parcel('2'))).rejects.toMatchObject(refused);
  });

  it('releases the order with the last one, where none has shipped', async () => {
    for (const shipment of ['1', '2']) await reservations.returnParcel(parcel(shipment));
    expect(await status()).toBe('released');
  });

  it('stays as it is where it has shipped, was released, or never was', async () => {
    await reservations.ship(parcel('1'));
    await reservations.returnParcel(parcel('1'));
    await reservations.returnParcel(parcel('1', 'unknown'));
    expect(await stock()).toMatchObject({ 'A main': [0, 0] });
    await reservations.release('1');
    await reservations.returnParcel(parcel('2'));
    expect(await stock()).toEqual({ 'A main': [0, 0], 'B main': [0, 0], 'A north': [9, 0] });
  });
});

describe('releasing an order of which a parcel has shipped', () => {
  it('gives back the others, and the order stays shipped', async () => {
    await reservations.ship(parcel('1'));
    expect(await reservations.release('1')).toEqual({ status: 'shipped' });
    expect(await reservations.release('1')).toEqual({ status: 'shipped' });
    expect(await stock()).toMatchObject({ 'A north': [9, 0] });
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 9, reserved: 0 }, {}]);
  });
});
