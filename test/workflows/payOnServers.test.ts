/** An order and its payment providers, all of them real servers: what becomes of money that nobody answers for. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createPaymentActivities } from '../../src/activities/payments';
import { startPaymentProvider } from '../../src/partners/paymentProvider';
import { createPaymentGateway } from '../../src/providers/paymentGateway';
import { quiet } from '../support/kafka';
import { connectRealTemporal } from '../support/realTemporal';
import { bundleQuietly } from '../support/temporalSdk';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { type OrderHandle, openShop, type Shop, withOrder } from './shop';

jest.setTimeout(60_000);

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  env = await connectRealTemporal();
  bundle = await bundleQuietly(require.resolve('../../src/workflows'));
});
afterAll(() => env?.teardown());

async function startProvider(name: string) {
  const server = await startPaymentProvider({
    name,
    port: 0,
    dataDir: testFolder(),
    logger: quiet,
  });
  const headers = { 'content-type': 'application/json' };
  return {
    name,
    url: server.url,
    stop: server.stop,
    behave: (behaviour: object) =>
      fetch(`${server.url}/behaviour`, {
        method: 'PUT',
        headers,
        body: JSON.stringify(behaviour),
      }),
    books: async () => (await fetch(`${server.url}/books`)).json(),
    /** What comes late: the authorization of a round, as the order would have sent it. */
    authorizeLate: (orderId: string, round: number) =>
      fetch(`${server.url}/authorizations`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': `${orderId}:authorize:${round}` },
        body: JSON.stringify({ orderId, amount: 1_900, currency: 'EUR' }),
      }),
  };
}

type Provider = Awaited<ReturnType<typeof startProvider>>;

/** Runs one order that is paid by two providers, and ends once it is confirmed. */
async function withProviders(
  deadlineSeconds: number,
  use: (
    providers: { readonly a: Provider; readonly b: Provider },
    run: (use: (handle: OrderHandle, shop: Shop) => Promise<void>) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const [a, b] = await Promise.all([startProvider('a'), startProvider('b')]);
  const gateway = createPaymentGateway({ providers: [a, b], timeoutMs: 1_000 });
  const shop = openShop(() => createPaymentActivities({ gateway }));
  const payment = { providers: ['a', 'b'], deadlineSeconds };
  try {
    await use({ a, b }, run =>
      withOrder(env, bundle, shop, { plan: { payment } }, handle => run(handle, shop)),
    );
  } finally {
    gateway.stop();
    await Promise.all([a.stop(), b.stop()]);
  }
}

/** With which attempt each of these activities ended, in the order of their starts. */
async function attemptsOf(handle: OrderHandle, activity: string): Promise<(number | undefined)[]> {
  const events = (await handle.fetchHistory()).events ?? [];
  const scheduled = events.filter(
    ({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name === activity,
  );
  return scheduled.map(
    ({ eventId }) =>
      events.find(({ activityTaskStartedEventAttributes: it }) =>
        it?.scheduledEventId?.equals(eventId ?? 0),
      )?.activityTaskStartedEventAttributes?.attempt ?? undefined,
  );
}

const all = { EUR: { amount: 1_900, count: 1 } };
/** Nothing at all, which an empty object does not ask for where only a part is compared. */
const none = expect.not.objectContaining({ EUR: expect.anything() });

it('an order whose first provider is down is paid by the second one, and waits with its end until the first has let go', () =>
  withProviders(6, async ({ a, b }, run) => {
    await a.behave({ fail: 1 });
    await run(async (handle, shop) => {
      await waitFor(
        () => shop.told.includes('OrderConfirmed'),
        'the order to be confirmed',
        30_000,
      );
      expect(await b.books()).toMatchObject({ authorized: all, held: all });
      expect((await handle.describe()).status.name).toBe('RUNNING');
      await a.behave({});
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect((await a.authorizeLate(handle.orderId, 1)).status).toBe(409);
      expect(await a.books()).toMatchObject({ authorized: none, held: none });
    });
  }));

it('an order whose first provider has not heard of it, though asked, is paid by the second one at once', () =>
  withProviders(60, async ({ a, b }, run) => {
    await a.behave({ latencyMs: 2_500 });
    await run(async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect(await attemptsOf(handle, 'authorizePayment')).toEqual([2, 1]);
      expect(await b.books()).toMatchObject({ authorized: all, held: all });
      expect((await a.authorizeLate(handle.orderId, 1)).status).toBe(409);
      expect(await a.books()).toMatchObject({ authorized: none, held: none });
    });
  }));

it('an order that no provider answers is rejected at its deadline, and nothing is held for it in the end', () =>
  withProviders(3, async ({ a, b }, run) => {
    await a.behave({ loseAnswer: 1 });
    await b.behave({ fail: 1 });
    await run(async (handle, shop) => {
      await waitFor(() => shop.told.includes('OrderRejected'), 'the order to be rejected', 30_000);
      expect(await a.books()).toMatchObject({ authorized: all });
      await Promise.all([a.behave({}), b.behave({})]);
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'PaymentUnavailable',
      });
      expect(await a.books()).toMatchObject({ authorized: all, voided: all, captured: none });
      expect((await b.authorizeLate(handle.orderId, 1)).status).toBe(409);
      expect(await b.books()).toMatchObject({ authorized: none });
    });
  }));
