import pino from 'pino';
import { Registry } from 'prom-client';
import { createPartnerMetrics } from '../../src/intake/metrics';
import { createPartnerRecords } from '../../src/intake/partnerRecords';
import { replenishRoute } from '../../src/intake/replenish';
import type { OutgoingRecord } from '../../src/kafka/record';
import { type StockReplenished, stockReplenished } from '../../src/messages/stockReplenished';
import { addStock, listStock, seedStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';
import { eventHeaders, incomingRecord } from '../support/records';

let database: TestDatabase;
let published: OutgoingRecord[];
let replenished: number;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  published = [];
  replenished = 0;
  await database.pool.query('TRUNCATE products, stock, stock_movements');
  await seedStock(database.pool, [{ productCode: 'A', price: 1, currency: 'EUR', onHand: 1 }]);
});
afterEach(async () => expect(await stockAudit(database.pool)).toEqual([]));

const handlerOn = (pool: TestDatabase['pool']) =>
  createPartnerRecords({
    routes: [replenishRoute(pool, () => replenished++)],
    publisher: {
      async publish(record: OutgoingRecord) {
        published.push(record);
        return { partition: 0, offset: '0' };
      },
    },
    group: 'partners',
    maxBytes: 10_000,
    metrics: createPartnerMetrics(new Registry()),
    logger: pino({ level: 'silent' }),
  });

const message = (change: Partial<StockReplenished> = {}): StockReplenished => ({
  productCode: 'A',
  quantity: 5,
  at: '2026-01-31T06:00:00Z',
  ...change,
});
const recordOf = (value: unknown, headers = {}) =>
  incomingRecord(value, { topic: stockReplenished.topic, headers });
const onHand = async () => (await listStock(database.pool))[0];

describe('a record of StockReplenished', () => {
  it('brings its pieces to the location that it names, or to the main one', async () => {
    const handle = handlerOn(database.pool);
    await handle(recordOf(message()));
    await handle(recordOf(message({ quantity: 2, location: 'north' })));
    expect(await onHand()).toMatchObject({
      onHand: 8,
      locations: [
        { location: 'main', onHand: 6 },
        { location: 'north', onHand: 2 },
      ],
    });
    expect([replenished, published]).toEqual([2, []]);
  });

  it('counts once, however often Kafka or its sender repeats it, and whoever reads it', async () => {
    const handlers = [handlerOn(database.pool), handlerOn(database.openPool())];
    const plain = recordOf(message());
    const event = () => recordOf(message(), eventHeaders('x'.repeat(1_024), 'y'.repeat(1_024)));
    await Promise.all(handlers.flatMap(handle => [handle(plain), handle(event())]));
    for (const handle of handlers) await Promise.all([handle(plain), handle(event())]);
    expect(await onHand()).toMatchObject({ onHand: 1 + 5 + 5 });
  });

  it.each([
    ['what is no JSON', Buffer.from('not json'), 'NotJson'],
    ['what has not its shape', { ...message(), quantity: 0 }, 'MessageInvalid'],
    ['a product that nobody created', message({ productCode: 'X' }), 'ProductUnknown'],
  ])('becomes a dead letter with the reason: %s', async (_, value, code) => {
    await handlerOn(database.pool)(recordOf(value));
    expect(published).toMatchObject([{ topic: 'DeadLetterQueue' }]);
    expect(published[0]?.headers).toMatchObject({
      'kafka_dlt-exception-fqcn': code,
      'kafka_dlt-original-consumer-group': 'partners',
    });
    expect(await onHand()).toMatchObject({ onHand: 1 });
    expect(replenished).toBe(0);
  });

  it('becomes a dead letter where the product can not hold that much', async () => {
    await addStock(database.pool, 'A', Number.MAX_SAFE_INTEGER - 1);
    await handlerOn(database.pool)(recordOf(message()));
    expect(String(published[0]?.headers?.['kafka_dlt-exception-fqcn'])).toBe('StockTooLarge');
  });

  it('is left for later while Postgres is away, and is no dead letter', async () => {
    const away = database.openPool({ connectionString: 'postgres://127.0.0.1:1/none' });
    await expect(handlerOn(away)(recordOf(message()))).rejects.toMatchObject({ transient: true });
    expect(published).toEqual([]);
  });
});
