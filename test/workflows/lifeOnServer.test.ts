/**
 * On the real server, what the one whose time skips does not do: tell a parent that its child was
 * terminated, and skip time again after a workflow has left a running activity behind.
 */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { AuthorizationAnswer } from '../../src/domain/payment';
import { cancelUpdate, packedSignal } from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import { dispatch, finishes, packing, resetTo, withoutNews } from './drive';
import { holdings, type OrderHandle, openShop, type Shop, withOrder } from './shop';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  env = await connectRealTemporal();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

describe('A parcel whose workflow somebody ends', () => {
  it('fails its order once the others are out, and operators are told', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      const pack = async (shipment: string) => {
        await handle.signal(packedSignal, packing(shipment));
        await waitFor(() => shop.books.booked.has(shipment), 'the carrier to be booked');
      };
      await waitFor(() => shop.told.includes('OrderConfirmed'));
      await pack('1');
      await handle.shipment('1').terminate();
      await pack('2');
      await handle.shipment('2').signal(dispatchedSignal, dispatch('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.told).toContain('notice shipment-failed');
    });
  });
});

describe('An order that is reset', () => {
  async function packed(shop: Shop, handle: OrderHandle, shipment: string) {
    await waitFor(() => shop.told.includes('OrderConfirmed'));
    await handle.signal(packedSignal, packing(shipment));
    await waitFor(() => shop.books.booked.has(shipment), 'the carrier to be booked');
  }

  const sendAway = (handle: OrderHandle, shipment: string) =>
    handle.shipment(shipment).signal(dispatchedSignal, dispatch(shipment));

  // Before the parcel began, and before the order was confirmed: it hears then of the packing too early.
  it.each([2, 3, 4, 5])(
    'to before its parcel began, %i tasks back, takes nothing from the parcel, which goes its way, and tells operators',
    async back => {
      const shop = openShop();
      await withOrder(env, bundle, shop, {}, async handle => {
        await packed(shop, handle, '1');
        const { events } = await handle.fetchHistory();
        const begun = events!.findIndex(
          event => event.startChildWorkflowExecutionInitiatedEventAttributes,
        );
        const before = finishes(events!.slice(0, begun));
        // On a busy machine it may have come so far in fewer tasks.
        const next = await resetTo(handle, before.at(-back) ?? before[0]);
        await waitFor(() => shop.told.includes('notice shipment-failed'), 'operators to be told');
        await next.signal(packedSignal, packing('2'));
        await waitFor(() => shop.books.booked.has('2'), 'the carrier to be booked');
        await sendAway(handle, '2');
        await expect(next.result()).resolves.toMatchObject({ outcome: 'failed' });
        expect(shop.calls).not.toContain('release');
        expect(shop.calls).not.toContain('void a');

        await sendAway(handle, '1');
        await expect(handle.shipment('1').result()).resolves.toMatchObject({ outcome: 'shipped' });
        expect(holdings(shop)).toEqual({ money: 0, stock: false });
      });
    },
  );

  it('to after its parcel began follows the parcel as before', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      await packed(shop, handle, '1');
      const { events } = await handle.fetchHistory();
      const next = await resetTo(handle, finishes(events).at(-1));
      await sendAway(handle, '1');
      await next.signal(packedSignal, packing('2'));
      await waitFor(() => shop.books.booked.has('2'), 'the carrier to be booked');
      await sendAway(handle, '2');
      await expect(next.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.told).not.toContain('notice shipment-failed');
    });
  });
});

describe('An order that is reset after its stock was given back', () => {
  async function cancelled(shop: Shop, handle: OrderHandle) {
    await waitFor(() => shop.told.includes('OrderConfirmed'));
    let events: Awaited<ReturnType<typeof handle.fetchHistory>>['events'];
    await waitFor(async () => {
      ({ events } = await handle.fetchHistory());
      return events!.some(event => event.timerStartedEventAttributes);
    }, 'the order to wait for its parcels');
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
    await handle.result();
    return finishes(events);
  }

  it('to before its confirmation is not confirmed again, and holds no money', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      const ends = await cancelled(shop, handle);
      const next = await resetTo(handle, ends[1], withoutNews);
      await expect(next.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(shop.calls.filter(call => call.startsWith('authorize'))).toHaveLength(2);
      expect(shop.told.filter(what => what === 'OrderConfirmed')).toHaveLength(1);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('to after its confirmation sends no parcel, takes no money for it, and tells operators', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      const ends = await cancelled(shop, handle);
      const next = await resetTo(handle, ends.at(-1), withoutNews);
      for (const shipment of ['1', '2']) await next.signal(packedSignal, packing(shipment));
      await expect(next.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.books.captured).toBe(0);
      expect(shop.books.booked.size).toBe(0);
      const notices = JSON.stringify(shop.announced.flatMap(({ messages }) => messages));
      expect(notices).toContain('its stock was given back before the order was reset');
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });
});

describe('A parcel whose workflow id something else has taken', () => {
  it('fails its order, and leaves what it held to the people who are told', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      await waitFor(() => shop.told.includes('OrderConfirmed'));
      const { workflowId } = handle.shipment('1');
      const foreign = { workflowId, taskQueue: 'nobody-listens' };
      await env.client.workflow.start('something-else', foreign);
      for (const shipment of ['1', '2']) await handle.signal(packedSignal, packing(shipment));
      await waitFor(() => shop.books.booked.has('2'), 'the carrier to be booked');
      await handle.shipment('2').signal(dispatchedSignal, dispatch('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.told).toContain('notice shipment-failed');
      expect(holdings(shop)).toEqual({ money: 1_000, stock: true });
      await env.client.workflow.getHandle(workflowId).terminate();
    });
  });
});

describe('Paying', () => {
  it('calls off an attempt that hangs at the deadline, and voids its key', async () => {
    let answer: (given: AuthorizationAnswer) => void = () => undefined;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        await activities.authorizePayment(request);
        return new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        });
      },
    }));
    const payment = { providers: ['a'], deadlineSeconds: 1 };
    await withOrder(env, bundle, shop, { plan: { payment } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'PaymentUnavailable',
      });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      answer({ status: 'declined', reason: 'late' });
    });
  });
});

describe('Cancelling', () => {
  it('while the money is being held voids it by its key, whatever became of it', async () => {
    let isAsked = false;
    let answer: (given: AuthorizationAnswer) => void = () => undefined;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        isAsked = true;
        await activities.authorizePayment(request);
        return new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        });
      },
    }));
    await withOrder(env, bundle, shop, {}, async handle => {
      await waitFor(() => isAsked);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      answer({ status: 'declined', reason: 'late' });
    });
  });
});
