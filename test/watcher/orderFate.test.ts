/** The fate of orders as the real Temporal has it. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import { Client, Connection } from '@temporalio/client';
import { orderWorkflowId, shipmentWorkflowId } from '../../src/domain/ids';
import { createOrderFates } from '../../src/watcher/orderFate';
import { resetToBeginning } from '../support/reset';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';

let connection: Connection;
let client: Client;
const taskQueue = `fates-${randomUUID()}`;
const started: WorkflowHandle[] = [];

beforeAll(async () => {
  connection = await Connection.connect({ address: testServers().temporalAddress });
  client = new Client({ connection });
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await Promise.all(started.map(handle => handle.terminate().catch(() => undefined)));
  await connection?.close();
});

/** A workflow that nobody works on: it runs until something ends it. */
async function begin(
  workflowType: 'order' | 'shipment',
  workflowId: string,
  options: Partial<WorkflowStartOptions> = {},
): Promise<WorkflowHandle> {
  const handle = await client.workflow.start(workflowType, { ...options, taskQueue, workflowId });
  started.push(handle);
  return handle;
}

const beginOrder = (orderId: string, options?: Partial<WorkflowStartOptions>) =>
  begin('order', orderWorkflowId(orderId), options);

const fates = () =>
  createOrderFates({
    client,
    taskQueue,
    pace: async () => undefined,
    parcelsOf: async () => ['1', '2'],
  });
const fateOf = (orderId: string) => fates().of(orderId);

const status = async (handle: WorkflowHandle) => (await handle.describe()).status.name;

async function endedSince(since: number): Promise<string[]> {
  const found: string[] = [];
  for await (const orderId of fates().endedSince(since)) found.push(orderId);
  return found;
}

describe('an order', () => {
  it('is alive after a reset, though the run before it was terminated by that, and over once that has ended', async () => {
    const [orderId, since] = [randomUUID(), Date.now() - 60_000];
    const handle = await beginOrder(orderId);
    const { runId } = await handle.describe();
    await resetToBeginning(client, handle.workflowId);
    expect(await status(client.workflow.getHandle(handle.workflowId, runId))).toBe('TERMINATED');
    await waitFor(async () => (await endedSince(since)).includes(orderId), 'the first run');
    expect(await fateOf(orderId)).toBe('alive');
    await client.workflow.getHandle(handle.workflowId).terminate();
    expect(await fateOf(orderId)).toBe('over');
  });

  it('is over when its time is over', async () => {
    const [orderId, since] = [randomUUID(), Date.now() - 60_000];
    const handle = await beginOrder(orderId, { workflowExecutionTimeout: '5 seconds' });
    expect(await fateOf(orderId)).toBe('alive');
    await waitFor(async () => (await status(handle)) === 'TIMED_OUT');
    expect(await fateOf(orderId)).toBe('over');
    await waitFor(async () => (await endedSince(since)).includes(orderId), 'the order');
  });

  it('is over as soon as somebody terminated it', async () => {
    const orderId = randomUUID();
    const handle = await beginOrder(orderId);
    await handle.terminate();
    expect(await fateOf(orderId)).toBe('over');
  });

  it('is forgotten where Temporal knows neither it nor a parcel of it', async () => {
    const orderId = randomUUID();
    expect(await fateOf(orderId)).toBe('forgotten');
    const parcel = await begin('shipment', shipmentWorkflowId(orderId, '2'));
    expect(await fateOf(orderId)).toBe('alive');
    await parcel.terminate();
    expect(await fateOf(orderId)).toBe('forgotten');
  });
});

it('orders that go on are told from others with one request for fifty of them', async () => {
  const orderIds = Array.from({ length: 60 }, () => randomUUID());
  const [ended, ...alive] = orderIds;
  const handles = await Promise.all(orderIds.map(orderId => beginOrder(orderId)));
  await handles[0]!.terminate();
  const list = jest.spyOn(client.workflow, 'list');
  await waitFor(async () => {
    list.mockClear();
    const found = await fates().listedAlive([...orderIds, randomUUID(), "it's none"]);
    return found.size === alive.length && !found.has(ended!) ? found : undefined;
  });
  expect(list).toHaveBeenCalledTimes(2);
});

describe('an order that somebody terminated', () => {
  it('is alive as long as a parcel of it is under way, though visibility does not tell of it yet', async () => {
    jest.spyOn(client.workflow, 'count').mockResolvedValue({ count: 0, groups: [] });
    const orderId = randomUUID();
    const order = await beginOrder(orderId);
    const parcel = await begin('shipment', shipmentWorkflowId(orderId, '2'));
    await order.terminate();
    expect(await fateOf(orderId)).toBe('alive');
    await parcel.terminate();
    expect(await fateOf(orderId)).toBe('over');
  });

  it('is over though a parcel is under way of an order whose id begins as its own', async () => {
    const orderId = randomUUID();
    const order = await beginOrder(orderId);
    await order.terminate();
    const parcel = await begin('shipment', shipmentWorkflowId(`${orderId}-7`, '1'));
    const query = `WorkflowId = '${parcel.workflowId}' AND ExecutionStatus = 'Running'`;
    await waitFor(async () => (await client.workflow.count(query)).count === 1);
    expect(await fateOf(orderId)).toBe('over');
  });
});
