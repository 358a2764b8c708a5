import { MockActivityEnvironment } from '@temporalio/testing';
import {
  createInventoryActivities,
  type InventoryActivities,
} from '../../src/activities/inventory';
import { createReservations } from '../../src/postgres/reservations';
import { seedStock } from '../../src/postgres/stock';
import { createDatabase, type TestDatabase } from '../support/database';

describe('the inventory activities', () => {
  let database: TestDatabase;
  let inventory: InventoryActivities;
  beforeAll(async () => {
    database = await createDatabase();
    await seedStock(database.pool, [{ productCode: 'A', price: 5, currency: 'EUR', onHand: 10 }]);
    const reservations = createReservations(database.pool, { ttlHours: 72 });
    inventory = createInventoryActivities({ reservations });
  });
  afterAll(() => database.drop());

  const run = <Args extends unknown[], Result>(
    activity: (...args: Args) => Promise<Result>,
    ...args: Args
  ) => new MockActivityEnvironment().run(activity, ...args);
  const request = (orderId: string, productCode: string) => ({
    orderId,
    currency: 'EUR',
    lines: [{ productCode, quantity: 4 }],
  });

  it('reserve and release the stock of an order', async () => {
    const products = [{ productCode: 'A', quantity: 4 }];
    const parcels = [{ shipment: '1', location: 'main', products }];
    const reserved = { status: 'reserved', unitPrices: [5], total: 20, parcels };
    expect(await run(inventory.reserveStock, request('1', 'A'))).toEqual(reserved);
    expect(await run(inventory.releaseStock, '1')).toEqual({ status: 'released' });
  });

  it('answer for an unknown product instead of failing', async () => {
    expect(await run(inventory.reserveStock, request('2', 'X'))).toEqual({
      status: 'short',
      refusals: [{ line: 0, productCode: 'X', reason: 'UnknownProduct' }],
    });
  });

  it('fail for good where a value can not be stored', async () => {
    await expect(run(inventory.reserveStock, request('3', 'A\0'))).rejects.toMatchObject({
      type: 'DataRefused',
      nonRetryable: true,
    });
  });

  it('fail so that they are tried again where Postgres is away', async () => {
    const away = database.openPool({ connectionString: 'postgres://127.0.0.1:1/none' });
    const reservations = createReservations(away, { ttlHours: 72 });
    const { reserveStock } = createInventoryActivities({ reservations });
    await expect(run(reserveStock, request('4', 'A'))).rejects.toMatchObject({
      type: 'PostgresUnavailable',
      nonRetryable: false,
    });
  });
});
