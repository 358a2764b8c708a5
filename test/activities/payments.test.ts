import { createPaymentActivities } from '../../src/activities/payments';
import { startPaymentProvider } from '../../src/partners/paymentProvider';
import { createPaymentGateway } from '../../src/providers/paymentGateway';
import { playPartner, reply } from '../providers/partnerServer';
import { quiet, unique } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { attempt } from './attempt';

const name = 'payment-a';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A real provider, steered by `behave` and known by its books. */
async function startProvider() {
  const provider = await startPaymentProvider({
    name,
    port: 0,
    dataDir: testFolder(),
    logger: quiet,
  });
  const { url } = provider;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= provider.stop();
    return stopped;
  };
  closing.push(stop);
  const read = async (path: string) => (await fetch(`${url}${path}`)).json();
  return {
    url,
    stop,
    behave: (behaviour: object) =>
      fetch(`${url}/behaviour`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(behaviour),
      }),
    books: () => read('/books'),
    of: (key: string) => read(`/authorizations/by-key/${key}`),
  };
}

function activitiesOf(url: string, timeoutMs = 5_000) {
  const gateway = createPaymentGateway({ providers: [{ name, url }], timeoutMs });
  closing.push(() => gateway.stop());
  return createPaymentActivities({ gateway });
}

async function start(timeoutMs?: number) {
  const provider = await startProvider();
  return { provider, ...activitiesOf(provider.url, timeoutMs) };
}

function authorization() {
  const orderId = unique('order');
  const key = `${orderId}:authorize:1`;
  return { provider: name, key, orderId, amount: 1_500, currency: 'EUR' };
}

const unavailable = { type: 'PaymentProviderUnavailable', nonRetryable: true };
const unknown = { type: 'PaymentOutcomeUnknown', nonRetryable: false };
const notArrived = { type: 'PaymentNotArrived', message: expect.stringContaining(name) };
const authorized = { status: 'authorized', authorizationId: expect.any(String) };

describe('The first attempt to authorize a payment', () => {
  it('holds the money', async () => {
    const { provider, authorizePayment } = await start();
    const request = authorization();
    expect(await attempt(1, authorizePayment, request)).toEqual(authorized);
    expect(await provider.of(request.key)).toMatchObject({ status: 'authorized', amount: 1_500 });
  });

  it('answers that the bank declined', async () => {
    const { provider, authorizePayment } = await start();
    await provider.behave({ decline: 1 });
    const answer = await attempt(1, authorizePayment, authorization());
    expect(answer).toEqual({ status: 'declined', reason: 'insufficient funds' });
  });

  it('leaves a provider that can not be reached to the next one', async () => {
    const { provider, authorizePayment } = await start();
    await provider.stop();
    await expect(attempt(1, authorizePayment, authorization())).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining(name),
    });
  });

  it.each([400, 401, 404, 429])(
    'leaves a provider that turns it away with %i to the next one',
    async status => {
      const partner = await playPartner((_, response) => reply(response, status, {}));
      closing.push(partner.close);
      const { authorizePayment } = activitiesOf(partner.url);
      const refused = attempt(1, authorizePayment, authorization());
      await expect(refused).rejects.toMatchObject(unavailable);
    },
  );

  it('sends nothing to a provider of which most calls fail, and leaves it to the next one', async () => {
    const { provider, authorizePayment } = await start();
    await provider.behave({ fail: 1 });
    for (let i = 0; i < 10; i++) {
      await expect(attempt(1, authorizePayment, authorization())).rejects.toMatchObject(unknown);
    }
    await expect(attempt(1, authorizePayment, authorization())).rejects.toMatchObject(unavailable);
  });

  it('leaves a provider where the key is void to the next one', async () => {
    const { provider, authorizePayment, voidPayment } = await start();
    const request = authorization();
    await attempt(1, voidPayment, request);
    await expect(attempt(1, authorizePayment, request)).rejects.toMatchObject(unavailable);
    expect(await provider.of(request.key)).toMatchObject({ status: 'voided' });
  });

  it('fails for good where the key came with another amount', async () => {
    const { authorizePayment } = await start();
    const request = authorization();
    await attempt(1, authorizePayment, request);
    const other = attempt(1, authorizePayment, { ...request, amount: 1 });
    await expect(other).rejects.toMatchObject({ type: 'PartnerRefused', nonRetryable: true });
  });

  it('does not know the outcome where the answer is lost', async () => {
    const { provider, authorizePayment } = await start();
    await provider.behave({ loseAnswer: 1 });
    await expect(attempt(1, authorizePayment, authorization())).rejects.toMatchObject(unknown);
  });
});

