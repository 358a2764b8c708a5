import { NativeConnection, Worker } from '@temporalio/worker';
import { readConfig } from '../../src/config';
import type { Announcement } from '../../src/domain/announcement';
import { orderWorkflowId } from '../../src/domain/ids';
import type { Reservation } from '../../src/domain/reservation';
import { registerBatch } from '../../src/postgres/register';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { createClient } from '../../src/temporal';
import { createDatabase, type TestDatabase } from '../support/database';
import { unique } from '../support/kafka';
import { backendWaitingForLock } from '../support/locks';
import { orderInput } from '../support/orders';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';
import { jsonLines, runMain } from './runMain';

const taskQueue = unique('orders');
let env: Record<string, string>;
let database: TestDatabase;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;

const announced: Announcement[] = [];

/** What the inventory answers, for orders that wait for an answer. */
const inventory = new Map<string, (answer: Reservation) => void>();

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
  worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: require.resolve('../../src/workflows'),
    activities: {
      reserveStock: ({ orderId }: { orderId: string }) =>
        new Promise<Reservation>(resolve => inventory.set(orderId, resolve)),
      releaseStock: async () => ({ status: 'released' }),
      announce: async (announcement: Announcement) => void announced.push(announcement),
    },
  });
  running = worker.run();
});

afterAll(async () => {
  for (const answer of inventory.values()) answer(reserved);
  worker.shutdown();
  await running;
  await connection.close();
  await database.drop();
});

const client = () => createClient(connection, readConfig(env));

/** Starts an order, and answers when it waits for the inventory. */
async function startOrder(orderId = unique('cli')): Promise<string> {
  await client().workflow.start('order', {
    workflowId: orderWorkflowId(orderId),
    taskQueue,
    args: [orderInput(orderId)],
  });
  await waitFor(() => inventory.has(orderId));
  return orderId;
}

const reserved: Reservation = { status: 'reserved', unitPrices: [500, 1250], total: 2250 };

async function decide(orderId: string, answer: Reservation): Promise<void> {
  inventory.get(orderId)!(answer);
  await client().workflow.getHandle(orderWorkflowId(orderId)).result();
}

const orderly = (...args: string[]) => runMain(args, env);
const statusOf = async (orderId: string) =>
  JSON.parse((await orderly('status', orderId, '--json')).stdout) as { status: string };

describe('orderly status', () => {
  it('shows an order that is open, with its history and its workflow', async () => {
    const orderId = await startOrder();
    const { exitCode, stdout } = await orderly('status', orderId);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map(line => line.trim())).toEqual([
      `${orderId} is received`,
      '2026-01-31T09:30:01.000Z  received',
      `http://ui.test/namespaces/default/workflows/order-${orderId}`,
      '',
    ]);
    await decide(orderId, reserved);
  });

  it('shows a confirmed order with its total', async () => {
    const orderId = await startOrder();
    await decide(orderId, reserved);
    expect((await orderly('status', orderId)).stdout).toContain('total 22.50 EUR');
    expect(await statusOf(orderId)).toMatchObject({
      orderId,
      status: 'confirmed',
      total: 2250,
      workflow: 'COMPLETED',
      history: [{ status: 'received' }, { status: 'confirmed' }],
    });
  });

  it('shows the reasons of a rejected order per line', async () => {
    const orderId = await startOrder();
    const refusals = [{ line: 1, productCode: 'CUP-7', reason: 'ShortStock' as const }];
    await decide(orderId, { status: 'short', refusals });
    const { stdout } = await orderly('status', orderId);
    expect(stdout).toContain(`${orderId} is rejected`);
    expect(stdout).toContain('products[1] CUP-7: ShortStock');
  });

  it('says terminated of a workflow that was terminated', async () => {
    const orderId = await startOrder();
    await client().workflow.getHandle(orderWorkflowId(orderId)).terminate();
    expect(await statusOf(orderId)).toMatchObject({
      ...{ orderId, status: 'terminated', workflow: 'TERMINATED' },
      history: [{ status: 'received' }],
    });
  });

  it('knows an order that is registered and not started yet', async () => {
    const orderId = unique('cli');
    const entry = { orderId, origin: 'o', digestVersion: 1, digestFor: () => 'd', receivedAt: 0 };
    await registerBatch(database.pool, [entry]);
    const { exitCode, stdout } = await orderly('status', orderId);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`${orderId} is received\n  its workflow is not started yet\n`);
  });

  it('does not know any other order', async () => {
    const { exitCode, stdout, stderr } = await orderly('status', 'nobody');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^There is no order nobody\. [^\n]+\n$/);
  });

  it('follows an order until it has ended', async () => {
    const orderId = await startOrder();
    const watching = orderly('status', orderId, '--watch', '--json');
    await decide(orderId, reserved);
    const { exitCode, stdout } = await watching;
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ orderId, status: 'confirmed' });
  });

  it('waits for an order that was only just sent', async () => {
    const orderId = unique('cli');
    const { pool } = database;
    const blocker = await pool.connect();
    const block = () => blocker.query('BEGIN; LOCK TABLE orders');

    await block();
    const watching = orderly('status', orderId, '--watch', '--json');
    await backendWaitingForLock(pool);
    await blocker.query('ROLLBACK');
    // When it asks a second time, it was told once that there is no such order, and did not give up.
    await block();
    await backendWaitingForLock(pool);
    await blocker.query('ROLLBACK');
    blocker.release();
    await startOrder(orderId);
    await decide(orderId, reserved);
    expect(jsonLines((await watching).stdout).at(-1)).toMatchObject({ status: 'confirmed' });
  });
});

