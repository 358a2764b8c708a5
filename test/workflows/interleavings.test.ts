/**
 * Whatever happens to an order, and in which order: it follows the picture of its life, and once it is closed
 * it holds neither stock nor money. On the real server, since the one whose time skips leaves updates
 * unanswered that meet the order's end.
 */
import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import type { OrderSnapshot } from '../../src/domain/orderInput';
import { mayFollow, type OrderStatus } from '../../src/domain/orderStatus';
import type { OrderPlan } from '../../src/domain/plan';
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
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import { dispatch, packing, statusesOf } from './drive';
import {
  createWorker,
  holdings,
  type OrderHandle,
  openShop,
  plan,
  type Shop,
  startOrder,
} from './shop';
import { openTroubledShop, troubles } from './troubledShop';

jest.setTimeout(240_000);

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  env = await connectRealTemporal();
  const bundle = await bundleQuietly(require.resolve('../../src/workflows'));
  worker = await createWorker(env, bundle, activitiesOfShops());
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await env?.teardown();
});

/** By order id. One worker serves them all, since one for each would cost more than what it runs. */
const shops = new Map<string, Shop>();

/** Each of them is that of the shop to whose order, or parcel, it belongs. */
function activitiesOfShops(): Shop['activities'] {
  const ofShop = (name: keyof Shop['activities']) => (request: never) => {
    const { workflowId } = Context.current().info.workflowExecution!;
    const [orderId] = /[0-9a-f]{8}(-[0-9a-f]+){4}/.exec(workflowId)!;
    return shops.get(orderId)!.activities[name](request);
  };
  const names = Object.keys(openShop().activities) as (keyof Shop['activities'])[];
  return Object.fromEntries(names.map(name => [name, ofShop(name)])) as Shop['activities'];
}

const address = { line1: '1 New Street', city: 'Oslo', state: 'Oslo', postalCode: '0150' };

/** Where an order goes on by itself, and where it waits for somebody. */
const inStride: readonly OrderStatus[] = ['received', 'reserved', 'approved', 'authorized'];
const undecided: readonly OrderStatus[] = [...inStride, 'back-ordered', 'awaiting-approval'];

type Look = (life: OrderSnapshot, isClosed: boolean) => boolean | Promise<boolean>;

/** Looks whenever the history has grown, and no oftener: a question costs the worker as much as a step. */
function follow(handle: OrderHandle, look: Look) {
  let seen = 0;
  return waitFor(
    async () => {
      const { status, historyLength } = await handle.describe();
      if (historyLength === seen) return false;
      seen = historyLength;
      return look(await handle.query(statusQuery), status.name !== 'RUNNING');
    },
    'the order to go on',
    120_000,
  );
}

const untilPast = (handle: OrderHandle, statuses: readonly OrderStatus[]) =>
  follow(handle, ({ status }) => !statuses.includes(status));

async function decide(handle: OrderHandle, decision: 'approve' | 'reject') {
  await untilPast(handle, inStride);
  await handle.executeUpdate(decideUpdate, { args: [{ decision, by: 'ada' }] });
}

/** An order, and whether the stock has come for which it may wait. */
interface World {
  readonly handle: OrderHandle;
  readonly stock: { hasCome: boolean };
}

const happenings = {
  cancel: ({ handle }) => handle.executeUpdate(cancelUpdate, { args: [{ by: 'customer' }] }),
  move: ({ handle }) => handle.executeUpdate(changeAddressUpdate, { args: [address] }),
  approve: ({ handle }) => decide(handle, 'approve'),
  reject: ({ handle }) => decide(handle, 'reject'),
  wake: ({ handle }) => handle.signal(stockReservedSignal),
  replenish: ({ handle, stock }) => {
    stock.hasCome = true;
    return handle.signal(stockReservedSignal);
  },
  pack1: ({ handle }) => handle.signal(packedSignal, packing('1')),
  pack2: ({ handle }) => handle.signal(packedSignal, packing('2')),
  packNone: ({ handle }) => handle.signal(packedSignal, packing('7')),
  dispatch1: ({ handle }) => handle.signal(dispatchedToOrder, dispatch('1')),
  dispatch2: ({ handle }) => handle.shipment('2').signal(dispatchedSignal, dispatch('2')),
  cancelInTemporal: ({ handle }) => handle.cancel(),
  untilItRests: ({ handle }) => untilPast(handle, inStride),
  untilDecided: ({ handle }) => untilPast(handle, undecided),
} as const satisfies Record<string, (world: World) => Promise<unknown>>;

