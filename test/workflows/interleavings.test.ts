/**
 * Whatever happens to an order, and in which order: once it is closed it holds neither stock nor money. On
 * the real server, since the one whose time skips leaves updates unanswered that meet the order's end.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import fc from 'fast-check';
import {
  cancelUpdate,
  changeAddressUpdate,
  dispatchedSignal as dispatchedToOrder,
  packedSignal,
  statusQuery,
  stockReservedSignal,
} from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import {
  holdings,
  type OrderHandle,
  openShop,
  plan,
  refusedForGood,
  type Shop,
  silence,
  unavailable,
  withOrder,
} from './shop';

jest.setTimeout(240_000);

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  env = await connectRealTemporal();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

const at = '2026-01-31T12:00:00.000Z';
const address = { line1: '1 New Street', city: 'Oslo', state: 'Oslo', postalCode: '0150' };

const happenings = {
  cancel: handle => handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] }),
  move: handle => handle.executeUpdate(changeAddressUpdate, { args: [address] }),
  wake: handle => handle.signal(stockReservedSignal),
  pack1: handle => handle.signal(packedSignal, { shipment: '1', packedAt: at }),
  pack2: handle => handle.signal(packedSignal, { shipment: '2', packedAt: at }),
  packNone: handle => handle.signal(packedSignal, { shipment: '7', packedAt: at }),
  dispatch1: handle => handle.signal(dispatchedToOrder, dispatchOf('1')),
  dispatch2: handle => handle.shipment('2').signal(dispatchedSignal, dispatchOf('2')),
  cancelInTemporal: handle => handle.cancel(),
  untilConfirmed: handle =>
    waitFor(async () => {
      const { status } = await handle.query(statusQuery);
      return !['received', 'back-ordered', 'reserved', 'authorized'].includes(status);
    }),
} as const satisfies Record<string, (handle: OrderHandle) => Promise<unknown>>;

const dispatchOf = (shipment: string) => ({
  shipment,
  carrier: 'swift',
  trackingNumber: `T-${shipment}`,
  dispatchedAt: at,
});

/** How a step goes wrong before it works: done though its answer is lost, not done, or refused for good. */
const trouble = fc.constantFrom('none', 'lost', 'away', 'refused');
const troubles = fc.record({
  reserveStock: trouble,
  authorizePayment: trouble,
  capturePayment: trouble,
  bookCarrier: trouble,
  voidPayment: fc.constantFrom('none', 'lost', 'away'),
  releaseStock: fc.constantFrom('none', 'lost', 'away'),
  refundPayment: fc.constantFrom('none', 'lost', 'away'),
});
type Troubles = typeof troubles extends fc.Arbitrary<infer T> ? T : never;

/** The first provider answers, is surely not there, or holds the money and never says so. */
const firstProvider = fc.constantFrom('well', 'down', 'silent');
type FirstProvider = typeof firstProvider extends fc.Arbitrary<infer T> ? T : never;

/** A silent provider is given up after half of it. */
const payment = { ...plan.payment, deadlineSeconds: 8 };

/** A shop in which steps go wrong once. What is done twice is done once, as its partners promise. */
function troubledShop(wrong: Troubles, providerA: FirstProvider): Shop {
  return openShop(({ activities }) => {
    const once = <In, Out>(name: keyof Troubles, act: (request: In) => Promise<Out>) => {
      const answers = new Map<string, Promise<Out>>();
      const failed = new Set<string>();
      return async (request: In): Promise<Out> => {
        const key = JSON.stringify(request);
        const isFirst = !failed.has(key);
        failed.add(key);
        const how = wrong[name];
        if (how === 'refused') throw refusedForGood();
        if (isFirst && how === 'away') throw ApplicationFailure.retryable('away', 'Away');
        const answer = answers.get(key) ?? act(request);
        answers.set(key, answer);
        await answer;
        if (isFirst && how === 'lost') throw ApplicationFailure.retryable('lost', 'Lost');
        return answer;
      };
    };
    const authorize = once('authorizePayment', activities.authorizePayment);
    return {
      reserveStock: once('reserveStock', activities.reserveStock),
      authorizePayment: async request => {
        if (request.provider === 'a' && providerA === 'down') throw unavailable();
        const answer = await authorize(request);
        if (request.provider === 'a' && providerA === 'silent') throw silence();
        return answer;
      },
      capturePayment: once('capturePayment', activities.capturePayment),
      bookCarrier: once('bookCarrier', activities.bookCarrier),
      voidPayment: once('voidPayment', activities.voidPayment),
      releaseStock: once('releaseStock', activities.releaseStock),
      refundPayment: once('refundPayment', activities.refundPayment),
    };
  });
}

/**
 * The warehouse and the carrier do in the end what they are there for. They say it once: a workflow that is
 * told something all the time never gets to close.
 */
const untilClosed = (handle: OrderHandle) =>
  waitFor(async () => {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return true;
    for (const { shipment, status } of (await handle.query(statusQuery)).parcels ?? []) {
      const isNew = !said.has(`${handle.orderId} ${shipment} ${status}`);
      said.add(`${handle.orderId} ${shipment} ${status}`);
      if (!isNew) continue;
      if (status === 'picking') await handle.signal(packedSignal, { shipment, packedAt: at });
      if (status === 'packed') await handle.signal(dispatchedToOrder, dispatchOf(shipment));
    }
    return false;
  }, 'the order to close');

const said = new Set<string>();

const quietly = (act: () => Promise<unknown>) => act().catch(() => undefined);

it('an order that is closed holds neither stock nor money, and what was taken is shipped or refunded', async () => {
  await fc.assert(
    fc.asyncProperty(
      troubles,
      firstProvider,
      fc.array(fc.constantFrom(...(Object.keys(happenings) as (keyof typeof happenings)[])), {
        maxLength: 8,
      }),
      async (wrong, providerA, script) => {
        const shop = troubledShop(wrong, providerA);
        await withOrder(env, bundle, shop, { plan: { ...plan, payment } }, async handle => {
          for (const name of script) await quietly(() => happenings[name](handle));
          await untilClosed(handle);
          const { books } = shop;
          expect(holdings(shop)).toEqual({ money: 0, stock: false });
          const worth = { '1': 1_000, '2': 900 };
          const shipped = [...books.parcels]
            .filter(([, state]) => state === 'shipped')
            .reduce((sum, [shipment]) => sum + worth[shipment as '1' | '2'], 0);
          expect(books.captured).toBe(shipped + books.refunded);
        });
      },
    ),
    { numRuns: 15 },
  );
});
