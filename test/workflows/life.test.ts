/** Every arrow in the life of an order, on the server whose time skips. */
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { AuthorizationAnswer } from '../../src/domain/payment';
import type { OrderPlan } from '../../src/domain/plan';
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import { orderReceived } from '../../src/messages/orderReceived';
import {
  cancelUpdate,
  changeAddressUpdate,
  decideUpdate,
  dispatchedSignal as dispatchedToOrder,
  packedSignal,
  statusQuery,
  stockReservedSignal,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { bundleQuietly } from '../support/temporalSdk';
import { startTimeSkipping } from '../support/timeSkipping';
import { waitFor } from '../support/waitFor';
import {
  holdings,
  type OrderHandle,
  type OrderOptions,
  openShop,
  plan,
  refusedForGood,
  type Shop,
  silence,
  unavailable,
  withOrder,
} from './shop';

jest.setTimeout(120_000);

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  env = await startTimeSkipping();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

const live = <T>(shop: Shop, options: OrderOptions, use: (handle: OrderHandle) => Promise<T>) =>
  withOrder(env, bundle, shop, options, use);

const at = '2026-01-31T12:00:00.000Z';
const packing = (shipment: string) => ({ shipment, packedAt: at });
const dispatch = (shipment: string) => ({
  shipment,
  carrier: 'swift',
  trackingNumber: `T-${shipment}`,
  dispatchedAt: at,
});

const untilStatus = (handle: OrderHandle, status: string) =>
  waitFor(async () => (await handle.query(statusQuery)).status === status, `the order ${status}`);

/** An activity that is called off while it runs keeps the server's time from skipping ever after. */
const untilAtRest = (handle: OrderHandle) =>
  waitFor(async () => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities ?? []).length === 0;
  }, 'no activity to be under way');

async function untilAwaited(handle: OrderHandle): Promise<void> {
  await untilStatus(handle, 'awaiting-approval');
  await untilAtRest(handle);
}

const statusesOf = async (handle: OrderHandle) =>
  (await handle.query(statusQuery)).history.map(({ status }) => status);

/** The warehouse and the carrier do their part, parcel by parcel. */
async function send(handle: OrderHandle, shop: Shop, ...shipments: string[]) {
  for (const shipment of shipments) {
    await untilConfirmed(handle);
    await handle.signal(packedSignal, packing(shipment));
    await waitFor(() => shop.books.booked.has(shipment), 'the carrier to be booked');
    await handle.shipment(shipment).signal(dispatchedSignal, dispatch(shipment));
  }
}

const untilConfirmed = (handle: OrderHandle) =>
  waitFor(async () => ['confirmed', 'shipping'].includes((await handle.query(statusQuery)).status));

