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
import { holdings, openShop, withOrder } from './shop';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  env = await connectRealTemporal();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

const at = '2026-01-31T12:00:00.000Z';

describe('A parcel whose workflow somebody ends', () => {
  it('fails its order once the others are out, and operators are told', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      const pack = async (shipment: string) => {
        await handle.signal(packedSignal, { shipment, packedAt: at });
        await waitFor(() => shop.books.booked.has(shipment), 'the carrier to be booked');
      };
      await waitFor(() => shop.told.includes('OrderConfirmed'));
      await pack('1');
      await handle.shipment('1').terminate();
      await pack('2');
      const dispatch = { shipment: '2', carrier: 'swift', trackingNumber: 'T', dispatchedAt: at };
      await handle.shipment('2').signal(dispatchedSignal, dispatch);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.told).toContain('notice shipment-failed');
    });
  });
});

describe('A parcel whose workflow id something else has taken', () => {
  it('fails its order, which gives back what the parcel held', async () => {
    const shop = openShop();
    await withOrder(env, bundle, shop, {}, async handle => {
      await waitFor(() => shop.told.includes('OrderConfirmed'));
      const { workflowId } = handle.shipment('1');
      const foreign = { workflowId, taskQueue: 'nobody-listens' };
      await env.client.workflow.start('something-else', foreign);
      for (const shipment of ['1', '2']) {
        await handle.signal(packedSignal, { shipment, packedAt: at });
      }
      await waitFor(() => shop.books.booked.has('2'), 'the carrier to be booked');
      const dispatch = { shipment: '2', carrier: 'swift', trackingNumber: 'T', dispatchedAt: at };
      await handle.shipment('2').signal(dispatchedSignal, dispatch);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.told).toContain('notice shipment-failed');
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
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
