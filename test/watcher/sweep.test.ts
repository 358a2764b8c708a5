/** The sweep with the real Temporal and the real Postgres; `sweepMoney.test.ts` has the payment providers. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createInventoryActivities } from '../../src/activities/inventory';
import { orderWorkflowId, shipmentWorkflowId } from '../../src/domain/ids';
import { type OperatorNotice, operatorNotice } from '../../src/messages/operatorNotice';
import { readParcels } from '../../src/postgres/parcels';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { seedStock } from '../../src/postgres/stock';
import type { HeldAuthorization } from '../../src/providers/paymentProvider';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { createOrderFates } from '../../src/watcher/orderFate';
import { type SweepReport, sweep } from '../../src/watcher/sweep';
import { createDatabase, type TestDatabase } from '../support/database';
import { orderInput } from '../support/orders';
import { resetToBeginning } from '../support/reset';
import { testServers } from '../support/servers';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';

quietRuntime();

let connection: Connection;
let client: Client;
let database: TestDatabase;
let reservations: Reservations;
const taskQueue = `swept-${randomUUID()}`;
const started: WorkflowHandle[] = [];

beforeAll(async () => {
  connection = await Connection.connect({ address: testServers().temporalAddress });
  client = new Client({ connection });
  database = await createDatabase();
  await seedStock(database.pool, [
    { productCode: 'TEA', price: 500, currency: 'EUR', onHand: 1_000 },
  ]);
  reservations = createReservations(database.pool, { ttlHours: 1 });
});
afterAll(async () => {
  await Promise.all(started.map(handle => handle.terminate().catch(() => undefined)));
  await connection?.close();
  await database?.drop();
});

/** A workflow that nobody works on: it runs until somebody ends it. */
async function begin(workflowType: string, workflowId: string): Promise<WorkflowHandle> {
  const handle = await client.workflow.start(workflowType, { taskQueue, workflowId });
  started.push(handle);
  return handle;
}

/** An order that holds a piece; `expired` where its term is over. */
async function orderWithStock({ expired = false } = {}): Promise<string> {
  const orderId = randomUUID();
  const lines = [{ productCode: 'TEA', quantity: 1 }];
  await reservations.reserve({ orderId, currency: 'EUR', lines });
  if (expired) await expire(orderId);
  return orderId;
}

const endIn = (orderId: string, minutes: number) =>
  database.pool.query(
    'UPDATE reservations SET expires_at = now() + make_interval(mins => $2) WHERE order_id = $1',
    [orderId, minutes],
  );
const expire = (orderId: string) => endIn(orderId, -1);

/** An order without a plan, run to its end by a worker. */
async function confirmedOrder(): Promise<string> {
  const orderId = randomUUID();
  const queue = `confirmed-${orderId}`;
  const native = await NativeConnection.connect({ address: testServers().temporalAddress });
  try {
    await ensureSearchAttributes(native, 'default');
    const worker = await Worker.create({
      connection: native,
      taskQueue: queue,
      workflowBundle: await bundleQuietly(require.resolve('../../src/workflows')),
      activities: {
        ...createInventoryActivities({ reservations }),
        announce: async () => new Date().toISOString(),
      },
      sinks: { kpi: { occurred: { fn: () => undefined } } },
    });
    const products = [{ productCode: 'TEA', quantity: 1 }];
    const execution = { taskQueue: queue, workflowId: orderWorkflowId(orderId) };
    const result = await worker.runUntil(() =>
      client.workflow.execute('order', { ...execution, args: [orderInput(orderId, { products })] }),
    );
    expect(result).toMatchObject({ outcome: 'confirmed' });
    return orderId;
  } finally {
    await native.close();
  }
}

const notices: OperatorNotice[] = [];
const dayMs = 24 * 3_600_000;
let retentionMs = dayMs;
let onProgress: () => void = () => undefined;
afterEach(() => {
  retentionMs = dayMs;
  onProgress = () => undefined;
});

function pass(...holds: readonly HeldAuthorization[]): Promise<SweepReport> {
  notices.length = 0;
  return sweep(
    {
      pool: database.pool,
      fates: createOrderFates({
        client,
        taskQueue,
        pace: async () => undefined,
        parcelsOf: orderId => readParcels(database.pool, orderId),
      }),
      release: reservations.release,
      held: async function* () {
        yield* holds;
      },
      tell: async notice => notices.push(notice),
      ttlHours: 1,
      retentionMs: async () => retentionMs,
    },
    () => onProgress(),
  );
}

const headerOf = async (orderId: string) => {
  const { rows } = await database.pool.query<{ status: string; hasTerm: boolean }>(
    `SELECT status, expires_at > now() AS "hasTerm" FROM reservations WHERE order_id = $1`,
    [orderId],
  );
  return rows[0];
};