describe('An order that is paid and fulfilled', () => {
  it('goes from received to completed, is paid parcel by parcel, and tells of each step', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', total: 1900 });
      expect(await statusesOf(handle)).toEqual([
        'received',
        'reserved',
        'authorized',
        'confirmed',
        'shipping',
        'completed',
      ]);
      expect(shop.told).toEqual(['OrderConfirmed', 'OrderShipped', 'OrderShipped']);
      expect(shop.calls).toEqual(expect.arrayContaining(['capture 1000', 'capture 900']));
      expect(shop.books).toMatchObject({ captured: 1900, refunded: 0 });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      const { parcels, provider } = await handle.query(statusQuery);
      expect(provider).toBe('a');
      expect(parcels).toMatchObject([
        { shipment: '1', status: 'shipped', trackingNumber: 'T-1' },
        { shipment: '2', status: 'shipped', trackingNumber: 'T-2' },
      ]);
    });
  });

  it('costs the server no write of its status on its plain way before it is confirmed', async () => {
    let answer: ((given: AuthorizationAnswer) => void) | undefined;
    const shop = openShop(() => ({
      authorizePayment: () =>
        new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        }),
    }));
    await live(shop, {}, async handle => {
      await waitFor(() => answer !== undefined, 'its payment to be asked for');
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(orderSearchAttributes.status)).toBeUndefined();
      answer?.({ status: 'declined', reason: 'no' });
      await handle.result();
    });
  });

  it('is told which parcels to pack, where', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '2', '1');
      await handle.result();
      expect(shop.announced[0]?.messages[0]?.data).toMatchObject({
        shipments: [
          { shipment: '1', location: 'north' },
          { shipment: '2', location: 'south' },
        ],
      });
    });
  });

  it('takes what its partners say twice, late or out of order as it is meant', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(dispatchedToOrder, dispatch('1'));
      await handle.signal(packedSignal, packing('9'));
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('1'));
      await send(handle, shop, '2');
      await handle
        .shipment('2')
        .signal(dispatchedSignal, dispatch('2'))
        .catch(() => undefined);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.told.filter(type => type === 'OrderShipped')).toHaveLength(2);
      expect(shop.books.captured).toBe(1900);
    });
  });

  it('is not taken for packed by news of a parcel that it does not have, or does not have yet', async () => {
    let isAsked = false;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        if (!isAsked) {
          isAsked = true;
          throw ApplicationFailure.retryable('not now', 'PaymentOutcomeUnknown');
        }
        return activities.authorizePayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await handle.signal(packedSignal, packing('1'));
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('3'));
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    });
  });

  it('hands on what the carrier told the order after the parcel began its own way', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await send(handle, shop, '1');
      await handle.signal(packedSignal, packing('2'));
      await waitFor(() => shop.books.booked.has('2'));
      await handle.signal(dispatchedToOrder, dispatch('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });

  it('costs nothing where its total is nothing', async () => {
    const shop = openShop(({ activities }) => ({
      reserveStock: async request => ({
        ...(await activities.reserveStock(request)),
        status: 'reserved',
        unitPrices: [0, 0],
        total: 0,
        parcels: [{ shipment: '1', location: 'north', products: [] }],
      }),
    }));
    await live(shop, {}, async handle => {
      await send(handle, shop, '1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(shop.calls.filter(call => /authorize|capture/.test(call))).toEqual([]);
    });
  });
});

describe('Paying', () => {
  it('goes to the next provider where the first one is down', async () => {
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        if (request.provider === 'a') throw unavailable();
        return activities.authorizePayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await send(handle, shop, '1', '2');
      await handle.result();
      expect((await handle.query(statusQuery)).provider).toBe('b');
      expect(holdings(shop).money).toBe(0);
    });
  });

  it('that the bank declines rejects the order and gives its stock back', async () => {
    const shop = openShop(() => ({
      authorizePayment: async () => ({ status: 'declined', reason: 'no money' }),
    }));
    await live(shop, {}, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'PaymentDeclined',
        refusals: [],
      });
      expect(shop.told).toEqual(['OrderRejected']);
      expect(shop.calls).toEqual(['reserve', 'release']);
    });
  });

  it('gives up a provider that never says what became of it, lets go there, and pays at the next one', async () => {
    let voids = 0;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        const answer = await activities.authorizePayment(request);
        if (request.provider === 'a') throw silence();
        return answer;
      },
      voidPayment: async request => {
        if (++voids < 5) throw silence();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await env.sleep('1 minute');
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      const { provider, compensations } = await handle.query(statusQuery);
      expect(provider).toBe('b');
      expect(compensations).toMatchObject([{ step: 'voidPayment' }]);
      expect(shop.calls.filter(call => call === 'void a')).toHaveLength(1);
      expect(shop.calls).not.toContain('void b');
      expect(shop.books.captured).toBe(1900);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('sends nothing more to a silent provider before it has let go', async () => {
    const asked: string[] = [];
    let isSilent = true;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        asked.push(`${request.provider} ${request.key.split(':').at(-1)}`);
        if (request.provider === 'b') throw unavailable();
        if (isSilent) throw silence();
        return activities.authorizePayment(request);
      },
      voidPayment: async request => {
        // Once b has been asked alone some times, a is well again.
        isSilent = asked.filter(attempt => attempt.startsWith('b')).length < 4;
        if (isSilent) throw silence();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, { plan: { payment: plan.payment } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      const ofA = [...new Set(asked.filter(attempt => attempt.startsWith('a')))];
      expect(ofA).toEqual(['a 1', expect.stringMatching(/^a [5-9]/)]);
    });
  });

  it('that nobody knows anything of at its deadline rejects the order at once, and is void before the order closes', async () => {
    let isMended = false;
    const shop = openShop(({ activities }) => ({
      authorizePayment: async request => {
        await activities.authorizePayment(request);
        throw silence();
      },
      voidPayment: async request => {
        if (!isMended) throw silence();
        return activities.voidPayment(request);
      },
    }));
    const payment = { ...plan.payment, deadlineSeconds: 60 };
    await live(shop, { plan: { payment } }, async handle => {
      await env.sleep('10 minutes');
      await untilStatus(handle, 'rejected');
      await waitFor(() => shop.told.includes('OrderRejected'));
      await waitFor(() => shop.told.includes('notice compensation-stuck'));
      expect(await handle.query(statusQuery)).toMatchObject({
        cause: 'PaymentUnavailable',
        compensations: [{ step: 'releaseStock' }],
      });
      expect(holdings(shop)).toEqual({ money: 3_800, stock: false });
      expect((await handle.describe()).status.name).toBe('RUNNING');
      isMended = true;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rejected' });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('is tried again, under another key, until its deadline; then the order is rejected', async () => {
    const keys = new Set<string>();
    const shop = openShop(() => ({
      authorizePayment: async ({ provider, key }) => {
        keys.add(`${provider} ${key}`);
        throw unavailable();
      },
    }));
    await live(shop, {}, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'PaymentUnavailable',
      });
      expect(keys.size).toBeGreaterThan(20);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });
});

