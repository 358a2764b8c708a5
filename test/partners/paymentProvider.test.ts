import { startPaymentProvider } from '../../src/partners/paymentProvider';
import type { Partner } from '../../src/partners/server';
import { quiet } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { call, statusOf } from './calling';

const euros = (amount: number, orderId = 'A-1') => ({ orderId, amount, currency: 'EUR' });

let running: Partner[] = [];
afterEach(async () => {
  await Promise.all(running.map(partner => partner.stop()));
  running = [];
});

async function start(dataDir = testFolder(), name = 'payment-a'): Promise<Partner> {
  const partner = await startPaymentProvider({ name, port: 0, dataDir, logger: quiet });
  running.push(partner);
  return partner;
}

/** A provider and the calls of its protocol. */
async function provider(dataDir?: string) {
  const partner = await start(dataDir);
  const { url } = partner;
  const byKey = (key: string) => `${url}/authorizations/by-key/${encodeURIComponent(key)}`;
  const authorize = (key: string, body: object) =>
    call('POST', `${url}/authorizations`, { key, body });
  return {
    partner,
    url,
    authorize,
    byKey: (key: string) => call('GET', byKey(key)),
    void: (key: string) => call('POST', `${byKey(key)}/void`),
    capture: (id: string, key: string, amount: number) =>
      call('POST', `${url}/authorizations/${id}/captures`, { key, body: { amount } }),
    refund: (id: string, key: string, amount: number) =>
      call('POST', `${url}/captures/${id}/refunds`, { key, body: { amount } }),
    captureByKey: (key: string) => call('GET', `${url}/captures/by-key/${key}`),
    refundByKey: (key: string) => call('GET', `${url}/refunds/by-key/${key}`),
    held: (query = '') => call('GET', `${url}/authorizations?status=held${query}`),
    books: async () => (await call('GET', `${url}/books`)).body,
    behave: (body: object) => call('PUT', `${url}/behaviour`, { body }),
    async authorized(key: string, body: object): Promise<string> {
      const answer = await authorize(key, body);
      expect(answer).toMatchObject({ status: 201, body: { status: 'authorized' } });
      return (answer.body as { authorizationId: string }).authorizationId;
    },
  };
}

const nothing = {
  ...{ authorized: {}, declined: {}, captured: {}, voided: {}, refunded: {}, held: {} },
};

