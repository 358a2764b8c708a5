/** Money held before an order is confirmed, by the first provider that answers. */
import { ActivityFailure, ApplicationFailure, sleep } from '@temporalio/workflow';
import { type Rejected, rejectedFor } from '../domain/decision';
import type { Authorization, AuthorizationAnswer } from '../domain/payment';
import { authorizePayment, voidPayment } from './activities';
import type { OrderContext } from './orderContext';

const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

/** Has the total authorized where the order is to be paid; a rejection where that is not to be had. */
export async function pay(context: OrderContext, total: number): Promise<Rejected | undefined> {
  const { input, life } = context;
  const plan = input.plan?.payment;
  if (plan === undefined || total === 0) return undefined;
  const end = Date.now() + plan.deadlineSeconds * 1_000;
  for (let round = 1; ; round++) {
    for (const provider of plan.providers) {
      const held = await authorize(context, provider, round, total);
      if (held === 'unavailable') continue;
      if (held === 'declined') return rejectedFor('PaymentDeclined');
      context.authorization = held;
      life.paidBy(provider);
      life.enter('authorized', `by ${provider}`);
      return undefined;
    }
    const pause = Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs);
    if (Date.now() + pause >= end) return rejectedFor('PaymentUnavailable');
    await sleep(pause);
  }
}

/**
 * Each round has a key of its own, since one that was given up is void for ever. A provider that is
 * unavailable holds nothing: its activity made sure of that before it said so.
 */
async function authorize(
  { input, saga }: OrderContext,
  provider: string,
  round: number,
  amount: number,
): Promise<Authorization | 'declined' | 'unavailable'> {
  const { orderId, currency } = input.order;
  const key = `${orderId}:authorize:${round}`;
  const forget = saga.before('voidPayment', () => voidPayment({ provider, key }));
  let answer: AuthorizationAnswer;
  try {
    answer = await authorizePayment({ provider, key, orderId, amount, currency });
  } catch (failure) {
    if (!isUnavailable(failure)) throw failure;
    forget();
    return 'unavailable';
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
