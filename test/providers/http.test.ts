import { createHttpCall } from '../../src/providers/http';
import { playPartner, reply } from './partnerServer';

const partners: Awaited<ReturnType<typeof playPartner>>[] = [];
afterEach(() => Promise.all(partners.splice(0).map(partner => partner.close())));

async function partner(...answer: Parameters<typeof playPartner>) {
  const played = await playPartner(...answer);
  partners.push(played);
  return { ...played, call: createHttpCall({ name: 'p', url: played.url }) };
}

const request = { method: 'POST', path: '/things', timeoutMs: 5_000 } as const;

describe('A call over HTTP', () => {
  it('sends JSON with its idempotency key, and answers with JSON', async () => {
    const { call, received } = await partner((_, response) => reply(response, 201, { id: 7 }));
    const answer = await call({ ...request, key: 'A-1:authorize:1', body: { amount: 5 } });
    expect(answer).toEqual({ status: 201, body: { id: 7 } });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/things',
        headers: { 'idempotency-key': 'A-1:authorize:1', 'content-type': 'application/json' },
        body: '{"amount":5}',
      },
    ]);
  });

  it('sends no body, and says nothing of one, where there is none', async () => {
    const { call, received } = await partner((_, response) => reply(response, 200, {}));
    await call(request);
    expect(received[0]!.body).toBe('');
    expect(received[0]!.headers).not.toHaveProperty('content-type');
    expect(received[0]!.headers).not.toHaveProperty('idempotency-key');
  });

  it('answers with a refusal, also where its reason is no JSON', async () => {
    const { call } = await partner((_, response) => response.writeHead(404).end('<html>'));
    expect(await call(request)).toEqual({ status: 404, body: undefined });
  });

  it('is not done where nobody listens', async () => {
    const { url, close } = await playPartner();
    await close();
    const call = createHttpCall({ name: 'p', url });
    await expect(call(request)).rejects.toMatchObject({
      code: 'PartnerUnavailable',
      message: 'p did nothing, and may later: ECONNREFUSED.',
    });
  });

  it('is not done where the partner has too much to do', async () => {
    const { call } = await partner((_, response) => reply(response, 429, {}));
    await expect(call(request)).rejects.toMatchObject({ code: 'PartnerUnavailable' });
  });

  it.each([
    ['the answer does not come in time', { answer: () => undefined, timeoutMs: 100 }],
    [
      'the answer stops in the middle',
      {
        answer: (_: unknown, response: import('node:http').ServerResponse) =>
          void response.writeHead(201, { 'content-length': '100' }).write('{"id":'),
        timeoutMs: 100,
      },
    ],
    [
      'the connection ends instead of an answer',
      {
        answer: (_: unknown, response: import('node:http').ServerResponse) =>
          void response.destroy(),
        timeoutMs: 5_000,
      },
    ],
    [
      'the partner fails',
      {
        answer: (_: unknown, response: import('node:http').ServerResponse) =>
          reply(response, 503, { code: 'Unavailable' }),
        timeoutMs: 5_000,
      },
    ],
    [
      'the partner sends it elsewhere',
      {
        answer: (_: unknown, response: import('node:http').ServerResponse) =>
          void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
        timeoutMs: 5_000,
      },
    ],
  ])('has an unknown outcome where %s', async (_what, { answer, timeoutMs }) => {
    const { call, received } = await partner(answer);
    await expect(call({ ...request, timeoutMs })).rejects.toMatchObject({
      code: 'PartnerOutcomeUnknown',
      transient: true,
    });
    expect(received.length).toBe(1);
  });
});