describe('orderly cancel', () => {
  it('cancels an order that is open, with the reason', async () => {
    const orderId = await startOrder();
    const ran = await orderly('cancel', orderId, '--reason', 'ordered twice', '--json');
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout)).toEqual({ orderId, status: 'cancelled' });
    await client().workflow.getHandle(orderWorkflowId(orderId)).result();
    expect(await statusOf(orderId)).toMatchObject({ status: 'cancelled' });
    const data = announced.flatMap(({ messages }) => messages.map(message => message.data));
    expect(data).toContainEqual(
      expect.objectContaining({ orderId, by: 'command-line', reason: 'ordered twice' }),
    );
  });

  it('says of an order that is cancelled already who did it and why, and keeps that', async () => {
    const orderId = await startOrder();
    await orderly('cancel', orderId, '--reason', 'ordered twice');
    await client().workflow.getHandle(orderWorkflowId(orderId)).result();
    expect(await orderly('cancel', orderId, '--reason', 'ordered twice')).toMatchObject({
      stdout: `${orderId} is cancelled\n`,
    });
    expect(await orderly('cancel', orderId, '--reason', 'too dear')).toEqual({
      exitCode: 0,
      stdout: `${orderId} was cancelled before, by command-line: ordered twice\n`,
      stderr: '',
    });
    expect((await orderly('status', orderId)).stdout).toContain(
      '  cancelled by command-line: ordered twice\n',
    );
    const { stdout } = await orderly('cancel', orderId, '--json');
    expect(JSON.parse(stdout)).toEqual({
      ...{ orderId, status: 'cancelled' },
      before: { by: 'command-line', reason: 'ordered twice' },
    });
  });

  it('is refused once the order has ended', async () => {
    const orderId = await startOrder();
    await decide(orderId, reserved);
    expect(await orderly('cancel', orderId)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `Order ${orderId} is already confirmed. Only an order that has not ended, and of which nothing is packed, can be cancelled or changed.\n`,
    });
  });

  it('asks to wait for an order that is not started yet', async () => {
    const orderId = unique('cli');
    const entry = { orderId, origin: 'o', digestVersion: 1, digestFor: () => 'd', receivedAt: 0 };
    await registerBatch(database.pool, [entry]);
    const { exitCode, stderr } = await orderly('cancel', orderId);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('its workflow is not started yet');
  });

  it('does not know any other order', async () => {
    const { exitCode, stderr } = await orderly('cancel', 'nobody');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no order nobody.');
  });
});
