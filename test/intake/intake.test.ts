import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Registry } from 'prom-client';
import { orderWorkflowId } from '../../src/domain/ids';
import type { OrderInput } from '../../src/domain/orderInput';
import { OrderlyError } from '../../src/errors';
import { createIntake } from '../../src/intake/intake';
import { createIntakeMetrics } from '../../src/intake/metrics';
import { createRefuser } from '../../src/intake/refuse';
import { createStarter, type StartOrder } from '../../src/intake/start';
import type { IncomingRecord, OutgoingRecord } from '../../src/kafka/record';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiRecords } from '../../src/kpiRecords';
import { type Order, orderReceived } from '../../src/messages/orderReceived';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { createDatabase, type TestDatabase } from '../support/database';
import { listeningLogger } from '../support/kafka';
import { eventHeaders, incomingRecord } from '../support/records';
import { testServers } from '../support/servers';

const address = () => testServers().temporalAddress;

let database: TestDatabase;
let connection: Connection;
let startOrder: StartOrder;

beforeAll(async () => {
  database = await createDatabase();
  connection = await Connection.connect({ address: address() });
  await ensureSearchAttributes(connection, 'default');
  const client = new Client({ connection });
  const taskQueue = `nobody-${randomUUID()}`;
  startOrder = createStarter({ client, address: address(), taskQueue, defaultCurrency: 'EUR' });
});
afterAll(async () => {
  await connection?.close();
  await database?.drop();
});

/** An intake on the real Postgres and Temporal; what it publishes is kept in memory. */
function intake({ start = startOrder } = {}) {
  const published: OutgoingRecord[] = [];
  const started: string[] = [];
  const { logger, lines } = listeningLogger();
  const publisher = {
    queued: 0,
    async publish(record: OutgoingRecord) {
      published.push(record);
      return { partition: 0, offset: '0' };
    },
    async stop() {},
  };
  const handle = createIntake({
    pool: database.pool,
    gate: (_, start) => start(),
    startOrder: async taken => {
      await start(taken);
      started.push(taken.order.orderId);
    },
    startsInFlight: 50,
    refuse: createRefuser({
      pool: database.pool,
      publisher,
      group: 'intake',
      kpiRecords: occurrence => kpiRecords(readKpiCatalogue(), occurrence, 'test'),
    }),
    maxBytes: 262_144,
    metrics: createIntakeMetrics(new Registry()),
    logger,
  });
  const said = () => lines.map(line => JSON.parse(line) as unknown);
  return { handle, published, started, said };
}

const orderNamed = (orderId: string, change: Partial<Order> = {}): Order => ({
  ...orderReceived.example,
  ...change,
  orderId,
});
const submitted = (order: Order, submission: string): IncomingRecord =>
  incomingRecord(order, { headers: eventHeaders(`${order.orderId}/${submission}`) });

const topicsOf = (records: readonly OutgoingRecord[]) => records.map(r => r.topic).sort();

async function refusals(orderId: string) {
  const sql = 'SELECT kind FROM refusals WHERE order_id = $1 ORDER BY kind';
  const { rows } = await database.pool.query<{ kind: string }>(sql, [orderId]);
  return rows.map(row => row.kind);
}

