/** What the sweep finds of money, with the real Temporal, the real Postgres and the project's own payment providers. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createPaymentActivities } from '../../src/activities/payments';
import { orderWorkflowId } from '../../src/domain/ids';
import { type OperatorNotice, operatorNotice } from '../../src/messages/operatorNotice';
import { readParcels } from '../../src/postgres/parcels';
import { createReservations } from '../../src/postgres/reservations';
import { createPaymentGateway, type PaymentGateway } from '../../src/providers/paymentGateway';
import { createOrderFates } from '../../src/watcher/orderFate';
import { type SweepReport, sweep } from '../../src/watcher/sweep';
import { type Bank, openBank } from '../providers/bank';
import { createDatabase, type TestDatabase } from '../support/database';
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';
import { type OrderHandle, openShop, plan, withOrder } from '../workflows/shop';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
let database: TestDatabase;
beforeAll(async () => {
  env = await connectRealTemporal();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
  database = await createDatabase();
});
afterAll(async () => {
  await env?.teardown();
  await database?.drop();
});

let a: Bank;
let b: Bank;
let gateway: PaymentGateway;
beforeEach(async () => {
  [a, b] = await Promise.all([openBank('a'), openBank('b')]);
  gateway = createPaymentGateway({ providers: [a, b], timeoutMs: 5_000 });
});
afterEach(async () => {
  jest.restoreAllMocks();
  gateway.stop();
  await Promise.all([a.stop(), b.stop()]);
});

/** Runs an order until its money is held and it waits for the warehouse; no worker goes on with it after that. */
async function paidOrder(end: (handle: OrderHandle) => Promise<unknown>): Promise<string> {
  const shop = openShop(() => createPaymentActivities({ gateway }));
  const { payment, fulfilment } = plan;
  return withOrder(env, bundle, shop, { plan: { payment, fulfilment } }, async handle => {
    await waitFor(() => shop.told.includes('OrderConfirmed'), 'the order to be confirmed');
    await end(handle);
    return handle.orderId;
  });
}

const terminatedOrder = () => paidOrder(handle => handle.terminate('by the test'));

/** As it is after the retention: Temporal has nothing of the order any more. */
async function forget(orderId: string): Promise<void> {
  const { workflow, workflowService } = env.client;
  const workflowId = orderWorkflowId(orderId);
  await workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
  });
  const isGone = () =>
    workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        () => true,
      );
  await waitFor(isGone, 'Temporal to have forgotten the order');
}

/** One pass, a quarter of an hour from now: a hold that is younger than ten minutes is not looked at. */
async function pass(): Promise<SweepReport & { readonly notices: readonly OperatorNotice[] }> {
  const later = Date.now() + 15 * 60_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
  const { report, notices } = await passNow();
  clock.mockRestore();
  return { ...report, notices };
}

async function passNow() {
  const notices: OperatorNotice[] = [];
  const { client } = env;
  const report = await sweep(
    {
      pool: database.pool,
      fates: createOrderFates({
        client,
        taskQueue: 'of-no-order',
        pace: async () => undefined,
        parcelsOf: orderId => readParcels(database.pool, orderId),
      }),
      release: createReservations(database.pool, { ttlHours: 1 }).release,
      held: gateway.held,
      tell: async notice => notices.push(operatorNotice.schema.parse(notice)),
      ttlHours: 1,
      retentionMs: async () => 24 * 3_600_000,
    },
    () => undefined,
  );
  return { report, notices };
}

/** The first authorization of a provider whose books were empty. */
const firstAt = ({ name }: Bank) => `by ${name} under authorization ${name}-authorization-1`;

describe('the sweep, of money', () => {
  it('tells operators which provider holds some for an order that was terminated, until it is let go', async () => {
    const orderId = await terminatedOrder();
    const { moneyHeld, notices, silent } = await pass();
    expect({ moneyHeld, silent }).toEqual({ moneyHeld: [orderId], silent: [] });
    const text = expect.stringContaining(`order ${orderId}, that is over: ${firstAt(a)}.`);
    expect(notices).toMatchObject([{ orderId, reason: 'money-held', text }]);
    await a.void(`${orderId}:authorize:1`);
    expect(await pass()).toMatchObject({ moneyHeld: [], notices: [] });
  });

  it('tells them of one that Temporal has forgotten, and that nobody knows what became of it', async () => {
    const orderId = await terminatedOrder();
    await forget(orderId);
    const { moneyHeld, notices } = await pass();
    expect(moneyHeld).toEqual([orderId]);
    const text = expect.stringContaining(
      `order ${orderId}, that Temporal knows nothing of: ${firstAt(a)}.`,
    );
    expect(notices).toMatchObject([{ orderId, reason: 'money-held', text }]);
  });

  it('names every provider that holds some for one order in one notice', async () => {
    const orderId = await terminatedOrder();
    await b.authorize(orderId, `${orderId}:authorize:2`);
    const { moneyHeld, notices } = await pass();
    expect(moneyHeld).toEqual([orderId]);
    const text = expect.stringContaining(`that is over: ${firstAt(a)}, ${firstAt(b)}.`);
    expect(notices).toMatchObject([{ orderId, text }]);
  });

  it('says nothing of an order that goes on, nor of a hold that has only just been made', async () => {
    let alive: OrderHandle | undefined;
    await paidOrder(async handle => {
      alive = handle;
    });
    try {
      expect(await pass()).toMatchObject({ moneyHeld: [], notices: [] });
    } finally {
      await alive?.terminate();
    }
    expect((await passNow()).report.moneyHeld).toEqual([]);
    expect((await pass()).moneyHeld).toEqual([alive?.orderId]);
  });

  it('tells what one provider holds while the other is down, which the next pass asks again', async () => {
    const orderId = await terminatedOrder();
    const atOther = await b.authorize('unknown');
    await a.behave({ fail: 1 });
    const during = await pass();
    expect(during).toMatchObject({
      moneyHeld: ['unknown'],
      silent: [{ provider: 'a', code: 'PartnerOutcomeUnknown' }],
    });
    expect(during.notices[0]?.text).toContain(`by b under authorization ${atOther}`);
    await a.behave({});
    expect(await pass()).toMatchObject({ moneyHeld: [orderId, 'unknown'], silent: [] });
  });
});