describe('A later attempt to authorize a payment', () => {
  it('finds what an earlier one held, and holds nothing more', async () => {
    const { provider, authorizePayment } = await start();
    const request = authorization();
    await provider.behave({ loseAnswer: 1 });
    await expect(attempt(1, authorizePayment, request)).rejects.toMatchObject(unknown);
    await provider.behave({});
    expect(await attempt(2, authorizePayment, request)).toEqual(authorized);
    expect(await provider.books()).toMatchObject({ authorized: { EUR: { amount: 1_500 } } });
  });

  it('finds that an earlier one was declined', async () => {
    const { provider, authorizePayment } = await start();
    const request = authorization();
    await provider.behave({ loseAnswer: 1, decline: 1 });
    await expect(attempt(1, authorizePayment, request)).rejects.toMatchObject(unknown);
    await provider.behave({});
    expect(await attempt(2, authorizePayment, request)).toMatchObject({ status: 'declined' });
  });

  it('gives up a provider that knows nothing of it, and changes nothing there', async () => {
    const { authorizePayment } = await start();
    const request = authorization();
    await expect(attempt(2, authorizePayment, request)).rejects.toMatchObject(notArrived);
    expect(await attempt(1, authorizePayment, request)).toEqual(authorized);
  });

  it('finds what arrived after another one had found nothing', async () => {
    const { authorizePayment } = await start();
    const request = authorization();
    await expect(attempt(2, authorizePayment, request)).rejects.toMatchObject(notArrived);
    await attempt(1, authorizePayment, request);
    expect(await attempt(3, authorizePayment, request)).toEqual(authorized);
  });

  it('leaves a provider where the key is void to the next one', async () => {
    const { authorizePayment, voidPayment } = await start();
    const request = authorization();
    await attempt(1, voidPayment, request);
    await expect(attempt(2, authorizePayment, request)).rejects.toMatchObject(unavailable);
  });

  it('does not know the outcome as long as the provider can not be asked', async () => {
    const { provider, authorizePayment } = await start();
    await provider.behave({ fail: 1 });
    await expect(attempt(2, authorizePayment, authorization())).rejects.toMatchObject(unknown);
    await provider.stop();
    await expect(attempt(3, authorizePayment, authorization())).rejects.toMatchObject(unknown);
  });

  it('waits longer for a slow provider than the first one did, and gives it up where nothing arrived', async () => {
    const { provider, authorizePayment } = await start(500);
    const request = authorization();
    await provider.behave({ latencyMs: 1_500 });
    await expect(attempt(1, authorizePayment, request)).rejects.toMatchObject(unknown);
    await expect(attempt(2, authorizePayment, request)).rejects.toMatchObject(notArrived);
  });
});

