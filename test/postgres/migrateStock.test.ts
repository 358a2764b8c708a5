import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/postgres/migrate';
import { createReservations } from '../../src/postgres/reservations';
import { listStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { createEmptyDatabase, type TestDatabase } from '../support/database';

const folder = join(__dirname, '../../migrations');

describe('a database from before stock had locations', () => {
  let database: TestDatabase;
  let copies: string;
  beforeEach(async () => {
    database = await createEmptyDatabase();
    copies = mkdtempSync(join(tmpdir(), 'migrations-'));
    const before = readdirSync(folder).filter(name => /^000[1-4]_.*\.sql$/.test(name));
    for (const name of before) copyFileSync(join(folder, name), join(copies, name));
    await migrate(database.pool, copies);
    await database.pool.query(
      `INSERT INTO products (product_code, price, currency, on_hand, reserved)
       VALUES ('A', 5, 'EUR', 10, 3), ('B', 5, 'EUR', 0, 0);
       INSERT INTO stock_movements (product_code, kind, quantity) VALUES ('A', 'received', 10);
       INSERT INTO reservations (order_id, status, outcome, expires_at) VALUES
         ('live', 'reserved', '{"status": "reserved", "unitPrices": [5], "total": 15}', now()),
         ('gone', 'released', '{"status": "reserved", "unitPrices": [5], "total": 20}', NULL),
         ('short', 'short', '{"status": "short", "refusals": []}', NULL);
       INSERT INTO reservation_lines VALUES ('live', 'A', 3), ('gone', 'A', 4)`,
    );
    await migrate(database.pool);
  });
  afterEach(async () => {
    await database.drop();
    rmSync(copies, { recursive: true });
  });

  it('has all of it at the main location, and adds up', async () => {
    expect(await listStock(database.pool)).toMatchObject([
      { productCode: 'A', locations: [{ location: 'main', onHand: 10, reserved: 3 }] },
      { productCode: 'B', onHand: 0, reserved: 0, backOrdered: 0 },
    ]);
    expect(await stockAudit(database.pool)).toEqual([]);
  });

  it('lets its open reservations ship and be released as any other', async () => {
    const reservations = createReservations(database.pool, { ttlHours: 1 });
    const request = { currency: 'EUR', lines: [{ productCode: 'A', quantity: 3 }] };
    expect(await reservations.reserve({ ...request, orderId: 'live' })).toEqual({
      status: 'reserved',
      unitPrices: [5],
      total: 15,
      parcels: [{ shipment: '1', location: 'main', products: [{ productCode: 'A', quantity: 3 }] }],
    });
    await reservations.ship({ orderId: 'live', shipment: '1' });
    expect(await reservations.release('gone')).toEqual({ status: 'released' });
    expect(await listStock(database.pool)).toMatchObject([{ onHand: 7, reserved: 0 }, {}]);
    expect(await stockAudit(database.pool)).toEqual([]);
  });
});
