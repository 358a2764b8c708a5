/**
 * Whatever goes wrong between us and two providers, no order ends with money held where it should not be.
 * The workflow's part is played here: each provider in turn, attempt by attempt as Temporal makes them,
 * and then the capture, or the void, until it has succeeded. The providers are real, and know the truth.
 */
import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { createPaymentActivities } from '../../src/activities/payments';
import type { VoidRequest } from '../../src/domain/payment';
import { OrderlyError } from '../../src/errors';
import { startPaymentProvider } from '../../src/partners/paymentProvider';
import type { Call } from '../../src/providers/call';
import { createHttpCall } from '../../src/providers/http';
import { createPaymentProvider } from '../../src/providers/paymentProvider';
import { quiet, unique } from '../support/kafka';
import { testFolder } from '../support/testFolder';
import { attempt } from './attempt';

/**
 * What becomes of one call: it is answered; never leaves; is done, but the answer gets lost; gets lost
 * itself; or arrives only when some further calls were made, and nobody waits for its answer any more.
 */
type Fate = 'answered' | 'not-sent' | 'answer-lost' | 'lost' | { readonly lateBy: number };

const fate = fc.oneof(
  fc.constantFrom<Fate>('answered', 'not-sent', 'answer-lost', 'lost'),
  fc.record({ lateBy: fc.integer({ min: 1, max: 6 }) }),
);

/** What goes wrong in one order's life, in its order; when all of it has, everything goes well. */
interface Troubles {
  readonly fates: readonly Fate[];
  /** For each attempt, whether its worker dies before it can tell Temporal how it ended. */
  readonly deaths: readonly boolean[];
  /** When the order is called off: once its money is held, or while it is being authorized. */
  readonly cancelled: 'never' | 'later' | { readonly duringAttempt: number };
  /** How many attempts a provider has before it is given up. */
  readonly attempts: number;
}

const troubles: fc.Arbitrary<Troubles> = fc.record({
  fates: fc.array(fate, { maxLength: 12 }),
  deaths: fc.array(fc.boolean(), { maxLength: 8 }),
  cancelled: fc.oneof(
    fc.constantFrom('never' as const, 'later' as const),
    fc.record({ duringAttempt: fc.integer({ min: 1, max: 4 }) }),
  ),
  attempts: fc.integer({ min: 1, max: 6 }),
});

const names = ['payment-a', 'payment-b'] as const;
const amount = 1_500;

/** An authorization that arrives after it was asked for, and whatever is sent then as late again. */
const bothLate: Troubles = {
  fates: [{ lateBy: 2 }, 'answered', { lateBy: 2 }],
  deaths: [],
  cancelled: 'never',
  attempts: 3,
};

/** The network of one order's life: calls meet their fates in turn. */
class Network {
  private readonly late: { readonly after: number; readonly arrive: () => Promise<unknown> }[] = [];
  private made = 0;

  constructor(private readonly fates: Fate[]) {}

  between(call: Call): Call {
    return async request => {
      this.made++;
      await this.deliver(this.made);
      const fate = this.fates.shift() ?? 'answered';
      if (fate === 'answered') return call(request);
      if (fate === 'not-sent') throw new OrderlyError('PartnerUnavailable', { detail: 'refused' });
      if (fate === 'answer-lost') await call(request);
      if (typeof fate === 'object') {
        this.late.push({ after: this.made + fate.lateBy, arrive: () => call(request) });
      }
      throw new OrderlyError('PartnerOutcomeUnknown', { detail: 'TimeoutError' });
    };
  }

  /** Lets what is late arrive, of the calls up to this one. */
  async deliver(upTo = Number.POSITIVE_INFINITY): Promise<void> {
    for (const entry of this.late.filter(({ after }) => after <= upTo)) {
      this.late.splice(this.late.indexOf(entry), 1);
      await entry.arrive();
    }
  }
}