describe('Captures, refunds and voids', () => {
  async function startAuthorized() {
    const started = await start();
    const { key, ...request } = authorization();
    const answer = await attempt(1, started.authorizePayment, { key, ...request });
    if (answer.status !== 'authorized') throw new Error('the bank declined');
    const { authorizationId } = answer;
    const capture = { provider: name, key: `${key}:capture`, authorizationId, amount: 500 };
    return { ...started, key, capture };
  }

  it('take, give back and let go exactly once, however often they are repeated', async () => {
    const { provider, key, capture, ...activities } = await startAuthorized();
    const { captureId } = await attempt(1, activities.capturePayment, capture);
    expect(await attempt(2, activities.capturePayment, capture)).toEqual({ captureId });
    const refund = { provider: name, key: `${key}:refund`, captureId, amount: 200 };
    for (const number of [1, 2]) {
      await attempt(number, activities.refundPayment, refund);
      await attempt(number, activities.voidPayment, { provider: name, key });
    }
    const now = { amount: 1_500, captured: 500, refunded: 200, voided: 1_000 };
    expect(await provider.of(key)).toMatchObject(now);
  });

  it.each([
    {
      call: 'capture',
      move: 'POST /authorizations/an-id/captures',
      question: 'GET /captures/by-key/a-key',
      done: { captureId: 'c' },
    },
    {
      call: 'refund',
      move: 'POST /captures/an-id/refunds',
      question: 'GET /refunds/by-key/a-key',
      done: { refundId: 'r' },
    },
  ])('ask what became of a $call before it is repeated', async ({ call, move, question, done }) => {
    let known = 404;
    const partner = await playPartner(({ method }, response) =>
      reply(response, method === 'GET' ? known : 200, done),
    );
    closing.push(partner.close);
    const { capturePayment, refundPayment } = activitiesOf(partner.url);
    const request = { provider: name, key: 'a-key', amount: 1 };
    const made = async (number: number) => {
      const before = partner.received.length;
      await (call === 'capture'
        ? attempt(number, capturePayment, { ...request, authorizationId: 'an-id' })
        : attempt(number, refundPayment, { ...request, captureId: 'an-id' }));
      return partner.received.slice(before).map(({ method, url }) => `${method} ${url}`);
    };
    expect(await made(1)).toEqual([move]);
    expect(await made(2)).toEqual([question, move]);
    known = 403;
    expect(await made(3)).toEqual([question, move]);
    known = 200;
    expect(await made(4)).toEqual([question]);
  });

  it('are tried again where nobody knows the outcome, and then done once', async () => {
    const { provider, key, capture, capturePayment } = await startAuthorized();
    await provider.behave({ loseAnswer: 1 });
    const lost = attempt(1, capturePayment, capture);
    await expect(lost).rejects.toMatchObject({
      type: 'PartnerOutcomeUnknown',
      nonRetryable: false,
    });
    await provider.behave({});
    await attempt(2, capturePayment, capture);
    expect(await provider.of(key)).toMatchObject({ captured: 500 });
  });

  it.each([401, 403])(
    'know of no capture where the provider turns the caller away with %i, and try again',
    async status => {
      const partner = await playPartner((_, response) => reply(response, status, {}));
      closing.push(partner.close);
      const { capturePayment } = activitiesOf(partner.url);
      const request = { provider: name, key: 'a-key', authorizationId: 'an-id', amount: 1 };
      for (const number of [1, 2]) {
        const turnedAway = attempt(number, capturePayment, request);
        await expect(turnedAway).rejects.toMatchObject({
          type: 'PartnerUnavailable',
          nonRetryable: false,
        });
      }
    },
  );

  it('are tried again where the provider can not be reached', async () => {
    const { provider, key, voidPayment } = await startAuthorized();
    await provider.stop();
    await expect(attempt(1, voidPayment, { provider: name, key })).rejects.toMatchObject({
      type: 'PartnerUnavailable',
      nonRetryable: false,
    });
  });

  it('fail for good beyond what is held, or was taken', async () => {
    const { capture, key, capturePayment, refundPayment } = await startAuthorized();
    const refused = { type: 'PartnerRefused', nonRetryable: true };
    const tooMuch = attempt(1, capturePayment, { ...capture, amount: 1_501 });
    await expect(tooMuch).rejects.toMatchObject(refused);
    const { captureId } = await attempt(1, capturePayment, capture);
    const refund = { provider: name, key: `${key}:refund`, captureId, amount: 501 };
    await expect(attempt(1, refundPayment, refund)).rejects.toMatchObject(refused);
  });
});

describe('A provider that is not configured', () => {
  it('fails every payment for good, by its name', async () => {
    const activities = createPaymentActivities({
      gateway: createPaymentGateway({ providers: [], timeoutMs: 1_000 }),
    });
    for (const number of [1, 2]) {
      const refused = attempt(number, activities.authorizePayment, authorization());
      await expect(refused).rejects.toMatchObject({
        type: 'ProviderUnknown',
        nonRetryable: true,
        message: expect.stringContaining(name),
      });
    }
    const voided = attempt(1, activities.voidPayment, authorization());
    await expect(voided).rejects.toMatchObject({ type: 'ProviderUnknown' });
  });

  it('may have captured before it left the configuration, and is waited for', async () => {
    const { capturePayment } = createPaymentActivities({
      gateway: createPaymentGateway({ providers: [], timeoutMs: 1_000 }),
    });
    const request = { provider: name, key: 'a-key', authorizationId: 'an-id', amount: 1 };
    const never = attempt(1, capturePayment, request);
    await expect(never).rejects.toMatchObject({ type: 'ProviderUnknown', nonRetryable: true });
    const perhaps = attempt(2, capturePayment, request);
    await expect(perhaps).rejects.toMatchObject({
      type: 'PartnerOutcomeUnknown',
      nonRetryable: false,
      message: expect.stringContaining(name),
    });
  });
});
