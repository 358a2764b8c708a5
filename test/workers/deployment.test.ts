/** On the real server, with two versions of the order worker beside each other. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { AuthorizationAnswer } from '../../src/domain/payment';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { deploymentOptions } from '../../src/workers/deployment';
import { order } from '../../src/workflows/order';
import { orderInput } from '../support/orders';
import { testServers } from '../support/servers';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import { openShop, plan } from '../workflows/shop';

quietRuntime();

let connection: Connection;
let native: NativeConnection;
let client: Client;
let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  const address = testServers().temporalAddress;
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection });
  await ensureSearchAttributes(native, 'default');
  workflowBundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(async () => {
  await connection?.close();
  await native?.close();
});

const deploymentName = `orders-${randomUUID()}`;
const taskQueue = `deployed-${randomUUID()}`;

/** A worker of a version, which notes the orders whose steps it did. */
async function startVersion(buildId: string, authorize: () => Promise<AuthorizationAnswer>) {
  const reserved: string[] = [];
  const told: string[] = [];
  const shop = openShop(({ activities }) => ({
    reserveStock: async request => {
      reserved.push(request.orderId);
      return activities.reserveStock(request);
    },
    authorizePayment: authorize,
    announce: async announcement => {
      told.push(announcement.messages[0]!.key);
      return activities.announce(announcement);
    },
  }));
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle,
    activities: shop.activities,
    sinks: { kpi: { occurred: { fn: () => undefined } } },
    ...deploymentOptions({ WORKER_DEPLOYMENT: deploymentName, DEPLOYMENT_VERSION: buildId }),
  });
  const running = worker.run();
  const stop = async () => {
    worker.shutdown();
    await running;
  };
  return { reserved, told, stop };
}

/** The server knows of a version once its workers have asked for work. */
const makeCurrent = (buildId: string) =>
  waitFor(
    () =>
      client.workflowService
        .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId })
        .catch(() => undefined),
    `version ${buildId} to be the current one`,
  );

const begin = (orderId: string) => {
  const { payment } = plan;
  const input = { ...orderInput(orderId), plan: { payment } };
  return client.workflow.start(order, { taskQueue, workflowId: `order-${orderId}`, args: [input] });
};

it('an order ends on the version that began it, and new ones begin on the current one', async () => {
  let answer!: (given: AuthorizationAnswer) => void;
  const answered = new Promise<AuthorizationAnswer>(resolve => {
    answer = resolve;
  });
  const old = await startVersion('1', () => answered);
  await makeCurrent('1');
  const [first, second] = [randomUUID(), randomUUID()];
  const before = await begin(first);
  await waitFor(() => old.reserved.includes(first));

  const next = await startVersion('2', async () => ({
    status: 'authorized',
    authorizationId: 'a',
  }));
  await makeCurrent('2');
  const after = await begin(second);
  await expect(after.result()).resolves.toMatchObject({ outcome: 'confirmed' });
  answer({ status: 'authorized', authorizationId: 'b' });
  await expect(before.result()).resolves.toMatchObject({ outcome: 'confirmed' });

  expect([old.reserved, old.told]).toEqual([[first], [first]]);
  expect([next.reserved, next.told]).toEqual([[second], [second]]);
  await Promise.all([old.stop(), next.stop()]);
});

it('a worker without a deployment takes every order', () => {
  expect(deploymentOptions({ DEPLOYMENT_VERSION: '1' })).toEqual({});
});