/** Of all that cost more than 10.00. */
const approval = {
  limits: { EUR: 1_000 },
  remindSeconds: 3_600,
  deadlineSeconds: 86_400,
  onExpiry: 'reject',
} as const;

describe('An order that needs a person', () => {
  const withApproval: OrderPlan = { approval };

  it('waits for a decision, and keeps who decided', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      expect((await handle.query(statusQuery)).total).toBe(1_900);
      const decision = { decision: 'approve', by: 'ada', reason: 'known customer' } as const;
      await handle.executeUpdate(decideUpdate, { args: [decision] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect((await handle.query(statusQuery)).approval).toMatchObject(decision);
      expect(await statusesOf(handle)).toEqual([
        'received',
        'reserved',
        'awaiting-approval',
        'approved',
        'confirmed',
      ]);
      expect(shop.told).toEqual(['notice approval-needed', 'OrderConfirmed']);
    });
  });

  it('is rejected where the person says no, and its stock is given back', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ada' }] });
      await expect(handle.result()).resolves.toMatchObject({ cause: 'ApprovalRefused' });
      expect(shop.calls).toEqual(['reserve', 'release']);
    });
  });

  it('is reminded of, and then becomes what the plan says', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'ApprovalExpired',
      });
      expect(shop.told).toEqual([
        'notice approval-needed',
        'notice approval-reminder',
        'OrderRejected',
      ]);
    });
    const onExpiry: OrderPlan = { approval: { ...approval, onExpiry: 'approve' } };
    await live(openShop(), { plan: onExpiry }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect((await handle.query(statusQuery)).approval).toMatchObject({ by: 'orderly' });
    });
  });

  it('waits no longer than it is to, though nobody can be told of it', async () => {
    const shop = openShop(({ activities }) => ({
      announce: async announcement => {
        if (announcement.milestone === undefined) throw silence();
        return activities.announce(announcement);
      },
    }));
    const soon = { ...approval, remindSeconds: 60, deadlineSeconds: 120 };
    await live(shop, { plan: { approval: soon } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ cause: 'ApprovalExpired' });
      expect(shop.told).toEqual(['OrderRejected']);
    });
  });

  it('is decided for good when nobody answers in time, though its money is not held yet', async () => {
    let answer: (given: AuthorizationAnswer) => void = () => undefined;
    const shop = openShop(({ calls }) => ({
      authorizePayment: () => {
        calls.push('authorize');
        return new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        });
      },
    }));
    const late = {
      ...approval,
      remindSeconds: 1,
      deadlineSeconds: 1,
      onExpiry: 'approve',
    } as const;
    await live(shop, { plan: { ...plan, approval: late } }, async handle => {
      await waitFor(() => shop.calls.includes('authorize'));
      const decision = { decision: 'reject', by: 'ada' } as const;
      await expect(handle.executeUpdate(decideUpdate, { args: [decision] })).rejects.toMatchObject({
        cause: { type: 'ApprovalNotAwaited' },
      });
      answer({ status: 'declined', reason: 'no' });
      await expect(handle.result()).resolves.toMatchObject({ cause: 'PaymentDeclined' });
    });
  });

  it('is none where it is small, and is one where a line is of too many pieces', async () => {
    const limits = { EUR: 1_900 };
    await live(openShop(), { plan: { approval: { ...approval, limits } } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
    const plan = { approval: { ...approval, limits: {}, quantity: 1 } };
    await live(openShop(), { plan }, async handle => {
      await untilAwaited(handle);
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ada' }] });
      await handle.result();
    });
  });

  it('is decided once, by a decision that says who; refused by name otherwise', async () => {
    await live(openShop(), { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      const decide = (decision: unknown) =>
        handle.executeUpdate(decideUpdate, { args: [decision as never] });
      await expect(decide({ decision: 'maybe', by: 'ada' })).rejects.toMatchObject({
        cause: { type: 'ApprovalInvalid' },
      });
      await expect(decide({ decision: 'approve' })).rejects.toMatchObject({
        cause: { type: 'ApprovalInvalid' },
      });
      await decide({ decision: 'approve', by: 'ada' });
      await expect(decide({ decision: 'reject', by: 'bob' })).rejects.toMatchObject({
        cause: { type: 'ApprovalNotAwaited' },
      });
      await handle.result();
    });
  });
});