type Script = readonly (keyof typeof happenings)[];
const anything = Object.keys(happenings) as (keyof typeof happenings)[];

/** First what brings an order on, then anything. */
const scripts: fc.Arbitrary<Script> = fc
  .tuple(
    fc.array(fc.constantFrom('replenish', 'untilItRests', 'approve', 'untilDecided'), {
      maxLength: 4,
    }),
    fc.array(fc.constantFrom(...anything), { maxLength: 6 }),
  )
  .map(([first, then]) => [...first, ...then]);

/** Every deadline passes within the run. A silent provider is given up after half of its time. */
const plans = fc.option(fc.constantFrom('approve', 'reject'), { nil: undefined }).map(
  (onExpiry): OrderPlan => ({
    backOrder: { deadlineSeconds: 1 },
    payment: { ...plan.payment, deadlineSeconds: 3 },
    fulfilment: { pickingSeconds: 0.5, dispatchSeconds: 0.5 },
    ...(onExpiry && {
      approval: { limits: { EUR: 1 }, remindSeconds: 0.5, deadlineSeconds: 1, onExpiry },
    }),
  }),
);

/**
 * The warehouse and the carrier do in the end what they are there for. They say it once: a workflow that is
 * told something all the time never gets to close.
 */
function untilClosed(handle: OrderHandle) {
  const said = new Set<string>();
  return follow(handle, async ({ parcels = [] }, isClosed) => {
    if (isClosed) return true;
    for (const { shipment, status } of parcels) {
      const isNew = !said.has(`${shipment} ${status}`);
      said.add(`${shipment} ${status}`);
      if (!isNew) continue;
      if (status === 'picking') await handle.signal(packedSignal, packing(shipment));
      if (status === 'packed') await handle.signal(dispatchedToOrder, dispatch(shipment));
    }
    return false;
  });
}

const quietly = (act: () => Promise<unknown>) => act().catch(() => undefined);

const worth: Readonly<Record<string, number>> = { '1': 1_000, '2': 900 };

/** Nothing is held any more; what was taken is shipped or refunded, and carriers come for that alone. */
function expectSettled(shop: Shop): void {
  const { books } = shop;
  expect(holdings(shop)).toEqual({ money: 0, stock: false });
  const shipped = [...books.parcels.keys()].filter(
    shipment => books.parcels.get(shipment) === 'shipped',
  );
  const revenue = shipped.reduce((sum, shipment) => sum + worth[shipment]!, 0);
  expect(books.captured).toBe(revenue + books.refunded);
  expect([...books.booked].sort()).toEqual(shipped.sort());
}

function expectAllowed(statuses: readonly OrderStatus[]): void {
  expect(statuses[0]).toBe('received');
  for (const [index, status] of statuses.slice(1).entries()) {
    const step = { from: statuses[index]!, to: status };
    expect({ ...step, isAllowed: mayFollow(step.from, step.to) }).toMatchObject({
      isAllowed: true,
    });
  }
  expect(['completed', 'rejected', 'cancelled', 'failed']).toContain(statuses.at(-1));
}

const lives = fc.asyncProperty(troubles, plans, scripts, async (wrong, orderPlan, script) => {
  const stock = { hasCome: false };
  const shop = openTroubledShop(wrong, stock);
  const options = { plan: orderPlan, order: { allowBackOrder: true } };
  const orderId = randomUUID();
  shops.set(orderId, shop);
  const handle = await startOrder(env, worker.options.taskQueue, orderId, options);
  for (const name of script) await quietly(() => happenings[name]({ handle, stock }));
  await untilClosed(handle);
  expectAllowed(await statusesOf(handle));
  expectSettled(shop);
});

it('an order follows the picture of its life, and holds neither stock nor money once it is closed', async () => {
  // Side by side, since an order mostly waits. A failure is not made smaller: each try takes seconds.
  const lanes = Array.from({ length: 10 }, () =>
    fc.assert(lives, { numRuns: 6, endOnFailure: true }),
  );
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
});
