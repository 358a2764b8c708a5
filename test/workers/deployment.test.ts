/** On the real server, with two versions of the order worker beside each other. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { AuthorizationAnswer } from '../../src/domain/payment';
import { deploymentOptions } from '../../src/workers/deployment';
import { packedSignal } from '../../src/workflows/orderInterface';
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import { packing, send, untilConfirmed } from '../workflows/drive';
import { type OrderHandle, type Overrides, openShop, plan, startOrder } from '../workflows/shop';

let env: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundleWithSourceMap;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  env = await connectRealTemporal();
  workflowBundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()));
});
afterAll(() => env?.teardown());

/** PINNED_OVERRIDE_BEHAVIOR_PINNED of Temporal's API. */
const pinned = 1;

/** Until it is confirmed. */
const short = { payment: plan.payment };
/** Until both its parcels are sent. */
const whole = { ...short, fulfilment: plan.fulfilment };

/** A deployment of order workers, with a task queue of its own. */
function openDeployment() {
  const deploymentName = `orders-${randomUUID()}`;
  const taskQueue = `deployed-${randomUUID()}`;
  return {
    begin: (orderId: string, orderPlan: typeof short) =>
      startOrder(env, taskQueue, orderId, { plan: orderPlan }),

    /** A worker of a version, or of none, which notes the orders whose steps it did. */
    async start(buildId: string | undefined, overrides: Overrides = {}) {
      const reserved: string[] = [];
      const told: string[] = [];
      const shop = openShop(({ activities }) => ({
        reserveStock: async request => {
          reserved.push(request.orderId);
          return activities.reserveStock(request);
        },
        announce: async announcement => {
          told.push(announcement.messages[0]!.key);
          return activities.announce(announcement);
        },
        ...overrides,
      }));
      const worker = await Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        workflowBundle,
        activities: shop.activities,
        sinks: { kpi: { occurred: { fn: () => undefined } } },
        ...deploymentOptions({
          WORKER_DEPLOYMENT: buildId && deploymentName,
          DEPLOYMENT_VERSION: buildId ?? '0',
        }),
      });
      const running = worker.run();
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
      };
      stops.push(stop);
      return { reserved, told, shop, stop };
    },

    /** The server knows of a version once its workers have asked for work. */
    makeCurrent: (buildId: string) =>
      waitFor(
        () =>
          env.client.workflowService
            .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId })
            .catch(() => undefined),
        `version ${buildId} to be the current one`,
      ),

    /** As `temporal workflow update-options` does. */
    move: ({ workflowId }: OrderHandle, buildId: string) =>
      env.client.workflowService.updateWorkflowExecutionOptions({
        namespace: 'default',
        workflowExecution: { workflowId },
        workflowExecutionOptions: {
          versioningOverride: {
            pinned: { behavior: pinned, version: { deploymentName, buildId } },
          },
        },
        updateMask: { paths: ['versioning_override'] },
      }),
  };
}

/** The version on which a workflow is, as the UI shows it. */
async function versionOf(handle: Pick<OrderHandle, 'describe'>): Promise<string | undefined> {
  const { raw } = await handle.describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

it('an order ends on the version that began it, and new ones begin on the current one', async () => {
  let answer!: (given: AuthorizationAnswer) => void;
  const answered = new Promise<AuthorizationAnswer>(resolve => {
    answer = resolve;
  });
  const { start, makeCurrent, begin } = openDeployment();
  const old = await start('1', { authorizePayment: () => answered });
  await makeCurrent('1');
  const [first, second] = [randomUUID(), randomUUID()];
  const before = await begin(first, short);
  await waitFor(() => old.reserved.includes(first));

  const next = await start('2');
  await makeCurrent('2');
  const after = await begin(second, short);
  await expect(after.result()).resolves.toMatchObject({ outcome: 'confirmed' });
  answer({ status: 'authorized', authorizationId: 'b' });
  await expect(before.result()).resolves.toMatchObject({ outcome: 'confirmed' });

  expect([old.reserved, old.told]).toEqual([[first], [first]]);
  expect([next.reserved, next.told]).toEqual([[second], [second]]);
  expect([await versionOf(before), await versionOf(after)]).toEqual(['1', '2']);
});

it('a parcel that is packed once another version is current is sent by the version that began its order', async () => {
  const { start, makeCurrent, begin } = openDeployment();
  const old = await start('1');
  await makeCurrent('1');
  const before = await begin(randomUUID(), whole);
  await untilConfirmed(before);

  const next = await start('2');
  await makeCurrent('2');
  const after = await begin(randomUUID(), whole);
  await untilConfirmed(after);
  await send(before, old.shop, '1', '2');
  await expect(before.result()).resolves.toMatchObject({ outcome: 'completed' });
  expect(next.shop.books.parcels.size).toBe(0);
  await send(after, next.shop, '1', '2');
  await expect(after.result()).resolves.toMatchObject({ outcome: 'completed' });

  for (const [order, { reserved, told, shop }, version] of [
    [before, old, '1'],
    [after, next, '2'],
  ] as const) {
    const workflows = [order, order.shipment('1'), order.shipment('2')];
    expect(await Promise.all(workflows.map(versionOf))).toEqual([version, version, version]);
    expect([...new Set([...reserved, ...told])]).toEqual([order.orderId]);
    expect([...shop.books.parcels.keys()].sort()).toEqual(['1', '2']);
  }
});

it('an order waits while its version has no worker, whatever others do, and goes on with the first that it has again', async () => {
  const { start, makeCurrent, begin } = openDeployment();
  const old = await start('1');
  await makeCurrent('1');
  const before = await begin(randomUUID(), whole);
  await untilConfirmed(before);
  await old.stop();

  await start('2');
  await makeCurrent('2');
  await before.signal(packedSignal, packing('1'));
  const after = await begin(randomUUID(), short);
  await expect(after.result()).resolves.toMatchObject({ outcome: 'confirmed' });
  await expect(before.shipment('1').describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);

  const again = await start('1');
  await send(before, again.shop, '1', '2');
  await expect(before.result()).resolves.toMatchObject({ outcome: 'completed' });
  expect(await versionOf(before)).toBe('1');
});

it('an order whose version has no worker any more can be moved to another one, and its parcels go with it', async () => {
  const { start, makeCurrent, begin, move } = openDeployment();
  const old = await start('1');
  await makeCurrent('1');
  const order = await begin(randomUUID(), whole);
  await untilConfirmed(order);
  await old.stop();

  const { shop } = await start('2');
  await makeCurrent('2');
  await move(order, '2');
  await send(order, shop, '1', '2');
  await expect(order.result()).resolves.toMatchObject({ outcome: 'completed' });
  const parcels = [order.shipment('1'), order.shipment('2')];
  expect(await Promise.all(parcels.map(versionOf))).toEqual(['2', '2']);
});

it('an order that was begun without a version goes on with the first one that becomes current', async () => {
  const { start, makeCurrent, begin } = openDeployment();
  const unversioned = await start(undefined);
  const order = await begin(randomUUID(), whole);
  await untilConfirmed(order);
  await unversioned.stop();

  const { shop } = await start('1');
  await makeCurrent('1');
  await send(order, shop, '1', '2');
  await expect(order.result()).resolves.toMatchObject({ outcome: 'completed' });
  expect(await versionOf(order)).toBe('1');
});

it('a worker without a deployment takes every order', () => {
  expect(deploymentOptions({ DEPLOYMENT_VERSION: '1' })).toEqual({});
});
