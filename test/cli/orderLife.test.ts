/** What operators do to an order while it lives: decide, send elsewhere, call off, look at. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { readConfig } from '../../src/config';
import { orderWorkflowId, shipmentWorkflowId } from '../../src/domain/ids';
import type { AuthorizationRequest } from '../../src/domain/payment';
import type { OrderPlan } from '../../src/domain/plan';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { createClient } from '../../src/temporal';
import { packedSignal, statusQuery } from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { createDatabase, type TestDatabase } from '../support/database';
import { unique } from '../support/kafka';
import { orderInput } from '../support/orders';
import { testServers } from '../support/servers';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { openShop, plan, reserved } from '../workflows/shop';
import { jsonLines, runMain, stdoutSoFar } from './runMain';

quietRuntime();

const taskQueue = unique('orders');
let env: Record<string, string>;
let database: TestDatabase;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
const bank = { isSilent: false };

beforeAll(async () => {
  database = await createDatabase();
  env = {
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: taskQueue,
    TEMPORAL_UI_URL: 'http://ui.test',
    DATABASE_URL: database.url,
  };
  connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
  await ensureSearchAttributes(connection, 'default');
  const workflowBundle: WorkflowBundleWithSourceMap = await bundleQuietly(
    require.resolve('../../src/workflows'),
  );
  const { activities } = openShop();
  worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle,
    // One shop is of one order; here each order finds its shelves full.
    activities: {
      ...activities,
      reserveStock: async () => reserved,
      async authorizePayment(request: AuthorizationRequest) {
        await waitFor(() => !bank.isSilent);
        return activities.authorizePayment(request);
      },
    },
    sinks: { kpi: { occurred: { fn: () => undefined } } },
  });
  running = worker.run();
});

afterAll(async () => {
  worker?.shutdown();
  await running;
  await connection?.close();
  await database?.drop();
});

const orderly = (...args: string[]) => runMain(args, env);
const client = () => createClient(connection, readConfig(env));
const handleOf = (orderId: string) => client().workflow.getHandle(orderWorkflowId(orderId));

const withApproval: OrderPlan = {
  ...plan,
  approval: { limits: { EUR: 1 }, remindSeconds: 600, deadlineSeconds: 900, onExpiry: 'reject' },
};

/** Starts an order and answers once it has come that far. */
async function startOrder(status: string, orderPlan: OrderPlan = plan): Promise<string> {
  const orderId = unique('life');
  const handle = await client().workflow.start('order', {
    workflowId: orderWorkflowId(orderId),
    taskQueue,
    args: [{ ...orderInput(orderId), plan: orderPlan }],
  });
  await waitFor(async () => (await handle.query(statusQuery)).status === status, status);
  return orderId;
}

const awaiting = () => startOrder('awaiting-approval', withApproval);
const confirmed = () => startOrder('confirmed');

const pack = (orderId: string, shipment: string) =>
  handleOf(orderId).signal(packedSignal, { shipment, packedAt: '2026-01-31T12:00:00Z' });

/** The carrier takes the parcel over, as soon as its workflow runs. */
async function dispatch(orderId: string, shipment: string): Promise<void> {
  const parcel = client().workflow.getHandle(shipmentWorkflowId(orderId, shipment));
  const told = { shipment, carrier: 'swift', trackingNumber: `T-${shipment}`, dispatchedAt: '' };
  await waitFor(() =>
    parcel.signal(dispatchedSignal, told).then(
      () => true,
      () => false,
    ),
  );
}

const statusOf = async (orderId: string) => (await orderly('status', orderId)).stdout;

function file(content: string): string {
  const path = join(testFolder(), `${unique('address')}.json`);
  writeFileSync(path, content);
  return path;
}

const address = {
  line1: '1 Harbour View',
  line2: 'Apartment 4',
  city: 'Hamburg',
  state: 'HH',
  postalCode: '20095',
  country: 'DE',
};

