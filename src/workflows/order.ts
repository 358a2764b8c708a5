import {
  allHandlersFinished,
  CancellationScope,
  condition,
  TemporalFailure,
} from '@temporalio/workflow';
import { type Decision, decide } from '../domain/decision';
import { decisionAnnouncement } from '../domain/orderAnnouncement';
import type { OrderInput, OrderResult } from '../domain/orderInput';
import { approve } from './approve';
import { fulfil } from './fulfil';
import { compensate, type OrderContext, orderContext } from './orderContext';
import { pay } from './pay';
import { isStillReserved, reserve } from './reserve';
import { tell, tellOperators } from './tell';

/**
 * One order, from received to shipped: reserve the stock, let a person approve it where it must be, have
 * the money held, confirm, and see every parcel off. How much of that it lives is in its plan.
 */
export async function order(input: OrderInput): Promise<OrderResult> {
  const context = orderContext(input);
  const { life, saga } = context;

  return CancellationScope.nonCancellable(async () => {
    const decision = await decided(context);
    const at = life.decide(decision);
    if (decision.outcome !== 'confirmed') await compensate(context);
    const { fulfilment } = input.plan ?? {};
    const isFulfilled = decision.outcome === 'confirmed' && fulfilment !== undefined;
    if (isFulfilled) life.publish();
    let endedAt = await tell(decisionAnnouncement(withAddress(context), decision, at));
    if (isFulfilled) endedAt = await fulfil(context, fulfilment, decision);
    life.publish();
    if (input.plan !== undefined) await saga.settled();
    await condition(allHandlersFinished);
    return life.result(endedAt);
  });
}

/** The steps to a decision. The first that says no, or a cancellation at any moment, ends them. */
async function decided(context: OrderContext): Promise<Decision> {
  const { life, requests } = context;
  try {
    const decision = await requests.unlessCancelled(async () => {
      const reserved = await reserve(context);
      if (reserved.outcome !== 'confirmed' || context.input.plan === undefined) return reserved;
      const { total } = reserved;
      life.priced(total);
      const rejected = (await approve(context, total)) ?? (await pay(context, total));
      if (rejected !== undefined) return rejected;
      return (await isStillReserved(context)) ? reserved : decide({ status: 'released' });
    });
    return decision ?? { outcome: 'cancelled', request: life.cancellation! };
  } catch (failure) {
    // Anything else is a fault of the program, which fails the task and not the order.
    if (failure instanceof TemporalFailure) await fail(context);
    throw failure;
  }
}

/** Something was refused for good: nobody knows better than a person what to do. */
async function fail(context: OrderContext): Promise<void> {
  const { input, life, saga } = context;
  const { orderId } = input.order;
  life.enter('failed');
  await compensate(context);
  if (input.plan !== undefined) {
    const text = `Order ${orderId} failed; what it held is given back. See why in its workflow.`;
    await tellOperators({ orderId, reason: 'order-failed', text });
  }
  life.publish();
  await saga.settled();
  await condition(allHandlersFinished);
}

/** The order with the address to which it goes now. */
const withAddress = ({ input, requests }: OrderContext): OrderInput => ({
  ...input,
  order: {
    ...input.order,
    customer: { ...input.order.customer, shippingAddress: requests.address },
  },
});
