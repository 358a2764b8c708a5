import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Announcement } from '../../src/domain/announcement';
import { orderWorkflowId } from '../../src/domain/ids';
import type { Reservation, ReservationRequest } from '../../src/domain/reservation';
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import { order } from '../../src/workflows/order';
import { cancelUpdate, statusQuery } from '../../src/workflows/orderInterface';
import { orderInput } from '../support/orders';
import { bundleQuietly } from '../support/temporalSdk';
import { startTimeSkipping } from '../support/timeSkipping';
import { waitFor } from '../support/waitFor';

const reserved: Reservation = { status: 'reserved', unitPrices: [500, 900], total: 1900 };

let env: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  env = await startTimeSkipping();
  workflowBundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

const announcedAt = '2026-01-31T09:30:02.125Z';

/** The inventory and the announcer as the workflow sees them; each test says what they do. */
function partners(overrides: Partial<ReturnType<typeof defaults>> = {}) {
  const calls: string[] = [];
  const announced: Announcement[] = [];
  const activities = { ...defaults(calls, announced), ...overrides };
  return { calls, announced, activities };
}

function defaults(calls: string[], announced: Announcement[]) {
  return {
    async reserveStock({ orderId }: ReservationRequest): Promise<Reservation> {
      calls.push(`reserve ${orderId}`);
      return reserved;
    },
    async releaseStock(orderId: string): Promise<Reservation> {
      calls.push(`release ${orderId}`);
      return { status: 'released' };
    },
    async announce(announcement: Announcement): Promise<string> {
      calls.push(`announce ${announcement.milestone!.name}`);
      announced.push(announcement);
      return announcedAt;
    },
  };
}

async function withWorker<T>(
  activities: object,
  use: (start: (orderId: string) => ReturnType<typeof startOrder>) => Promise<T>,
): Promise<T> {
  const taskQueue = randomUUID();
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities,
    sinks: { kpi: { occurred: { fn: () => undefined } } },
  });
  return worker.runUntil(use(orderId => startOrder(taskQueue, orderId)));
}

const startOrder = (taskQueue: string, orderId: string) =>
  env.client.workflow.start(order, {
    taskQueue,
    workflowId: orderWorkflowId(orderId),
    args: [orderInput(orderId)],
    memo: { traceparent: '00-1234567890abcdef1234567890abcdef-1234567890abcdef-01' },
  });

/** A promise and the function that settles it. */
function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>(resolve => {
    open = resolve;
  });
  return { open, opened };
}

