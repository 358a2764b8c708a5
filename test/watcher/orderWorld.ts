/**
 * Orders on the real Temporal with a real inventory, their KPI events caught on the way, and a ledger that
 * gets those which a test lets through.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createInventoryActivities } from '../../src/activities/inventory';
import type { Announcement } from '../../src/domain/announcement';
import { orderWorkflowId } from '../../src/domain/ids';
import type { OrderPlan } from '../../src/domain/plan';
import type { ReservationRequest } from '../../src/domain/reservation';
import { createStarter } from '../../src/intake/start';
import { createKpiCapture } from '../../src/interceptors/worker/kpiCapture';
import type { OutgoingRecord } from '../../src/kafka/record';
import type { Catalogue } from '../../src/kpi/catalogue';
import { createLedger } from '../../src/ledger/ledger';
import { createLedgerMetrics } from '../../src/ledger/metrics';
import { type Order, orderReceived } from '../../src/messages/orderReceived';
import { LedgerLookup } from '../../src/postgres/ledgerLookup';
import type { Depth } from '../../src/postgres/parity';
import { createReservations } from '../../src/postgres/reservations';
import { seedStock } from '../../src/postgres/stock';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { Accounts } from '../../src/watcher/accounts';
import { logOutOfTurn } from '../../src/watcher/passLog';
import type { ReconcilerOptions, SpanOptions } from '../../src/watcher/reconciler';
import { asIncoming } from '../ledger/events';
import { createDatabase, type TestDatabase } from '../support/database';
import { quiet } from '../support/kafka';
import { MemoryPublisher } from '../support/memoryPublisher';
import { releasedKpis } from '../support/releasedKpis';
import { testServers } from '../support/servers';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';

quietRuntime();

export const catalogue = releasedKpis(
  ...['failed-attempts@1', 'inventory-errors@1', 'kpi-parity@1', 'order-duration@1'],
  ...['order-latency@1', 'order-success@1', 'order-success@2', 'revenue@1', 'step-performance@1'],
);

export const idOf = ({ headers }: OutgoingRecord): string => String(headers?.ce_id);

export interface OrderWorld {
  readonly client: Client;
  readonly database: TestDatabase;
  readonly taskQueue: string;
  /** Where the reconciler publishes to. */
  readonly repaired: OutgoingRecord[];
  readonly reconciler: ReconcilerOptions;
  /** Orders for which `reserveStock` throws as often, by their id. */
  readonly failures: Map<string, number>;
  /** Orders whose announcements wait for this, by their id. */
  readonly announcing: Map<string, Promise<void>>;
  /** What the interceptors published of these workflows. */
  captured(workflowIds: readonly string[]): OutgoingRecord[];
  /** Starts orders; answers with their workflow ids. Without a plan they end with their decision. */
  start(orders: readonly Partial<Order>[], plan?: OrderPlan): Promise<string[]>;
  /** Resolves once Temporal lists them all as closed. */
  untilClosed(workflowIds: readonly string[]): Promise<void>;
  /** Resolves once the ledger has dealt with them. */
  count(records: readonly OutgoingRecord[]): Promise<void>;
  /** As if the ledger had never had the event. */
  forget(eventId: string): Promise<void>;
  close(): Promise<void>;
}

