/** Driving one order through its life: the server, what its partners say, and what a test waits for. */
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { order } from '../../src/workflows/order';
import { packedSignal, statusQuery } from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { bundleQuietly } from '../support/temporalSdk';
import { startTimeSkipping } from '../support/timeSkipping';
import { waitFor } from '../support/waitFor';
import { type OrderHandle, type OrderOptions, type Shop, withOrder } from './shop';

/** A server whose time skips, for the tests of one file: lives of single orders, and its clock. */
export function onSkippingTime() {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    env = await startTimeSkipping();
    bundle = await bundleQuietly(require.resolve('../../src/workflows'));
  });
  afterAll(() => env?.teardown());

  return {
    live: <T>(shop: Shop, options: OrderOptions, use: (handle: OrderHandle) => Promise<T>) =>
      withOrder(env, bundle, shop, options, use),
    sleep: (duration: Parameters<TestWorkflowEnvironment['sleep']>[0]) => env.sleep(duration),
  };
}

const at = '2026-01-31T12:00:00.000Z';
export const packing = (shipment: string) => ({ shipment, packedAt: at });
export const dispatch = (shipment: string) => ({
  shipment,
  carrier: 'swift',
  trackingNumber: `T-${shipment}`,
  dispatchedAt: at,
});

export const untilStatus = (handle: OrderHandle, status: string) =>
  waitFor(async () => (await handle.query(statusQuery)).status === status, `the order ${status}`);

/** An activity that is called off while it runs keeps the server's time from skipping ever after. */
export const untilAtRest = (handle: OrderHandle) =>
  waitFor(async () => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities ?? []).length === 0;
  }, 'no activity to be under way');

export async function untilAwaited(handle: OrderHandle): Promise<void> {
  await untilStatus(handle, 'awaiting-approval');
  await untilAtRest(handle);
}

export const statusesOf = async (handle: OrderHandle) =>
  (await handle.query(statusQuery)).history.map(({ status }) => status);

/** The warehouse and the carrier do their part, parcel by parcel. */
export async function send(handle: OrderHandle, shop: Shop, ...shipments: string[]) {
  for (const shipment of shipments) {
    await untilConfirmed(handle);
    await handle.signal(packedSignal, packing(shipment));
    await waitFor(() => shop.books.booked.has(shipment), 'the carrier to be booked');
    await handle.shipment(shipment).signal(dispatchedSignal, dispatch(shipment));
  }
}

export const untilConfirmed = (handle: OrderHandle) =>
  waitFor(async () => ['confirmed', 'shipping'].includes((await handle.query(statusQuery)).status));

type Events = Awaited<ReturnType<OrderHandle['fetchHistory']>>['events'];

/** The ends of workflow tasks, to each of which a run can be reset. */
export const finishes = (events: Events) =>
  (events ?? []).filter(event => event.workflowTaskCompletedEventAttributes);

/** What a reset leaves out of what came after its point, signals and updates: RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL and _UPDATE. */
export const withoutNews = [1, 2] as const;

/** Resets an order on a real server; answers with the run that goes on from there. */
export async function resetTo(
  { client, workflowId, firstExecutionRunId: runId }: OrderHandle,
  finish: ReturnType<typeof finishes>[number] | undefined,
  exclude: readonly (1 | 2)[] = [],
) {
  const { runId: next } = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: finish?.eventId,
    resetReapplyExcludeTypes: [...exclude],
    requestId: randomUUID(),
    reason: 'a test',
  });
  return client.getHandle<typeof order>(workflowId, next);
}
