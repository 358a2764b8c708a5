import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { orderWorkflowId } from '../../src/domain/ids';
import { startWaker, type Waker, type WakerOptions } from '../../src/intake/waker';
import { createWorkflows } from '../../src/intake/workflows';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { addStock, seedStock } from '../../src/postgres/stock';
import type { Logger } from '../../src/telemetry';
import { createDatabase, type TestDatabase } from '../support/database';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';

let database: TestDatabase;
let reservations: Reservations;
let running: Waker[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query(
    `TRUNCATE products, stock, stock_movements, reservations, reservation_lines, back_orders, wake_ups`,
  );
  await seedStock(database.pool, [{ productCode: 'A', price: 1, currency: 'EUR', onHand: 0 }]);
  reservations = createReservations(database.pool, { ttlHours: 1 });
});
afterEach(async () => {
  await Promise.all(running.map(waker => waker.stop()));
  running = [];
});

let warnings: string[];
const logger = {
  debug: () => {},
  warn: (_: unknown, text: string) => void warnings.push(text),
} as unknown as Logger;

function start(wake: WakerOptions['wake']): Waker {
  warnings = [];
  const waker = startWaker({ pool: database.openPool(), wake, logger });
  running.push(waker);
  return waker;
}

const wait = (orderId: string) =>
  reservations.reserve({
    orderId,
    currency: 'EUR',
    lines: [{ productCode: 'A', quantity: 1 }],
    mayWait: true,
  });
const left = async () => (await database.pool.query('SELECT FROM wake_ups')).rowCount;
const nobodyLeft = () => waitFor(async () => (await left()) === 0, 'every wake-up to be settled');

describe('the waker', () => {
  it('tells the orders whose stock has come, and nobody else', async () => {
    for (const id of ['1', '2', '3']) await wait(id);
    const told: string[] = [];
    start(async orderId => void told.push(orderId));
    await addStock(database.pool, 'A', 2);
    await nobodyLeft();
    expect(told.sort()).toEqual(['1', '2']);
    await addStock(database.pool, 'A', 1);
    await nobodyLeft();
    expect(told).toEqual(['1', '2', '3']);
  });

  it('tells each of many orders once, where several processes share the work', async () => {
    const ids = Array.from({ length: 450 }, (_, i) => `order-${i}`);
    await Promise.all(ids.map(wait));
    await addStock(database.pool, 'A', ids.length);
    const told: string[] = [];
    for (let i = 0; i < 3; i++) start(async orderId => void told.push(orderId)).look();
    await nobodyLeft();
    expect(told.sort()).toEqual(ids.sort());
  });

  it('tells an order again that could not be told, and holds up no other for it', async () => {
    await wait('stuck');
    await wait('free');
    await addStock(database.pool, 'A', 2);
    const told: string[] = [];
    let away = true;
    start(async orderId => {
      if (orderId === 'stuck' && away) throw new Error('Temporal is away');
      told.push(orderId);
    });
    await waitFor(async () => (await left()) === 1);
    expect(told).toEqual(['free']);
    away = false;
    await database.pool.query('UPDATE wake_ups SET due_at = now()');
    await nobodyLeft();
    expect(told).toEqual(['free', 'stuck']);
  });

  it('goes on when Postgres comes back', async () => {
    const told: string[] = [];
    await database.pool.query('ALTER TABLE wake_ups RENAME TO gone');
    const waker = start(async orderId => void told.push(orderId));
    waker.look();
    await waitFor(() => warnings.length > 0, 'a turn to fail');
    await database.pool.query('ALTER TABLE gone RENAME TO wake_ups');
    await wait('1');
    await addStock(database.pool, 'A', 1);
    await nobodyLeft();
    expect(told).toEqual(['1']);
  });
});

describe('telling an order that its stock has come', () => {
  const address = testServers().temporalAddress;
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.connect({ address });
  });
  afterAll(() => connection.close());

  it('signals its workflow, and says where there is none that runs', async () => {
    const client = new Client({ connection });
    const orderId = randomUUID();
    const workflowId = orderWorkflowId(orderId);
    const handle = await client.workflow.start('order', { workflowId, taskQueue: randomUUID() });
    const workflows = createWorkflows({ client, address });
    expect(await workflows.signal(workflowId, 'stockReserved')).toBe(true);
    const { events } = await handle.fetchHistory();
    const names = events?.map(event => event.workflowExecutionSignaledEventAttributes?.signalName);
    expect(names).toContain('stockReserved');
    await handle.terminate();
    expect(await workflows.signal(workflowId, 'stockReserved')).toBe(false);
    expect(await workflows.signal(orderWorkflowId(randomUUID()), 'stockReserved')).toBe(false);
  });

  it('fails for any other reason, so that it is tried again', async () => {
    const client = new Client({ connection, namespace: `none-${randomUUID()}` });
    const workflows = createWorkflows({ client, address });
    await expect(workflows.signal('order-1', 'stockReserved')).rejects.toMatchObject({
      code: 'TemporalUnavailable',
    });
  });
});
