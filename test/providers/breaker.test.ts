import { OrderlyError } from '../../src/errors';
import { type Breaker, createBreaker } from '../../src/providers/breaker';

/** A partner that is up or down as told, behind its breaker; `sent` counts what reached it. */
function brokenPartner() {
  const partner = { up: false, sent: 0 };
  const breaker = createBreaker('p', async () => {
    partner.sent++;
    if (partner.up) return { status: 404, body: undefined };
    throw new OrderlyError('PartnerOutcomeUnknown', { partner: 'p', detail: 'status 503' });
  });
  const ask = () => breaker.call({ method: 'GET', path: '/', timeoutMs: 1 });
  return { partner, breaker, ask };
}

const codeOf = (promise: Promise<unknown>) => promise.catch((thrown: OrderlyError) => thrown.code);

describe('The circuit breaker of a partner', () => {
  let breaker: Breaker;
  let partner: ReturnType<typeof brokenPartner>['partner'];
  let ask: ReturnType<typeof brokenPartner>['ask'];
  beforeEach(() => {
    jest.useFakeTimers();
    ({ breaker, partner, ask } = brokenPartner());
  });
  afterEach(() => {
    breaker.stop();
    jest.useRealTimers();
  });

  const open = async () => {
    for (let i = 0; i < 10; i++) expect(await codeOf(ask())).toBe('PartnerOutcomeUnknown');
  };

  it('sends nothing more once most of the last calls failed, and says so at once', async () => {
    await open();
    await expect(ask()).rejects.toMatchObject({
      code: 'PartnerUnavailable',
      message: 'p did nothing, and may later: most of the last calls failed.',
    });
    expect(partner.sent).toBe(10);
  });

  it('tries one call after a rest, and sends everything again where that is answered', async () => {
    await open();
    partner.up = true;
    await jest.advanceTimersByTimeAsync(5_000);
    const trial = ask();
    expect(await codeOf(ask())).toBe('PartnerUnavailable');
    await trial;
    await ask();
    expect(partner.sent).toBe(12);
  });

  it('rests again where that one call fails', async () => {
    await open();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await codeOf(ask())).toBe('PartnerOutcomeUnknown');
    expect(await codeOf(ask())).toBe('PartnerUnavailable');
    expect(partner.sent).toBe(11);
  });

  it('takes a refusal for an answer', async () => {
    partner.up = true;
    for (let i = 0; i < 20; i++) await ask();
    expect(partner.sent).toBe(20);
  });

  it('sends nothing once it is stopped', async () => {
    breaker.stop();
    expect(await codeOf(ask())).toBe('PartnerUnavailable');
    expect(partner.sent).toBe(0);
  });
});