describe('Intake', () => {
  it('starts one workflow for a new order, and notes that it did', async () => {
    const { handle, published } = intake();
    const orderId = randomUUID();
    await handle(submitted(orderNamed(orderId), 'a'));
    const workflow = new Client({ connection }).workflow.getHandle(orderWorkflowId(orderId));
    const description = await workflow.describe();
    expect(description).toMatchObject({ type: 'order', status: { name: 'RUNNING' } });
    expect(description.memo).toMatchObject({ traceparent: expect.stringMatching(/^00-/) });
    await expect(description.staticSummary()).resolves.toBe('2 lines for US-CA, in EUR');
    const { rows } = await database.pool.query(
      'SELECT started_at IS NOT NULL AS started FROM orders WHERE order_id = $1',
      [orderId],
    );
    expect(rows).toEqual([{ started: true }]);
    expect(published).toEqual([]);
  });

  it('starts an order with the plan that is configured, and with none where there is none', async () => {
    const client = new Client({ connection });
    const plan = { backOrder: { deadlineSeconds: 60 } };
    const options = { client, address: address(), taskQueue: 'nobody', defaultCurrency: 'EUR' };
    const inputOf = async (start: StartOrder) => {
      const orderId = randomUUID();
      await intake({ start }).handle(submitted(orderNamed(orderId), 'a'));
      const { events } = await client.workflow.getHandle(orderWorkflowId(orderId)).fetchHistory();
      const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
      return defaultPayloadConverter.fromPayload<OrderInput>(input!.payloads![0]!);
    };
    expect((await inputOf(createStarter({ ...options, plan }))).plan).toEqual(plan);
    expect(await inputOf(startOrder)).not.toHaveProperty('plan');
  });

  it('starts nothing again and counts nothing when Kafka or a producer redelivers', async () => {
    const { handle, published, started } = intake();
    const order = orderNamed(randomUUID());
    const record = incomingRecord(order);
    await handle(record);
    await handle(record);
    const event = orderNamed(randomUUID());
    await handle(submitted(event, 'again'));
    await handle(submitted(event, 'again'));
    expect(started).toEqual([order.orderId, event.orderId]);
    expect(published).toEqual([]);
    expect(await refusals(order.orderId)).toEqual([]);
  });

  it('starts an order that was registered by an intake that died before it could', async () => {
    const order = orderNamed(randomUUID());
    const died = intake({
      start: async () => {
        throw new OrderlyError('TemporalUnavailable', { address: 'nowhere', detail: 'away' });
      },
    });
    await expect(died.handle(submitted(order, 'a'))).rejects.toMatchObject({ transient: true });
    const { handle, started } = intake();
    await handle(submitted(order, 'a'));
    expect(started).toEqual([order.orderId]);
  });

  it('takes an order that Temporal knows already for started', async () => {
    const order = orderNamed(randomUUID());
    await intake().handle(submitted(order, 'a'));
    await database.pool.query('UPDATE orders SET started_at = NULL WHERE order_id = $1', [
      order.orderId,
    ]);
    const { handle, started } = intake();
    await handle(submitted(order, 'a'));
    expect(started).toEqual([order.orderId]);
  });

  it('refuses a duplicate with one event on InventoryErrors, and no dead letter', async () => {
    const { handle, published, started } = intake();
    const order = orderNamed(randomUUID());
    await handle(submitted(order, 'a'));
    await handle(submitted(order, 'b'));
    expect(started).toEqual([order.orderId]);
    expect(topicsOf(published)).toEqual(['InventoryErrors']);
    expect(JSON.parse(String(published[0]!.value))).toMatchObject({
      kpi: 'inventory-errors',
      value: 1,
      metadata: expect.arrayContaining([{ name: 'synthetic', value: false }]),
    });
    expect(await refusals(order.orderId)).toEqual(['DuplicateOrder']);
  });

  it('refuses a conflict with an event on InventoryErrors and a dead letter', async () => {
    const { handle, published, started } = intake();
    const order = orderNamed(randomUUID());
    await handle(submitted(order, 'a'));
    await handle(submitted({ ...order, channel: 'shop' }, 'b'));
    expect(started).toEqual([order.orderId]);
    expect(topicsOf(published)).toEqual(['DeadLetterQueue', 'InventoryErrors']);
    expect(await refusals(order.orderId)).toEqual(['ConflictingOrder']);
  });

  it('writes the same event again when a refused submission comes in another record', async () => {
    const { handle, published } = intake();
    const order = orderNamed(randomUUID());
    await handle(submitted(order, 'a'));
    const duplicate = submitted(order, 'b');
    await handle(duplicate);
    await handle({ ...duplicate, offset: '9999', timestamp: duplicate.timestamp + 1_000 });
    const [first, second] = published;
    expect(second).toEqual(first);
    expect(await refusals(order.orderId)).toEqual(['DuplicateOrder']);
  });

  it('dead-letters what it can not read with the reason, and takes the good order behind it', async () => {
    const { handle, published, started } = intake();
    const bad = incomingRecord(Buffer.from('not json'), { key: Buffer.from('k') });
    const good = orderNamed(randomUUID());
    await handle(bad);
    await handle(incomingRecord(good));
    expect(started).toEqual([good.orderId]);
    expect(topicsOf(published)).toEqual(['DeadLetterQueue']);
    expect(published[0]).toMatchObject({ key: bad.key, value: bad.value });
    expect(String(published[0]!.headers!['kafka_dlt-exception-fqcn'])).toContain('NotJson');
  });

  it('takes orders whatever time their records bear, and those beside them', async () => {
    const times = [9.2e18, -9.2e18, 8.64e15, Date.UTC(10_000, 0), -1e14, -1, 0, Number.NaN];
    const { handle, started } = intake();
    const orders = times.map(timestamp => ({ order: orderNamed(randomUUID()), timestamp }));
    const good = orderNamed(randomUUID());
    const before = Date.now();
    await Promise.all([
      ...orders.map(({ order, timestamp }) => handle(incomingRecord(order, { timestamp }))),
      handle(incomingRecord(good)),
    ]);
    const orderIds = orders.map(({ order }) => order.orderId);
    expect(new Set(started)).toEqual(new Set([...orderIds, good.orderId]));
    const { rows } = await database.pool.query<{ received_at: Date }>(
      'SELECT received_at FROM orders WHERE order_id = ANY($1)',
      [orderIds],
    );
    expect(rows).toHaveLength(times.length);
    for (const { received_at: at } of rows) expect(at.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('knows an order again whose record bears an impossible time', async () => {
    const { handle, published, started } = intake();
    const record = incomingRecord(orderNamed(randomUUID()), { timestamp: 9.2e18 });
    await handle(record);
    await handle(record);
    expect(started).toHaveLength(1);
    expect(published).toEqual([]);
  });

  it('dead-letters what it can not read whatever time its record bears, and says that time', async () => {
    const { handle, published } = intake();
    await handle(incomingRecord(Buffer.from('not json'), { timestamp: -1e17 }));
    expect(topicsOf(published)).toEqual(['DeadLetterQueue']);
    expect(published[0]!.headers!['kafka_dlt-original-timestamp']).toBe('-100000000000000000');
  });

  it('takes the others where one order can not be judged now', async () => {
    const { handle, started } = intake();
    const judgedByNewer = orderNamed(randomUUID());
    await handle(submitted(judgedByNewer, 'a'));
    await database.pool.query('UPDATE orders SET digest_version = 99 WHERE order_id = $1', [
      judgedByNewer.orderId,
    ]);
    const others = Array.from({ length: 5 }, () => orderNamed(randomUUID()));
    const [again, ...rest] = await Promise.allSettled([
      handle(submitted(judgedByNewer, 'b')),
      ...others.map(order => handle(submitted(order, 'a'))),
    ]);
    expect(again).toMatchObject({ status: 'rejected', reason: expect.any(RangeError) });
    expect(rest.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(started).toEqual(expect.arrayContaining(others.map(({ orderId }) => orderId)));
  });

  it('logs what it refuses by order, workflow and trace, as far as they are known', async () => {
    const { handle, said } = intake();
    const order = orderNamed(randomUUID());
    const { orderId } = order;
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const sent = (value: unknown, id: string) =>
      incomingRecord(value, { headers: { ...eventHeaders(`${orderId}/${id}`), traceparent } });
    await handle(sent(order, 'a'));
    await handle(sent(order, 'b'));
    await handle(sent({ ...order, channel: 'shop' }, 'c'));
    await handle(sent({ ...order, products: [] }, 'd'));
    const known = { orderId, workflowId: orderWorkflowId(orderId), traceId };
    const place = { topic: 'OrderReceived', partition: 0, offset: expect.any(String) };
    expect(said()).toMatchObject([
      { level: 20, ...known },
      { level: 30, code: 'DuplicateOrder', ...place, ...known },
      { level: 40, code: 'ConflictingOrder', ...place, ...known },
      { level: 40, code: 'MessageInvalid', ...place, traceId },
    ]);
  });

  it('settles orders repeated within one batch: one starts, the others are judged against it', async () => {
    const { handle, published, started } = intake();
    const order = orderNamed(randomUUID());
    await Promise.all([
      handle(submitted(order, 'a')),
      handle(submitted(order, 'b')),
      handle(submitted({ ...order, channel: 'shop' }, 'c')),
    ]);
    expect(new Set(started)).toEqual(new Set([order.orderId]));
    expect(topicsOf(published)).toEqual(['DeadLetterQueue', 'InventoryErrors', 'InventoryErrors']);
    expect(await refusals(order.orderId)).toEqual(['ConflictingOrder', 'DuplicateOrder']);
  });

  it('gives one of many concurrent submissions the order, whichever process takes it', async () => {
    const order = orderNamed(randomUUID());
    const intakes = [intake(), intake(), intake()];
    await Promise.all(
      intakes.flatMap(({ handle }, process) =>
        Array.from({ length: 5 }, (_, i) => handle(submitted(order, `${process}-${i}`))),
      ),
    );
    expect(intakes.flatMap(({ started }) => started)).toEqual([order.orderId]);
    expect((await refusals(order.orderId)).length).toBe(14);
  });
});
