/** What an order says of itself, on the server whose time skips. */
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import {
  cancelUpdate,
  decideUpdate,
  packedSignal,
  statusQuery,
  stockReservedSignal,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilStatus } from './drive';
import {
  approval,
  type OrderHandle,
  openShop,
  plan,
  refusedForGood,
  silence,
  unavailable,
  waitingForStock,
} from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

describe('The status of an order', () => {
  it('names no parcels where it ends with its confirmation, since it does not follow them', async () => {
    await live(openShop(), { plan: { backOrder: plan.backOrder } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed', total: 1900 });
      const status = await handle.query(statusQuery);
      expect(status).toMatchObject({ status: 'confirmed', total: 1900 });
      expect(status).not.toHaveProperty('parcels');
    });
  });

  it('says what it would have cost where the bank declined it', async () => {
    const shop = openShop(() => ({
      authorizePayment: async () => ({ status: 'declined', reason: 'no' }),
    }));
    await live(shop, {}, async handle => {
      await expect(handle.result()).resolves.not.toHaveProperty('total');
      const status = await handle.query(statusQuery);
      expect(status).toMatchObject({ cause: 'PaymentDeclined', total: 1900 });
    });
  });
});

/** What the Temporal UI shows of a workflow. */
async function detailsOf(handle: Pick<OrderHandle, 'query'>): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

const untilDetails = (handle: Pick<OrderHandle, 'query'>, status: string) =>
  waitFor(
    async () => (await detailsOf(handle)).startsWith(`**${status}** since 20`),
    `the details to say ${status}`,
  );

const foundAs = async (handle: OrderHandle) =>
  (await handle.describe()).typedSearchAttributes.get(orderSearchAttributes.status);

describe('The details in the Temporal UI', () => {
  it('say at each stage where an order stands, since when, and what it waits for', async () => {
    let hasCome = false;
    let isAnswered = false;
    const shop = openShop(opened => ({
      ...waitingForStock(opened, () => hasCome),
      authorizePayment: async request => {
        if (!isAnswered) throw silence();
        return opened.activities.authorizePayment(request);
      },
    }));
    const lived = { plan: { ...plan, approval }, order: { allowBackOrder: true } };
    await live(shop, lived, async handle => {
      await untilDetails(handle, 'back-ordered');
      expect(await detailsOf(handle)).toMatch(/: until 20\S+Z, for TEA-100$/);
      hasCome = true;
      await handle.signal(stockReservedSignal);
      await untilDetails(handle, 'awaiting-approval');
      expect(await detailsOf(handle)).toContain('above the limit of 1000');
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'ada' }] });
      await untilDetails(handle, 'approved');
      expect(await detailsOf(handle)).toMatch(/: by ada$/);
      isAnswered = true;
      await untilDetails(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await untilDetails(handle, 'shipping');
      await untilDetails(handle.shipment('1'), 'packed');
      await waitFor(async () =>
        (await detailsOf(handle.shipment('1'))).endsWith('waits for the van of swift'),
      );
      await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
      await untilDetails(handle.shipment('1'), 'shipped');
      await send(handle, shop, '2');
      await handle.result();
      await untilDetails(handle, 'completed');
    });
  });

  it('say that an order is received while its stock is asked for, and reserved while it is paid', async () => {
    let answer: { stock?: () => void; money?: () => void } = {};
    const shop = openShop(({ activities }) => ({
      reserveStock: async request => {
        await new Promise<void>(resolve => {
          answer = { ...answer, stock: resolve };
        });
        return activities.reserveStock(request);
      },
      authorizePayment: async request => {
        await new Promise<void>(resolve => {
          answer = { ...answer, money: resolve };
        });
        return activities.authorizePayment(request);
      },
    }));
    await live(shop, { plan: { payment: plan.payment } }, async handle => {
      await waitFor(() => answer.stock !== undefined);
      await untilDetails(handle, 'received');
      answer.stock?.();
      await waitFor(() => answer.money !== undefined);
      await untilDetails(handle, 'reserved');
      answer.money?.();
      await handle.result();
    });
  });
});

describe('An order that is looked for by its status', () => {
  it('is found as cancelled though a compensation is stuck', async () => {
    let isMended = false;
    const shop = openShop(({ activities }) => ({
      voidPayment: async request => {
        if (!isMended) throw refusedForGood();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      expect(await foundAs(handle)).toBe('cancelled');
      isMended = true;
      await handle.result();
      expect(await foundAs(handle)).toBe('cancelled');
    });
  });

  it('is found as failed though a compensation is stuck', async () => {
    let isMended = false;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async () => {
        throw refusedForGood();
      },
      releaseStock: async orderId => {
        if (!isMended) throw refusedForGood();
        return activities.releaseStock(orderId);
      },
    }));
    await live(shop, {}, async handle => {
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      expect(await foundAs(handle)).toBe('failed');
      isMended = true;
      await expect(handle.result()).rejects.toThrow();
    });
  });

  it('is found as reserved once no provider has paid it in a first round', async () => {
    let isMended = false;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        if (!isMended) throw unavailable();
        return activities.authorizePayment(request);
      },
    }));
    await live(shop, { plan: { payment: plan.payment } }, async handle => {
      await waitFor(async () => (await foundAs(handle)) === 'reserved');
      isMended = true;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect(await foundAs(handle)).toBe('confirmed');
    });
  });
});