describe('An order that waits for stock', () => {
  const waiting = (shop: Shop, until: () => boolean) => ({
    reserveStock: async (request: Parameters<Shop['activities']['reserveStock']>[0]) => {
      if (until()) return shop.activities.reserveStock(request);
      shop.books.stock = 'waiting';
      return { status: 'waiting', productCodes: ['TEA-100'] } as const;
    },
  });
  const order = { allowBackOrder: true };

  it('is woken by its stock, and goes on as any other', async () => {
    let hasCome = false;
    const shop = openShop(opened => waiting(opened, () => hasCome));
    await live(shop, { order }, async handle => {
      await untilStatus(handle, 'back-ordered');
      hasCome = true;
      await handle.signal(stockReservedSignal);
      await send(handle, shop, '1', '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect((await statusesOf(handle)).slice(0, 3)).toEqual([
        'received',
        'back-ordered',
        'reserved',
      ]);
      expect(shop.told[0]).toBe('OrderBackOrdered');
    });
  });

  it.each([
    ['its stock has come', 'back-ordered', 'reserved'],
    ['it is approved', 'awaiting-approval', 'approved'],
  ])(
    'is no longer found as one that waits once %s, though it is not paid yet',
    async (_, before, after) => {
      let answer: ((given: AuthorizationAnswer) => void) | undefined;
      let hasCome = before !== 'back-ordered';
      const shop = openShop(opened => ({
        ...waiting(opened, () => hasCome),
        authorizePayment: () =>
          new Promise<AuthorizationAnswer>(resolve => {
            answer = resolve;
          }),
      }));
      const limits = { EUR: hasCome ? 1 : 10_000 };
      const watched = { ...plan, approval: { ...approval, limits } };
      await live(shop, { order, plan: watched }, async handle => {
        const searchable = async () =>
          (await handle.describe()).typedSearchAttributes.get(orderSearchAttributes.status);
        await waitFor(async () => (await searchable()) === before, before);
        await untilAtRest(handle);
        hasCome = true;
        if (before === 'back-ordered') await handle.signal(stockReservedSignal);
        else
          await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'ada' }] });
        await waitFor(() => answer !== undefined, 'its payment to be asked for');
        expect(await searchable()).toBe(after);
        answer?.({ status: 'declined', reason: 'no' });
        await handle.result();
      });
    },
  );

  it('finds its stock by itself where the signal is lost', async () => {
    let asked = 0;
    const shop = openShop(opened => waiting(opened, () => ++asked > 3));
    await live(shop, { order, plan: { backOrder: plan.backOrder } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
  });

  it('is rejected at its deadline, and leaves the queue', async () => {
    const shop = openShop(opened => waiting(opened, () => false));
    await live(shop, { order }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'BackOrderExpired',
      });
      expect(shop.books.stock).toBe('released');
      expect(shop.told).toEqual(['OrderBackOrdered', 'OrderRejected']);
    });
  });

  it('does not wait where it does not allow that', async () => {
    const asked: (boolean | undefined)[] = [];
    const shop = openShop(({ activities }) => ({
      reserveStock: request => {
        asked.push(request.mayWait);
        return activities.reserveStock(request);
      },
    }));
    await live(shop, { plan: { backOrder: plan.backOrder } }, handle => handle.result());
    await live(shop, { plan: {}, order }, handle => handle.result());
    expect(asked).toEqual([undefined, undefined]);
  });
});