describe('A payment provider', () => {
  it('holds money, and tells by key what became of it', async () => {
    const { authorize, byKey } = await provider();
    const answer = await authorize('A-1:authorize:1', euros(2250));
    expect(answer).toEqual({
      status: 201,
      body: { authorizationId: 'payment-a-authorization-1', status: 'authorized' },
    });
    expect(await byKey('A-1:authorize:1')).toEqual({
      status: 200,
      body: {
        authorizationId: 'payment-a-authorization-1',
        status: 'authorized',
        amount: 2250,
        currency: 'EUR',
        captured: 0,
        refunded: 0,
        voided: 0,
      },
    });
    expect((await byKey('A-2:authorize:1')).status).toBe(404);
  });

  it('answers a repeated key with the same authorization, and refuses it with another body', async () => {
    const { authorize, books } = await provider();
    const first = await authorize('k', euros(100));
    expect(await authorize('k', euros(100))).toEqual(first);
    for (const other of [euros(101), euros(100, 'A-2'), { ...euros(100), currency: 'USD' }]) {
      expect(await authorize('k', other)).toMatchObject({
        status: 422,
        body: { code: 'KeyReused' },
      });
    }
    expect(await books()).toMatchObject({ authorized: { EUR: { amount: 100, count: 1 } } });
  });

  it('captures in parts what it holds, each key once, and never more', async () => {
    const { authorized, capture, books } = await provider();
    const id = await authorized('k', euros(100));
    const first = await capture(id, 'c1', 60);
    expect(first).toEqual({ status: 201, body: { captureId: 'payment-a-capture-1' } });
    expect(await capture(id, 'c1', 60)).toEqual(first);
    expect(await capture(id, 'c1', 40)).toMatchObject({ status: 422, body: { code: 'KeyReused' } });
    expect(await capture(id, 'c2', 41)).toMatchObject({
      status: 422,
      body: { code: 'ExceedsHold', reason: '40 is held' },
    });
    expect((await capture(id, 'c3', 40)).status).toBe(201);
    expect((await capture('nobody', 'c4', 1)).status).toBe(404);
    expect(await books()).toEqual({
      authorized: { EUR: { amount: 100, count: 1 } },
      captured: { EUR: { amount: 100, count: 2 } },
      declined: {},
      voided: {},
      refunded: {},
      held: {},
    });
  });

  it('gives back at most what a capture took', async () => {
    const { authorized, capture, refund, byKey } = await provider();
    const id = await authorized('k', euros(100));
    await capture(id, 'c1', 60);
    const first = await refund('payment-a-capture-1', 'r1', 50);
    expect(first).toEqual({ status: 201, body: { refundId: 'payment-a-refund-1' } });
    expect(await refund('payment-a-capture-1', 'r1', 50)).toEqual(first);
    expect(await refund('payment-a-capture-1', 'r2', 11)).toMatchObject({
      status: 422,
      body: { code: 'ExceedsCapture', reason: '10 is left of the capture' },
    });
    expect((await refund('nobody', 'r3', 1)).status).toBe(404);
    expect((await byKey('k')).body).toMatchObject({ captured: 60, refunded: 50 });
  });

  it('tells by key what was captured and given back, and of a key that never came that it is not known', async () => {
    const { authorized, capture, refund, captureByKey, refundByKey } = await provider();
    const id = await authorized('k', euros(100));
    expect(await captureByKey('c1')).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    const { body: captured } = await capture(id, 'c1', 60);
    expect(await captureByKey('c1')).toEqual({ status: 200, body: captured });
    expect(await refundByKey('r1')).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    const { body: refunded } = await refund('payment-a-capture-1', 'r1', 50);
    expect(await refundByKey('r1')).toEqual({ status: 200, body: refunded });
  });

  it('lets go of what is not captured, as often as it is asked', async () => {
    const { authorized, authorize, capture, byKey, void: letGo } = await provider();
    const id = await authorized('k', euros(100));
    await capture(id, 'c1', 60);
    for (const _ of [1, 2]) {
      expect(await letGo('k')).toEqual({ status: 200, body: { status: 'voided', voided: 40 } });
    }
    expect((await capture(id, 'c2', 1)).body).toMatchObject({ code: 'ExceedsHold' });
    expect((await authorize('k', euros(100))).body).toMatchObject({ code: 'Voided' });
    expect((await byKey('k')).body).toMatchObject({ status: 'voided', captured: 60, voided: 40 });
  });

  it('never holds anything for a key that was voided before it came', async () => {
    const { authorize, books, byKey, void: letGo } = await provider();
    expect(await letGo('late')).toEqual({ status: 200, body: { status: 'voided', voided: 0 } });
    expect(await authorize('late', euros(100))).toMatchObject({
      status: 409,
      body: { code: 'Voided' },
    });
    expect((await byKey('late')).body).toMatchObject({ status: 'voided', amount: 0, captured: 0 });
    expect(await books()).toEqual(nothing);
  });

  it('lists in pages what is still held, and nothing else', async () => {
    const { authorized, capture, held, void: letGo } = await provider();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) ids.push(await authorized(`k${n}`, euros(n * 10, `A-${n}`)));
    await letGo('k2');
    await capture(ids[3]!, 'c', 15);
    const first = await held('&limit=2');
    expect(first.body).toMatchObject([
      { authorizationId: ids[0], orderId: 'A-1', key: 'k1', amount: 10, currency: 'EUR' },
      { authorizationId: ids[2], orderId: 'A-3', captured: 0, voided: 0, held: 30 },
    ]);
    const second = await held(`&limit=2&after=${ids[2]}`);
    expect(second.body).toMatchObject([
      { authorizationId: ids[3], captured: 15, held: 25 },
      { authorizationId: ids[4] },
    ]);
    expect(await held(`&limit=2&after=${ids[4]}`)).toEqual({ status: 200, body: [] });
    expect((await held('&after=nobody')).status).toBe(404);
  });

  it('says what is wrong with a call that it does not understand', async () => {
    const { url, authorize, behave } = await provider();
    expect(await authorize('k', { ...euros(1), amount: 0.5 })).toMatchObject({
      status: 400,
      body: { code: 'Invalid', reason: expect.stringContaining('amount') },
    });
    expect(await call('POST', `${url}/authorizations`, { body: euros(1) })).toMatchObject({
      status: 400,
      body: { reason: expect.stringContaining('idempotency-key') },
    });
    const notJson = await fetch(`${url}/authorizations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([notJson.status, await notJson.json()]).toMatchObject([400, { code: 'Invalid' }]);
    expect((await call('GET', `${url}/nothing`)).status).toBe(404);
    expect(await behave({ refuse: 0.1 })).toMatchObject({
      status: 400,
      body: { reason: expect.stringContaining('refuse') },
    });
    expect((await behave({ fail: 1.5 })).status).toBe(400);
  });
});

describe('The behaviour of a payment provider', () => {
  it('is good until it is told otherwise, and again when it is told nothing', async () => {
    const { url, behave } = await provider();
    const good = { fail: 0, latencyMs: 0, loseAnswer: 0, decline: 0 };
    expect((await call('GET', `${url}/behaviour`)).body).toEqual(good);
    expect((await behave({ fail: 0.5 })).body).toEqual({ ...good, fail: 0.5 });
    expect((await behave({})).body).toEqual(good);
  });

  it('does nothing where it fails', async () => {
    const { authorize, behave, books } = await provider();
    await behave({ fail: 1 });
    expect(await authorize('k', euros(100))).toMatchObject({
      status: 503,
      body: { code: 'Unavailable' },
    });
    expect(await books()).toEqual(nothing);
    await behave({});
    expect((await authorize('k', euros(100))).status).toBe(201);
  });

  it('fails some of the calls, and a repeated call not for ever', async () => {
    const { authorize, behave } = await provider();
    await behave({ fail: 0.5 });
    const attemptsNeeded: number[] = [];
    for (let n = 0; n < 40; n++) {
      let attempts = 1;
      while ((await authorize(`k${n}`, euros(n))).status !== 201) attempts++;
      attemptsNeeded.push(attempts);
    }
    expect(attemptsNeeded.filter(attempts => attempts === 1).length).toBeGreaterThan(8);
    expect(attemptsNeeded.filter(attempts => attempts > 1).length).toBeGreaterThan(8);
  });

  it('loses answers both ways, and has done the work all the same', async () => {
    const { authorize, behave, books } = await provider();
    await behave({ loseAnswer: 1 });
    const statuses = new Set<number>();
    for (let n = 0; n < 20; n++) statuses.add(await statusOf(authorize(`k${n}`, euros(10))));
    expect([...statuses].sort()).toEqual([0, 503]);
    expect(await books()).toMatchObject({ authorized: { EUR: { amount: 200, count: 20 } } });
    await behave({});
    expect((await authorize('k7', euros(10))).status).toBe(201);
    expect(await books()).toMatchObject({ authorized: { EUR: { count: 20 } } });
  });

  it('declines for good: the same key gets the same answer after the behaviour has changed', async () => {
    const { authorize, behave, books, byKey, void: letGo } = await provider();
    await behave({ decline: 1 });
    const declined = {
      authorizationId: 'payment-a-authorization-1',
      status: 'declined',
      reason: 'insufficient funds',
    };
    expect(await authorize('k', euros(100))).toEqual({ status: 201, body: declined });
    await behave({});
    expect((await authorize('k', euros(100))).body).toEqual(declined);
    expect((await letGo('k')).body).toEqual({ status: 'voided', voided: 0 });
    expect((await byKey('k')).body).toMatchObject({
      status: 'declined',
      reason: 'insufficient funds',
      voided: 0,
    });
    expect(await books()).toMatchObject({
      authorized: {},
      held: {},
      declined: { EUR: { amount: 100, count: 1 } },
    });
  });

  it('hits the same calls in every run, and others at another provider', async () => {
    const failing = async (name: string) => {
      const { url } = await start(testFolder(), name);
      await call('PUT', `${url}/behaviour`, { body: { fail: 0.5 } });
      const statuses: number[] = [];
      for (let n = 0; n < 30; n++) {
        const sent = { key: `k${n}`, body: euros(1) };
        statuses.push((await call('POST', `${url}/authorizations`, sent)).status);
      }
      return statuses.join();
    };
    const first = await failing('payment-a');
    expect(await failing('payment-a')).toBe(first);
    expect(await failing('payment-b')).not.toBe(first);
  });

  it('keeps a caller waiting as long as told, yet ends at once when it is stopped', async () => {
    const { partner, authorize, behave, url } = await provider();
    await behave({ latencyMs: 600_000 });
    let answered = false;
    const slow = authorize('k', euros(100)).finally(() => {
      answered = true;
    });
    await call('GET', `${url}/books`);
    expect(answered).toBe(false);
    await partner.stop();
    // Done, where it had arrived; else turned away.
    expect([201, 503]).toContain((await slow).status);
  });
});

describe('The books of a payment provider', () => {
  it('are the same after a restart, and so are its answers', async () => {
    const dataDir = testFolder();
    const before = await provider(dataDir);
    const id = await before.authorized('k1', euros(100));
    await before.capture(id, 'c1', 60);
    await before.refund('payment-a-capture-1', 'r1', 10);
    await before.void('k1');
    await before.void('late');
    await before.authorized('k2', { ...euros(5), currency: 'JPY' });
    const [books, held] = [await before.books(), await before.held()];
    await before.partner.stop();

    const after = await provider(dataDir);
    expect(await after.books()).toEqual(books);
    expect(await after.held()).toEqual(held);
    expect((await after.capture(id, 'c1', 60)).body).toEqual({ captureId: 'payment-a-capture-1' });
    expect((await after.authorize('late', euros(1))).status).toBe(409);
    expect(await after.authorized('k3', euros(1))).toBe('payment-a-authorization-4');
  });
});

it('A partner whose port is taken says so', async () => {
  const { url } = await start();
  const port = Number(new URL(url).port);
  const second = startPaymentProvider({ name: 'b', port, dataDir: testFolder(), logger: quiet });
  await expect(second).rejects.toMatchObject({ code: 'PartnerPortTaken' });
});
