import type { Call } from '../../src/providers/call';
import { createHttpCall } from '../../src/providers/http';
import { createPaymentProvider } from '../../src/providers/paymentProvider';
import { call as ask } from '../partners/calling';
import { type Bank, collect, openBank } from './bank';
import { playPartner, reply } from './partnerServer';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(): Promise<Bank> {
  const bank = await openBank('payment-a');
  closing.push(bank.stop);
  return bank;
}

/** A client over HTTP; `asked` tells of each page it asks for, before it is asked for. */
function clientOf(url: string, asked: (pages: number) => unknown = () => undefined) {
  const name = 'payment-a';
  const send = createHttpCall({ name, url });
  let pages = 0;
  const call: Call = async request => {
    await asked(++pages);
    return send(request);
  };
  const { held } = createPaymentProvider({ name, call, timeoutMs: 5_000 });
  return { held, pages: () => pages };
}

describe('What a payment provider holds', () => {
  it('is told page by page to the last one, each authorization once and oldest first', async () => {
    const bank = await open();
    const ids = await bank.holdFor(230);
    const client = clientOf(bank.url);
    const { told, failure } = await collect(client.held());
    expect(failure).toBeUndefined();
    expect(told.map(({ authorizationId }) => authorizationId)).toEqual(ids);
    expect(client.pages()).toBe(3);
  });

  it('names the provider, the order and how much it is', async () => {
    const bank = await open();
    const authorizationId = await bank.authorize('A-1');
    const { told } = await collect(clientOf(bank.url).held());
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(told).toEqual([
      expect.objectContaining({
        provider: 'payment-a',
        orderId: 'A-1',
        authorizationId,
        amount: 1_900,
        currency: 'EUR',
        at,
      }),
    ]);
  });

  it('is nothing of what was let go or taken as a whole', async () => {
    const bank = await open();
    const taken = await bank.authorize('A-1');
    await bank.authorize('A-2');
    const still = await bank.authorize('A-3');
    const path = `${bank.url}/authorizations/${taken}/captures`;
    await ask('POST', path, { key: 'A-1:capture:1', body: { amount: 1_900 } });
    await bank.void('A-2:authorize:1');
    const { told } = await collect(clientOf(bank.url).held());
    expect(told.map(({ authorizationId }) => authorizationId)).toEqual([still]);
  });

  it('ends with an empty page where the last one was full', async () => {
    const bank = await open();
    const ids = await bank.holdFor(100);
    const client = clientOf(bank.url);
    expect((await collect(client.held())).told).toHaveLength(ids.length);
    expect(client.pages()).toBe(2);
  });

  it('leaves no page out without saying so: one that does not come is a failure', async () => {
    const bank = await open();
    await bank.holdFor(101);
    const client = clientOf(bank.url, pages => pages === 2 && bank.behave({ fail: 1 }));
    const { told, failure } = await collect(client.held());
    expect(told).toHaveLength(100);
    expect(failure).toMatchObject({ code: 'PartnerOutcomeUnknown' });
  });

  it.each([
    ['turns the question away', 403, {}, 'PartnerRefused'],
    ['tells of holds without an order', 200, [{ authorizationId: 'x' }], 'PartnerOutcomeUnknown'],
  ])('is a failure of a provider that %s', async (_, status, body, code) => {
    const partner = await playPartner((_request, response) => reply(response, status, body));
    closing.push(partner.close);
    const { told, failure } = await collect(clientOf(partner.url).held());
    expect(told).toEqual([]);
    expect(failure).toMatchObject({ code });
  });
});