describe('Cancelling', () => {
  it.each([
    ['waits for stock', 'back-ordered'],
    ['waits for a person', 'awaiting-approval'],
    ['is confirmed', 'confirmed'],
  ] as const)('an order that %s gives back what it held', async (_, status) => {
    const approval = {
      limits: { EUR: 1 },
      remindSeconds: 60,
      deadlineSeconds: 120,
      onExpiry: 'reject',
    };
    const shop = openShop(opened =>
      status === 'back-ordered'
        ? {
            reserveStock: async () => {
              opened.books.stock = 'waiting';
              return { status: 'waiting', productCodes: ['TEA-100'] };
            },
          }
        : {},
    );
    const options = {
      plan: { ...plan, ...(status === 'awaiting-approval' && { approval }) } as OrderPlan,
      order: { allowBackOrder: true },
    };
    await live(shop, options, async handle => {
      await untilStatus(handle, status);
      await untilAtRest(handle);
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
      expect(shop.told.at(-1)).toBe('OrderCancelled');
      const { compensations } = await handle.query(statusQuery);
      const undone = compensations?.map(({ step }) => step);
      expect(undone).toEqual(
        status === 'confirmed' ? ['voidPayment', 'releaseStock'] : ['releaseStock'],
      );
      const { parcels = [] } = await handle.query(statusQuery);
      expect(parcels.map(({ status }) => status)).toEqual(
        status === 'confirmed' ? ['cancelled', 'cancelled'] : [],
      );
    });
  });

  it('and a new address are taken as long as only parcels are packed that the order does not have', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await handle.signal(packedSignal, packing('1000'));
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('999'));
      const { shippingAddress } = orderReceived.example.customer;
      await handle.executeUpdate(changeAddressUpdate, { args: [shippingAddress] });
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    });
  });

  it('and a new address are refused from the first packed parcel on, with the status', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await untilStatus(handle, 'shipping');
      const refused = { cause: { type: 'OrderDecided' } };
      const asked = handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(asked).rejects.toMatchObject(refused);
      const moved = handle.executeUpdate(changeAddressUpdate, { args: [newAddress] });
      await expect(moved).rejects.toMatchObject(refused);
      await handle.cancel();
      await waitFor(() => shop.books.booked.has('1'));
      await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
      await send(handle, shop, '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });

  it('goes on until every compensation has succeeded, and operators hear of one that is stuck', async () => {
    let refusals = 0;
    const shop = openShop(({ activities }) => ({
      voidPayment: async request => {
        if (++refusals < 3) throw refusedForGood();
        return activities.voidPayment(request);
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
      expect(shop.told).toContain('notice compensation-stuck');
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });
});

const newAddress = { line1: '1 New Street', city: 'Oslo', state: 'Oslo', postalCode: '0150' };

describe('The Temporal UI', () => {
  it('describes all that an order and a parcel can be asked and told', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await waitFor(() => shop.books.booked.has('1'), 'the carrier to be booked');
      expect(await described(handle)).toEqual([
        'cancel',
        'changeAddress',
        'decide',
        'dispatched',
        'packed',
        'status',
        'stockReserved',
      ]);
      expect(await described(handle.shipment('1'))).toEqual(['dispatched']);
      await handle.shipment('1').signal(dispatchedSignal, dispatch('1'));
      await send(handle, shop, '2');
      await handle.result();
    });
  });
});

type Handler = { readonly name: string; readonly description?: string };

/** Handlers of our own, by name. Fails where one says nothing of what it is for. */
async function described(handle: Pick<OrderHandle, 'query'>): Promise<string[]> {
  const { definition } = await handle.query<{ definition: Record<string, Handler[]> }>(
    '__temporal_workflow_metadata',
  );
  const handlers = ['queryDefinitions', 'signalDefinitions', 'updateDefinitions'].flatMap(
    kind => definition[kind] ?? [],
  );
  const ours = handlers.filter(({ name }) => !name.startsWith('__'));
  for (const { description } of ours) expect(description).toMatch(/^[A-Z].{20,}\.$/);
  return ours.map(({ name }) => name).sort();
}

describe('Changing the address', () => {
  it('until it is packed sends the parcel there', async () => {
    const shop = openShop();
    const booked: string[] = [];
    const { bookCarrier } = shop.activities;
    shop.activities.bookCarrier = request => {
      booked.push(request.recipient.shippingAddress.line1);
      return bookCarrier(request);
    };
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.executeUpdate(changeAddressUpdate, { args: [newAddress] });
      await send(handle, shop, '1', '2');
      await handle.result();
      expect(booked).toEqual(['1 New Street', '1 New Street']);
    });
  });

  it('is refused by name where it is no address', async () => {
    await live(openShop(), {}, async handle => {
      await untilStatus(handle, 'confirmed');
      const asked = handle.executeUpdate(changeAddressUpdate, {
        args: [{ ...newAddress, city: '' }],
      });
      await expect(asked).rejects.toMatchObject({ cause: { type: 'AddressInvalid' } });
      await handle.terminate();
    });
  });
});