/** @param counting what the ledger and the reconciler know; the interceptors know what is released */
export async function openOrderWorld(counting: Catalogue = catalogue): Promise<OrderWorld> {
  const address = testServers().temporalAddress;
  const [database, connection, native] = await Promise.all([
    createDatabase(),
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  await ensureSearchAttributes(native, 'default');
  const product = { productCode: 'TEA', price: 500, currency: 'EUR' };
  await seedStock(database.pool, [{ ...product, onHand: 1_000_000 }]);

  const client = new Client({ connection });
  const taskQueue = `reconciled-${randomUUID()}`;
  const publisher = new MemoryPublisher();
  const capture = createKpiCapture({
    catalogue,
    publisher,
    queueLimit: 10_000,
    lingerMs: 0,
    deployment: '1.2.3',
    logger: quiet,
  });
  const failures = new Map<string, number>();
  const announcing = new Map<string, Promise<void>>();
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundleQuietly(require.resolve('../../src/workflows')),
    activities: activities(database, failures, announcing),
    sinks: capture.sinks,
    interceptors: { activity: [capture.activityInterceptors] },
  });
  const running = worker.run();
  const starter = { client, address, taskQueue, defaultCurrency: 'EUR' };

  const repaired: OutgoingRecord[] = [];
  const pace = async () => undefined;
  const { pool } = database;
  return {
    client,
    database,
    taskQueue,
    repaired,
    failures,
    announcing,
    reconciler: {
      client,
      pace,
      taskQueue,
      pool,
      catalogue: counting,
      accounts: new Accounts({ client, namespace: 'default', taskQueue, pace }),
      ledger: new LedgerLookup(pool),
      publisher: {
        async publish(record) {
          repaired.push(record);
          return { partition: 0, offset: '0' };
        },
      },
      deployment: '1.2.3',
      keepMs: 35 * 86_400_000,
      untilCounted: async () => undefined,
    },
    captured: workflowIds =>
      publisher.records.filter(record => workflowIds.some(id => idOf(record).includes(`:${id}:`))),
    start: (orders, plan) => {
      const start = createStarter({ ...starter, plan });
      return Promise.all(
        orders.map(async changes => {
          const order = { ...orderReceived.example, ...changes } as Order;
          const received = { origin: 'test', digest: 'test', traceparent: '' };
          await start({ order, receivedAt: Date.now(), ...received });
          return orderWorkflowId(order.orderId);
        }),
      );
    },
    async untilClosed(workflowIds) {
      await waitFor(async () => {
        const { count } = await client.workflow.count(
          `TaskQueue = '${taskQueue}' AND ExecutionStatus != 'Running'`,
        );
        const closed = await Promise.all(workflowIds.map(id => isClosed(client, id)));
        return closed.every(Boolean) && count >= workflowIds.length;
      }, 'the orders to be closed');
    },
    async count(records) {
      const ledger = createLedger({
        pool,
        catalogue: counting,
        publisher: { publish: () => Promise.reject(new Error('nothing is to be refused')) },
        group: 'test',
        keepDays: 35,
        graceSeconds: 30,
        metrics: createLedgerMetrics(new Registry()),
        logger: quiet,
        signal: new AbortController().signal,
      });
      await Promise.all(records.map(record => ledger(asIncoming(record))));
    },
    async forget(eventId) {
      await pool.query('DELETE FROM kpi_events WHERE event_id = $1', [eventId]);
    },
    async close() {
      worker.shutdown();
      await running;
      await Promise.all([native.close(), connection.close()]);
      await database.drop();
    },
  };
}

/** How to compare a span of a world whole, with nobody watching. */
export const quietPass = ({ database }: OrderWorld, depth: Depth): SpanOptions => ({
  depth,
  open: false,
  onProgress: () => undefined,
  log: logOutOfTurn(database.pool, depth),
});

async function isClosed(client: Client, workflowId: string): Promise<boolean> {
  const { status } = await client.workflow.getHandle(workflowId).describe();
  return status.name !== 'RUNNING';
}

function activities(
  { pool }: TestDatabase,
  failures: Map<string, number>,
  announcing: ReadonlyMap<string, Promise<void>>,
) {
  const inventory = createInventoryActivities({
    reservations: createReservations(pool, { ttlHours: 1 }),
  });
  return {
    ...inventory,
    async reserveStock(request: ReservationRequest) {
      const left = failures.get(request.orderId) ?? 0;
      failures.set(request.orderId, left - 1);
      if (left > 0) throw ApplicationFailure.retryable('not now', 'ShelfLocked');
      return inventory.reserveStock(request);
    },
    async announce({ messages }: Announcement): Promise<string> {
      await announcing.get(String(messages[0]?.key));
      return new Date().toISOString();
    },
  };
}
