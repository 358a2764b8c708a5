/**
 * Money held before an order is confirmed, by the first provider that answers.
 *
 * A provider that surely holds nothing costs a moment: the next one is asked. One that may hold the money
 * is asked what became of it; if it has not heard of it, or does not answer in its share of the time, it is
 * given up: the key is voided, for as long as that takes, and meanwhile the next one is asked. So the money
 * may be held twice while a provider is silent, and is never taken twice: only what an order was confirmed
 * with is captured.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  patched,
  sleep,
} from '@temporalio/workflow';
import { type Rejected, rejectedFor } from '../domain/decision';
import type { Authorization, AuthorizationAnswer } from '../domain/payment';
import { authorizeWithin, voidPayment } from './activities';
import type { OrderContext } from './orderContext';

const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

/** Has the total authorized where the order is to be paid; a rejection where that is not to be had. */
export async function pay(context: OrderContext, total: number): Promise<Rejected | undefined> {
  const { input, life } = context;
  const plan = input.plan?.payment;
  if (plan === undefined || total === 0) return undefined;
  const end = Date.now() + plan.deadlineSeconds * 1_000;
  /** Providers whose void is not done yet. Nothing more is sent to them until it is. */
  const silent = new Set<string>();
  for (let round = 1; ; round++) {
    const providers = plan.providers.filter(provider => !silent.has(provider));
    for (const [index, provider] of providers.entries()) {
      const share = Math.floor((end - Date.now()) / (providers.length - index));
      if (share <= 0) break;
      const attempt = { provider, round, amount: total, share, silent };
      const held = await authorize(context, attempt);
      if (held === undefined) continue;
      if (held === 'declined') return rejectedFor('PaymentDeclined');
      context.authorization = held;
      life.paidBy(provider);
      life.enter('authorized', `by ${provider}`);
      return undefined;
    }
    const pause = Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs);
    if (Date.now() + pause >= end) return rejectedFor('PaymentUnavailable');
    // Without the patch an order that nobody would pay was found as received for as long as it was tried.
    if (patched('reserved-while-unpaid')) life.publish();
    await sleep(pause);
  }
}

interface Attempt {
  readonly provider: string;
  readonly round: number;
  /** Minor units. */
  readonly amount: number;
  /** How long it may take, in milliseconds. */
  readonly share: number;
  readonly silent: Set<string>;
}

/**
 * Undefined where the next provider is to be asked. Each round has a key of its own, since one that was
 * given up is void for ever.
 */
async function authorize(
  { input, saga }: OrderContext,
  { provider, round, amount, share, silent }: Attempt,
): Promise<Authorization | 'declined' | undefined> {
  const { orderId, currency } = input.order;
  const key = `${orderId}:authorize:${round}`;
  const { forget, takeBack } = saga.before('voidPayment', () => voidPayment({ provider, key }));
  let answer: AuthorizationAnswer;
  try {
    answer = await authorizeWithin(share)({ provider, key, orderId, amount, currency });
  } catch (failure) {
    // Its activity made sure that nothing is held before it said so.
    if (isUnavailable(failure)) forget();
    else if (isGivenUp(failure)) {
      silent.add(provider);
      void takeBack().then(() => silent.delete(provider));
    } else throw failure;
    return undefined;
  }
  if (answer.status === 'authorized') {
    return { provider, authorizationId: answer.authorizationId, amount, currency };
  }
  forget();
  return 'declined';
}

const isUnavailable = (failure: unknown): boolean =>
  failure instanceof ActivityFailure &&
  failure.cause instanceof ApplicationFailure &&
  failure.cause.type === 'PaymentProviderUnavailable';

/** Its attempts, or its time, are used up, and nobody knows what became of it. */
const isGivenUp = (failure: unknown): boolean =>
  failure instanceof ActivityFailure &&
  !isCancellation(failure) &&
  !(failure.cause instanceof ApplicationFailure && failure.cause.nonRetryable === true);
