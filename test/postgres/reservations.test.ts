import type { ReservationLine, ReservationRequest } from '../../src/domain/reservation';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { listStock, seedStock, setStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';

const request = (orderId: string, ...lines: ReservationLine[]): ReservationRequest => ({
  orderId,
  currency: 'EUR',
  lines,
});
const line = (productCode: string, quantity: number): ReservationLine => ({
  productCode,
  quantity,
});

describe('reserving stock', () => {
  let database: TestDatabase;
  let reservations: Reservations;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query(
      'TRUNCATE products, stock, stock_movements, reservations, reservation_lines',
    );
    const product = { price: 250, currency: 'EUR', onHand: 10 };
    await seedStock(database.pool, [
      { ...product, productCode: 'A' },
      { ...product, productCode: 'B' },
    ]);
    reservations = createReservations(database.pool, { ttlHours: 72 });
  });
  afterEach(async () => expect(await stockAudit(database.pool)).toEqual([]));

  const reserved = async () =>
    Object.fromEntries((await listStock(database.pool)).map(p => [p.productCode, p.reserved]));
  const headers = async () =>
    (await database.pool.query('SELECT * FROM reservations ORDER BY order_id')).rows;

  it('takes all lines of an order, and writes down what it answered', async () => {
    const products = [line('A', 5), line('B', 1)];
    const parcels = [{ shipment: '1', location: 'main', products }];
    const answer = { status: 'reserved', unitPrices: [250, 250, 250], total: 1_500, parcels };
    const order = request('1', line('A', 2), line('B', 1), line('A', 3));
    expect(await reservations.reserve(order)).toEqual(answer);
    expect(await reserved()).toEqual({ A: 5, B: 1 });
    expect(await headers()).toMatchObject([{ order_id: '1', status: 'reserved', outcome: answer }]);
    const { rows } = await database.pool.query(
      'SELECT * FROM reservation_lines ORDER BY product_code',
    );
    const row = { order_id: '1', shipment: '1', location: 'main', state: 'held' };
    expect(rows).toEqual([
      { ...row, product_code: 'A', quantity: 5 },
      { ...row, product_code: 'B', quantity: 1 },
    ]);
  });

  it('takes nothing of an order that can not be served whole, and says why', async () => {
    const order = request('1', line('A', 2), line('B', 11), line('X', 1));
    expect(await reservations.reserve(order)).toEqual({
      status: 'short',
      refusals: [
        { line: 1, productCode: 'B', reason: 'ShortStock' },
        { line: 2, productCode: 'X', reason: 'UnknownProduct' },
      ],
    });
    expect(await reserved()).toEqual({ A: 0, B: 0 });
  });

  it('gives a reservation its expiry, and only a reservation', async () => {
    await reservations.reserve(request('held', line('A', 1)));
    await reservations.reserve(request('released', line('A', 1)));
    await reservations.release('released');
    await reservations.reserve(request('short', line('A', 100)));
    const { rows } = await database.pool.query(
      `SELECT order_id, extract(epoch FROM expires_at - created_at)::integer AS seconds
       FROM reservations ORDER BY order_id`,
    );
    expect(rows).toEqual([
      { order_id: 'held', seconds: 72 * 3_600 },
      { order_id: 'released', seconds: null },
      { order_id: 'short', seconds: null },
    ]);
  });

  it('answers a repeated request alike and takes nothing more', async () => {
    const first = await reservations.reserve(request('1', line('A', 4)));
    await setStock(database.pool, 'A', 10, { price: { amount: 999, currency: 'EUR' } });
    expect(await reservations.reserve(request('1', line('A', 4)))).toEqual(first);
    expect(await reserved()).toEqual({ A: 4, B: 0 });
  });

  it('stays short, even when stock has come meanwhile', async () => {
    const first = await reservations.reserve(request('1', line('A', 11)));
    await setStock(database.pool, 'A', 100);
    expect(await reservations.reserve(request('1', line('A', 11)))).toEqual(first);
    expect(await reserved()).toEqual({ A: 0, B: 0 });
  });

  it('takes an order once that stands several times in one batch', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => reservations.reserve(request('1', line('A', 4)))),
    );
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1);
    expect(await reserved()).toEqual({ A: 4, B: 0 });
  });

  it('decides a batch of new and known orders together, each by its own', async () => {
    const known = await reservations.reserve(request('1', line('A', 9)));
    await reservations.release('gone');
    const answers = await Promise.all([
      reservations.reserve(request('3', line('A', 1))),
      reservations.reserve(request('1', line('A', 9))),
      reservations.reserve(request('gone', line('A', 1))),
      reservations.reserve(request('2', line('A', 1))),
    ]);
    expect(answers[1]).toEqual(known);
    expect(answers.map(answer => answer.status)).toEqual([
      'reserved',
      'reserved',
      'released',
      'short',
    ]);
  });

  it('gives back what an order held, once', async () => {
    await reservations.reserve(request('1', line('A', 4), line('B', 2)));
    await reservations.reserve(request('2', line('A', 1)));
    expect(await reservations.release('1')).toEqual({ status: 'released' });
    expect(await reserved()).toEqual({ A: 1, B: 0 });
    expect(await reservations.release('1')).toEqual({ status: 'released' });
    expect(await reserved()).toEqual({ A: 1, B: 0 });
  });

  it('never reserves again after a release, even one that came first', async () => {
    await reservations.reserve(request('1', line('A', 4)));
    await reservations.release('1');
    expect(await reservations.release('2')).toEqual({ status: 'released' });
    for (const orderId of ['1', '2']) {
      const late = await reservations.reserve(request(orderId, line('A', 4)));
      expect(late).toEqual({ status: 'released' });
    }
    expect(await reserved()).toEqual({ A: 0, B: 0 });
  });

  it('leaves a short or shipped order as it is when it is released', async () => {
    const short = await reservations.reserve(request('short', line('A', 11)));
    await database.pool.query(
      "INSERT INTO reservations (order_id, status) VALUES ('shipped', 'shipped')",
    );
    const answers = ['short', 'shipped', 'short'].map(id => reservations.release(id));
    expect(await Promise.all(answers)).toEqual([short, { status: 'shipped' }, short]);
    expect(await reservations.reserve(request('shipped', line('A', 1)))).toEqual({
      status: 'shipped',
    });
    expect(await reserved()).toEqual({ A: 0, B: 0 });
  });

  it('releases many orders of the same products in one batch', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `order-${i}`);
    await Promise.all(ids.map(id => reservations.reserve(request(id, line('A', 1)))));
    expect(await reserved()).toEqual({ A: 10, B: 0 });
    await Promise.all([...ids, ...ids].map(id => reservations.release(id)));
    expect(await reserved()).toEqual({ A: 0, B: 0 });
  });

  it('lets an order that can not be stored fail alone', async () => {
    const settled = await Promise.allSettled([
      reservations.reserve(request('1', line('A', 1))),
      reservations.reserve(request('2', line('A\0', 1))),
      reservations.reserve(request('3', line('A', 1))),
    ]);
    expect(settled).toMatchObject([
      { value: { status: 'reserved' } },
      { reason: { code: 'DataRefused', transient: false } },
      { value: { status: 'reserved' } },
    ]);
    expect((await headers()).map(header => header.order_id)).toEqual(['1', '3']);
  });

  it.each([
    ['more reserved than on hand', 'UPDATE stock SET reserved = on_hand + 1'],
    ['less than nothing reserved', 'UPDATE stock SET reserved = -1'],
    ['less on hand than reserved', 'UPDATE stock SET reserved = 5, on_hand = 4'],
  ])('is refused by the tables themselves: %s', async (_, sql) => {
    await expect(database.pool.query(sql)).rejects.toMatchObject({ constraint: 'never_oversold' });
  });
});