describe('Payments, whatever goes wrong on the way', () => {
  let servers: Awaited<ReturnType<typeof startPaymentProvider>>[];
  beforeAll(async () => {
    servers = await Promise.all(
      names.map(name =>
        startPaymentProvider({ name, port: 0, dataDir: testFolder(), logger: quiet }),
      ),
    );
  });
  afterAll(() => Promise.all(servers.map(server => server.stop())));

  const direct = (index: number): Call =>
    createHttpCall({ name: names[index]!, url: servers[index]!.url });

  /** One order's life; answers with what each provider has in its books for it. */
  async function live({ fates, deaths, cancelled, attempts: most }: Troubles) {
    const network = new Network([...fates]);
    const providers = names.map((name, index) =>
      createPaymentProvider({ name, call: network.between(direct(index)), timeoutMs: 60_000 }),
    );
    const activities = createPaymentActivities({
      gateway: { provider: name => providers[names.indexOf(name as (typeof names)[number])]! },
    });
    const dying = [...deaths];
    const patience = typeof cancelled === 'object' ? cancelled.duringAttempt : most;
    const dies = () => dying.shift() ?? false;

    const orderId = unique('order');
    const keys: string[] = [];
    const givenUp: VoidRequest[] = [];
    const letGo = async (key: VoidRequest) => attempts(activities.voidPayment, [key], dies);
    for (let round = 1; round <= 40; round++) {
      const key = `${orderId}:authorize:${round}`;
      keys.push(key);
      for (const provider of names) {
        const request = { provider, key, orderId, amount, currency: 'EUR' };
        const answer = await attempts(activities.authorizePayment, [request], dies, patience);
        if (answer === 'unavailable') continue;
        if (answer === 'given up' && typeof cancelled !== 'object') {
          givenUp.push({ provider, key });
          continue;
        }
        if (cancelled !== 'never') {
          await letGo({ provider, key });
        } else if (typeof answer === 'object' && answer.status === 'authorized') {
          const { authorizationId } = answer;
          const capture = { provider, key: `${orderId}:capture:1`, authorizationId, amount };
          await attempts(activities.capturePayment, [capture], dies);
        } else throw new Error('nobody declines here');
        for (const silent of givenUp) await letGo(silent);
        await network.deliver();
        return booksOf(keys);
      }
    }
    throw new Error('no provider was found in 40 rounds');
  }

  /** What the two have for these keys, added up. */
  async function booksOf(keys: readonly string[]) {
    const sum = { held: 0, captured: 0 };
    for (const index of names.keys()) {
      for (const key of keys) {
        const path = `/authorizations/by-key/${encodeURIComponent(key)}`;
        const reply = await direct(index)({ method: 'GET', path, timeoutMs: 60_000 });
        if (reply.status === 404) continue;
        const { amount = 0, captured, voided } = reply.body as Record<string, number>;
        sum.captured += captured!;
        sum.held += amount - captured! - voided!;
      }
    }
    return sum;
  }

  it('hold and take the money of an order once, or not at all where it is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(troubles, async trouble => {
        const captured = trouble.cancelled === 'never' ? amount : 0;
        expect(await live(trouble)).toEqual({ held: 0, captured });
      }),
      { numRuns: 200, examples: [[bothLate]] },
    );
  });
});

/**
 * An activity as Temporal runs it: attempt after attempt, until one ends well or for good and is heard.
 * @param patience how many attempts the workflow waits for
 */
async function attempts<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  args: Args,
  dies: () => boolean,
  patience = Number.POSITIVE_INFINITY,
): Promise<Result | 'unavailable' | 'given up'> {
  for (let number = 1; number <= patience; number++) {
    try {
      const result = await attempt(number, activity, ...args);
      if (!dies()) return result;
    } catch (failure) {
      if (!(failure instanceof ApplicationFailure)) throw failure;
      const isLast = failure.nonRetryable === true || failure.type === 'PaymentNotArrived';
      if (dies() || !isLast) continue;
      if (failure.type === 'PaymentProviderUnavailable') return 'unavailable';
      if (failure.type === 'PaymentNotArrived') return 'given up';
      throw failure;
    }
  }
  return 'given up';
}
