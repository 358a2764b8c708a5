/** Paying for an order, on the server whose time skips. */
import { statusQuery } from '../../src/workflows/orderInterface';
import { waitFor } from '../support/waitFor';
import { onSkippingTime, send, untilStatus } from './drive';
import { holdings, openShop, plan, silence, unavailable } from './shop';

jest.setTimeout(120_000);

const { live, sleep } = onSkippingTime();

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
      await sleep('1 minute');
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
      await sleep('10 minutes');
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