describe('The order workflow', () => {
  it('confirms an order whose lines are all reserved, and announces it with its notification', async () => {
    const { calls, announced, activities } = partners();
    await withWorker(activities, async start => {
      const handle = await start('confirmed-1');
      await expect(handle.result()).resolves.toEqual({
        orderId: 'confirmed-1',
        outcome: 'confirmed',
        currency: 'EUR',
        total: 1900,
        endedAt: announcedAt,
      });
      expect(calls).toEqual(['reserve confirmed-1', 'announce OrderConfirmed']);
      expect(announced[0]).toMatchObject({
        traceparent: expect.stringContaining('1234567890abcdef'),
        milestone: {
          name: 'OrderConfirmed',
          receivedAt: '2026-01-31T09:30:01.000Z',
          facts: { outcome: 'confirmed', total: 1900, currency: 'EUR', unknownProducts: 0 },
        },
        messages: [
          { type: 'OrderConfirmed', id: 'OrderConfirmed:confirmed-1', key: 'confirmed-1' },
          { type: 'Notification', id: 'Notification:confirmed-1:order-confirmed' },
        ],
      });
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(orderSearchAttributes.status)).toBe('confirmed');
      expect(typedSearchAttributes.get(orderSearchAttributes.total)).toBe(1900);
    });
  });

  it('rejects an order that is short, with the reason of each line, and counts unknown products', async () => {
    const refusals = [
      { line: 0, productCode: 'TEA-100', reason: 'ShortStock' },
      { line: 1, productCode: 'CUP-7', reason: 'UnknownProduct' },
    ] as const;
    const { calls, announced, activities } = partners({
      reserveStock: async () => ({ status: 'short', refusals }),
    });
    await withWorker(activities, async start => {
      const handle = await start('rejected-1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rejected', refusals });
      expect(calls).toEqual(['announce OrderRejected']);
      expect(announced[0]!.milestone!.facts).toMatchObject({
        outcome: 'rejected',
        unknownProducts: 1,
      });
      expect(announced[0]!.messages[0]).toMatchObject({ data: { reasons: refusals } });
    });
  });

  it('answers its status and history with times while it runs and after it has closed', async () => {
    const reserving = gate();
    const { activities } = partners({
      reserveStock: async () => {
        await reserving.opened;
        return reserved;
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('history-1');
      const before = await handle.query(statusQuery);
      expect(before).toMatchObject({
        status: 'received',
        history: [{ status: 'received', at: '2026-01-31T09:30:01.000Z' }],
      });
      reserving.open();
      await handle.result();
      const after = await handle.query(statusQuery);
      expect(after.history.map(({ status }) => status)).toEqual(['received', 'confirmed']);
      expect(after).toMatchObject({ status: 'confirmed', total: 1900, currency: 'EUR' });
    });
  });

  it('retries a reservation that fails for a while, for as long as it takes', async () => {
    let attempts = 0;
    const { activities } = partners({
      reserveStock: async () => {
        attempts++;
        if (attempts < 20) throw ApplicationFailure.retryable('away', 'PostgresUnavailable');
        return reserved;
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('retried-1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect(attempts).toBe(20);
    });
  });

  it('releases and fails when the inventory refuses for good', async () => {
    const { calls, activities } = partners({
      reserveStock: async () => {
        throw ApplicationFailure.nonRetryable('a bug', 'Bug');
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('failed-1');
      await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
      expect(calls).toEqual(['release failed-1']);
      await expect(handle.query(statusQuery)).resolves.toMatchObject({ status: 'failed' });
    });
  });

  it('never confirms an order whose reservation was released under it', async () => {
    const { announced, activities } = partners({
      reserveStock: async () => ({ status: 'released' }),
    });
    await withWorker(activities, async start => {
      const handle = await start('released-1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      const { cancellation } = await handle.query(statusQuery);
      expect(cancellation).toMatchObject({ by: 'orderly' });
      expect(announced[0]!.milestone!.name).toBe('OrderCancelled');
    });
  });
});

describe('Cancelling an order', () => {
  it('while the stock is being reserved: answers at once, releases, announces OrderCancelled', async () => {
    const [begun, reserving] = [gate(), gate()];
    const { calls, announced, activities } = partners({
      reserveStock: async () => {
        begun.open();
        await reserving.opened;
        return reserved;
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('cancelled-1');
      await begun.opened;
      const asked = { by: 'customer', reason: 'changed my mind' };
      await expect(handle.executeUpdate(cancelUpdate, { args: [asked] })).resolves.toBe(
        'cancelled',
      );
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      reserving.open();
      expect(calls).toEqual(['release cancelled-1', 'announce OrderCancelled']);
      expect(announced[0]!.messages[0]).toMatchObject({ data: asked });
    });
  });

  it('is possible while the inventory is away', async () => {
    const begun = gate();
    const { calls, activities } = partners({
      reserveStock: async () => {
        begun.open();
        throw ApplicationFailure.retryable('away', 'PostgresUnavailable');
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('cancelled-2');
      await begun.opened;
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(calls).toEqual(['release cancelled-2', 'announce OrderCancelled']);
    });
  });

  it("by Temporal's own Cancel follows the same rule", async () => {
    const [begun, reserving] = [gate(), gate()];
    const { calls, activities } = partners({
      reserveStock: async () => {
        begun.open();
        await reserving.opened;
        return reserved;
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('cancelled-3');
      await begun.opened;
      await handle.cancel();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      reserving.open();
      expect(calls).toEqual(['release cancelled-3', 'announce OrderCancelled']);
    });
  });

  it('is refused with the status once the order is decided, and changes nothing', async () => {
    const announcing = gate<string>();
    const { activities } = partners({ announce: () => announcing.opened });
    await withWorker(activities, async start => {
      const handle = await start('decided-1');
      await waitFor(async () => (await handle.query(statusQuery)).status === 'confirmed');
      await expect(
        handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] }),
      ).rejects.toMatchObject({
        cause: { type: 'OrderDecided', message: 'Order decided-1 is already confirmed.' },
      });
      await handle.cancel();
      announcing.open(announcedAt);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
  });

  it('is refused by name when it does not say who asks', async () => {
    const reserving = gate();
    const { activities } = partners({
      reserveStock: async () => {
        await reserving.opened;
        return reserved;
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('cancelled-5');
      await expect(
        handle.executeUpdate(cancelUpdate, { args: [{ by: '' }] }),
      ).rejects.toMatchObject({ cause: { type: 'CancellationInvalid' } });
      reserving.open();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
  });

  it('while it is announced as cancelled is answered the same again', async () => {
    const reserving = gate();
    const releasing = gate();
    const { activities } = partners({
      reserveStock: async () => {
        await reserving.opened;
        return reserved;
      },
      releaseStock: async () => {
        await releasing.opened;
        return { status: 'released' };
      },
    });
    await withWorker(activities, async start => {
      const handle = await start('cancelled-4');
      const update = { args: [{ by: 'customer' }] as [{ by: string }], updateId: 'cancel' };
      await handle.executeUpdate(cancelUpdate, update);
      await expect(handle.executeUpdate(cancelUpdate, update)).resolves.toBe('cancelled');
      releasing.open();
      reserving.open();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    });
  });
});
