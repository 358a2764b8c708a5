/** What the steps of one order share. */
import { CancellationScope, patched } from '@temporalio/workflow';
import type { OrderInput } from '../domain/orderInput';
import type { Authorization } from '../domain/payment';
import { OrderLife } from './orderLife';
import { OrderRequests } from './orderRequests';
import { PartnerNews } from './partnerNews';
import { Saga } from './saga';

export interface OrderContext {
  readonly input: OrderInput;
  readonly life: OrderLife;
  readonly requests: OrderRequests;
  readonly news: PartnerNews;
  readonly saga: Saga;
  /** The money that is held for the order. */
  authorization?: Authorization;
}

/** Call it in the scope that Temporal's own Cancel cancels, before anything else. */
export function orderContext(input: OrderInput): OrderContext {
  const life = new OrderLife(input);
  const news = new PartnerNews(life);
  const requests = new OrderRequests(input, life, news, CancellationScope.current());
  const { orderId } = input.order;
  const saga = new Saga({
    onDone: done => life.compensated(done),
    ...(input.plan && {
      stuck: (step: string) => ({
        orderId,
        reason: 'compensation-stuck' as const,
        text: `Order ${orderId}: ${step} does not succeed. It goes on being tried; see why in its workflow.`,
      }),
    }),
  });
  return { input, life, requests, news, saga };
}

/** Takes back all that the order holds. Its status can be found before, since that may take long. */
export async function compensate({ life, news, saga }: OrderContext): Promise<void> {
  // Without the patch an order whose compensation was stuck was found under the status before it.
  if (!saga.isEmpty && patched('status-before-compensations')) life.publish();
  await Promise.all([saga.compensate(), news.tellOfKept()]);
}