describe('A parcel', () => {
  it('that the carrier refuses is paid back and put back, the rest is void, and operators are told', async () => {
    const shop = openShop(({ activities }) => ({
      bookCarrier: async request =>
        request.shipment === '1'
          ? { status: 'refused', reason: 'nobody drives there' }
          : activities.bookCarrier(request),
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await send(handle, shop, '2');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.books).toMatchObject({ captured: 1900, refunded: 1000 });
      expect(shop.books.parcels).toEqual(
        new Map([
          ['1', 'returned'],
          ['2', 'shipped'],
        ]),
      );
      expect(shop.told).toContain('notice shipment-failed');
      expect(holdings(shop).money).toBe(0);
      const { parcels } = await handle.query(statusQuery);
      expect(parcels?.[0]).toMatchObject({ status: 'failed', reason: 'nobody drives there' });
    });
  });

  it('whose money is refused for good is put back, and its share of the hold is let go', async () => {
    const shop = openShop(() => ({
      capturePayment: async () => {
        throw refusedForGood();
      },
    }));
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('2'));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'failed' });
      expect(shop.books.captured).toBe(0);
      expect(shop.books.booked.size).toBe(0);
      expect(holdings(shop)).toEqual({ money: 0, stock: false });
    });
  });

  it('that is late is told to operators at each stage, and goes out all the same', async () => {
    const shop = openShop();
    await live(shop, {}, async handle => {
      await untilStatus(handle, 'confirmed');
      await env.sleep('2 days');
      await waitFor(() => shop.told.includes('notice picking-overdue'));
      await handle.signal(packedSignal, packing('1'));
      await handle.signal(packedSignal, packing('2'));
      await waitFor(() => shop.books.booked.size === 2);
      await env.sleep('2 days');
      await waitFor(
        () => shop.told.filter(told => told === 'notice dispatch-overdue').length === 2,
      );
      for (const number of ['1', '2']) {
        await handle.shipment(number).signal(dispatchedSignal, dispatch(number));
      }
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    });
  });
});

describe('An order that is refused for good', () => {
  it.each(['reserveStock', 'authorizePayment'] as const)(
    'by %s fails, gives back what it held, and operators are told',
    async name => {
      const shop = openShop(() => ({
        [name]: async () => {
          throw refusedForGood();
        },
      }));
      await live(shop, {}, async handle => {
        await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
        expect(shop.told).toEqual(['notice order-failed']);
        expect(holdings(shop)).toEqual({ money: 0, stock: false });
        await expect(handle.query(statusQuery)).resolves.toMatchObject({ status: 'failed' });
      });
    },
  );
});