const listed = (orderId: string) =>
  waitFor(async () => {
    const query = `WorkflowId = '${orderWorkflowId(orderId)}' AND ExecutionStatus != 'Running'`;
    return (await client.workflow.count(query)).count > 0;
  }, 'visibility to list the closed workflow');

const hold = (orderId: string, minutes: number): HeldAuthorization => ({
  provider: 'a',
  authorizationId: `auth-${orderId}`,
  orderId,
  amount: 500,
  currency: 'EUR',
  at: new Date(Date.now() - minutes * 60_000).toISOString(),
});

describe('the sweep', () => {
  it('gives back the stock of an order that somebody terminated, at once and only once', async () => {
    const orderId = await orderWithStock();
    const handle = await begin('order', orderWorkflowId(orderId));
    await handle.terminate();
    await listed(orderId);
    expect((await pass()).released).toEqual([orderId]);
    expect(await headerOf(orderId)).toMatchObject({ status: 'released' });
    expect((await pass()).released).toEqual([]);
  });

  it('takes nothing from an order that goes on, whatever its term, and gives it another', async () => {
    const orderId = await orderWithStock({ expired: true });
    await begin('order', orderWorkflowId(orderId));
    expect(await pass()).toMatchObject({ released: [], extended: 1 });
    expect(await headerOf(orderId)).toEqual({ status: 'reserved', hasTerm: true });
  });

  it('leaves an order that ended confirmed what it reserved, for good', async () => {
    const orderId = await confirmedOrder();
    await expire(orderId);
    expect(await pass()).toMatchObject({ released: [], extended: 0, forgotten: [] });
    expect(await headerOf(orderId)).toEqual({ status: 'reserved', hasTerm: null });
  });

  it('takes nothing from an order whose run was terminated by a reset, until the new run is gone as well', async () => {
    const orderId = await orderWithStock();
    const { workflowId } = await begin('order', orderWorkflowId(orderId));
    await resetToBeginning(client, workflowId);
    await listed(orderId);
    expect((await pass()).released).toEqual([]);
    await client.workflow.getHandle(workflowId).terminate();
    expect((await pass()).released).toEqual([orderId]);
  });

  it('takes nothing from a terminated order of which a parcel is under way', async () => {
    const orderId = await orderWithStock();
    const parcel = await begin('shipment', shipmentWorkflowId(orderId, '1'));
    const order = await begin('order', orderWorkflowId(orderId));
    await order.terminate();
    await listed(orderId);
    expect((await pass()).released).toEqual([]);
    await parcel.terminate();
    expect((await pass()).released).toEqual([orderId]);
  });

  it('leaves stock of an order that Temporal has forgotten, tells operators, and looks again later', async () => {
    const orderId = await orderWithStock({ expired: true });
    expect(await pass()).toMatchObject({ released: [], forgotten: [orderId] });
    expect(notices).toMatchObject([{ orderId, reason: 'stock-held' }]);
    expect(operatorNotice.schema.parse(notices[0])).toEqual(notices[0]);
    expect(await headerOf(orderId)).toEqual({ status: 'reserved', hasTerm: true });
    expect(await pass()).toMatchObject({ forgotten: [] });
    expect(notices).toEqual([]);
  });

  it('looks at an order while Temporal still remembers it, however long its term is', async () => {
    const orderId = await confirmedOrder();
    retentionMs = 1.5 * 3_600_000;
    await endIn(orderId, 16);
    await pass();
    expect(await headerOf(orderId)).toMatchObject({ hasTerm: true });
    await endIn(orderId, 14);
    await pass();
    expect(await headerOf(orderId)).toMatchObject({ hasTerm: null });
  });

  it('goes on where a pass was cut short', async () => {
    const orderIds = await Promise.all(
      Array.from({ length: 60 }, () => orderWithStock({ expired: true })),
    );
    let asked = 0;
    onProgress = () => {
      if (++asked > 55) throw new Error('its time is over');
    };
    await expect(pass()).rejects.toThrow('its time is over');
    const told = notices.map(({ orderId }) => orderId);
    expect(told).toHaveLength(50);
    onProgress = () => undefined;
    const { forgotten } = await pass();
    expect([...told, ...forgotten].sort()).toEqual([...orderIds].sort());
  });

  it('asks one by one only for orders that are not listed as going on', async () => {
    const alive = Array.from({ length: 5 }, () => randomUUID());
    for (const orderId of alive) await begin('order', orderWorkflowId(orderId));
    const names = alive.map(orderId => `'${orderWorkflowId(orderId)}'`);
    const query = `WorkflowId IN (${names.join(', ')})`;
    await waitFor(async () => (await client.workflow.count(query)).count === alive.length);
    const describe = jest.spyOn(client.workflowService, 'describeWorkflowExecution');
    expect((await pass(...alive.map(orderId => hold(orderId, 60)))).moneyHeld).toEqual([]);
    expect(describe).not.toHaveBeenCalled();
    describe.mockRestore();
  });
});