describe('orderly approvals', () => {
  it('lists who waits for a decision, the longest waiting first, and nobody else', async () => {
    const first = await awaiting();
    const second = await awaiting();
    const other = await confirmed();
    const listed = async () => {
      const { exitCode, stdout } = await orderly('approvals', '--json');
      expect(exitCode).toBe(0);
      return stdout === '' ? [] : (jsonLines(stdout) as { orderId: string }[]);
    };
    // Visibility lags.
    await waitFor(async () => (await listed()).length === 2, 'both to be listed');
    const since = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(await listed()).toEqual([
      { orderId: first, total: 1_900, currency: 'EUR', since },
      { orderId: second, total: 1_900, currency: 'EUR', since },
    ]);
    const { stdout } = await orderly('approvals');
    expect(stdout).toMatch(/^ORDER +TOTAL {2}SINCE\n/);
    expect(stdout).toContain(`${second}  19.00 EUR  20`);

    await orderly('approve', first, '--by', 'Ada');
    // It is not listed from the moment on at which it is decided, whatever visibility says.
    expect(await listed()).toMatchObject([{ orderId: second }]);
    await orderly('reject', second, '--by', 'Ada');
    expect((await orderly('approvals')).stdout).toBe('No order waits for a decision.\n');
    await orderly('cancel', first);
    await orderly('cancel', other);
  });
});

describe('orderly approve and reject', () => {
  it('lets an order go on, and keeps who said so and why', async () => {
    const orderId = await awaiting();
    expect(await orderly('approve', orderId, '--by', 'Ada', '--reason', 'known customer')).toEqual({
      exitCode: 0,
      stdout: `${orderId} is approved by Ada\n`,
      stderr: '',
    });
    await waitFor(async () => (await statusOf(orderId)).includes('is confirmed'));
    expect(await statusOf(orderId)).toContain('  approved by Ada: known customer\n');
    await orderly('cancel', orderId);
  });

  it('ends an order, says why, and what was taken back', async () => {
    const orderId = await awaiting();
    const { exitCode, stdout } = await orderly('reject', orderId, '--by', 'Ada', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ orderId, decision: 'reject', by: 'Ada' });
    await handleOf(orderId).result();
    const lines = (await statusOf(orderId)).split('\n').map(line => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining([
        `${orderId} is rejected`,
        'rejected for ApprovalRefused',
        'rejected by Ada',
        expect.stringMatching(/^20\S+Z {2}compensated: releaseStock$/),
      ]),
    );
  });

  it('are refused where nobody waits for them', async () => {
    const orderId = await awaiting();
    await orderly('approve', orderId, '--by', 'Ada');
    await waitFor(async () => (await statusOf(orderId)).includes('is confirmed'));
    expect(await orderly('reject', orderId, '--by', 'Bob')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(
        `^Order ${orderId} waits for no decision; it is confirmed\\. An order is decided once`,
      ),
    });
    await orderly('cancel', orderId);
    await handleOf(orderId).result();
    const { exitCode, stderr } = await orderly('approve', orderId, '--by', 'Bob');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('waits for no decision; it is cancelled.');
    expect(await orderly('approve', 'nobody', '--by', 'Bob')).toMatchObject({ exitCode: 2 });
  });
});

describe('An order that is approved while its money is not held yet', () => {
  it('waits for nobody, and Temporal lists it no more as one that does', async () => {
    const orderId = await awaiting();
    const isListed = async () => (await orderly('approvals')).stdout.includes(orderId);
    await waitFor(isListed, 'it to be listed');
    bank.isSilent = true;
    await orderly('approve', orderId, '--by', 'Ada');
    expect(await statusOf(orderId)).toContain(`${orderId} is approved\n`);
    expect(await isListed()).toBe(false);
    const approved = `WorkflowId = '${orderWorkflowId(orderId)}' AND OrderStatus = 'approved'`;
    await waitFor(async () => (await client().workflow.count(approved)).count === 1, 'visibility');
    bank.isSilent = false;
    await waitFor(async () => (await statusOf(orderId)).includes('is confirmed'));
    await orderly('cancel', orderId);
  });
});

describe('orderly cancel', () => {
  it('stops the parcels, and the status says so', async () => {
    const orderId = await confirmed();
    expect(await statusOf(orderId)).toContain('  parcel 1 from north: picking\n');
    await orderly('cancel', orderId);
    await handleOf(orderId).result();
    const status = await statusOf(orderId);
    expect(status).toContain('  parcel 1 from north: cancelled\n');
    expect(status).toContain('  parcel 2 from south: cancelled\n');
  });
});

describe('orderly change-address', () => {
  it('sends the order elsewhere', async () => {
    const orderId = await confirmed();
    const path = file(JSON.stringify({ ...address, phone: 'ignored' }));
    expect(await orderly('change-address', orderId, '--file', path)).toEqual({
      exitCode: 0,
      stdout: `${orderId} goes to 1 Harbour View, Apartment 4, Hamburg, HH 20095, DE\n`,
      stderr: '',
    });
    const { stdout } = await orderly('change-address', orderId, '--file', path, '--json');
    expect(JSON.parse(stdout)).toEqual({ orderId, shippingAddress: address });
    await pack(orderId, '1');
    const parcel = client().workflow.getHandle(shipmentWorkflowId(orderId, '1'));
    const input = await waitFor(async () => {
      const { events } = await parcel.fetchHistory().catch(() => ({ events: undefined }));
      const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
      return payload && Buffer.from(payload.data!).toString();
    });
    expect(JSON.parse(input).order.customer.shippingAddress).toEqual(address);
    for (const shipment of ['1', '2']) {
      await pack(orderId, shipment);
      await dispatch(orderId, shipment);
    }
    await handleOf(orderId).result();
  });

  it.each([
    { content: '{', about: 'The message is not JSON' },
    { content: '[]', about: 'The address is wrong: the whole: expected object' },
    {
      content: JSON.stringify({ ...address, city: ' ' }),
      about: 'The address is wrong: city: must be 1 to 100 characters',
    },
    {
      content: JSON.stringify({ ...address, country: 'Germany' }),
      about: 'The address is wrong: country: must be an ISO 3166-1 alpha-2 code',
    },
  ])('asks nobody where the file holds $content', async ({ content, about }) => {
    const ran = await orderly('change-address', 'nobody', '--file', file(content));
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).toContain(about);
  });

  it('and cancel are refused from the first packed parcel on, and after the end', async () => {
    const orderId = await confirmed();
    const path = file(JSON.stringify(address));
    await pack(orderId, '1');
    await waitFor(async () => (await statusOf(orderId)).includes('is shipping'));
    const next =
      'Only an order that has not ended, and of which nothing is packed, can be cancelled or changed.';
    const expectRefused = async (status: string) => {
      const refused = {
        exitCode: 1,
        stdout: '',
        stderr: `Order ${orderId} is already ${status}. ${next}\n`,
      };
      expect(await orderly('change-address', orderId, '--file', path)).toEqual(refused);
      expect(await orderly('cancel', orderId)).toEqual(refused);
    };
    await expectRefused('shipping');
    await pack(orderId, '2');
    for (const shipment of ['1', '2']) await dispatch(orderId, shipment);
    await handleOf(orderId).result();
    await expectRefused('completed');
  });
});

describe('orderly status --watch', () => {
  it('follows an order to its end, and says each thing once', async () => {
    const orderId = await awaiting();
    const watching = orderly('status', orderId, '--watch');
    const until = (text: string) => waitFor(() => stdoutSoFar.includes(text), text);
    await until('is awaiting-approval');
    const asked = { decision: 'approve', by: 'Ada' } as const;
    await handleOf(orderId).executeUpdate('decide', { args: [asked] });
    await until('parcel 2 from south: picking');
    await pack(orderId, '1');
    await until('parcel 1 from north: packed');
    await dispatch(orderId, '1');
    await until('parcel 1 from north: shipped with swift, T-1');
    await pack(orderId, '2');
    await dispatch(orderId, '2');
    const { exitCode, stdout } = await watching;
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    const headlines = lines.filter(line => !line.startsWith(' '));
    expect(headlines[0]).toBe(`${orderId} is awaiting-approval`);
    expect(headlines.at(-1)).toBe(`${orderId} is completed`);
    expect(lines).toEqual(expect.arrayContaining(['  total 19.00 EUR', '  payment through a']));
  });
});
