/**
 * From confirmed to completed. Picking is a stage of the order, since it can be cancelled and changed until
 * the first parcel is packed; from then on each parcel goes its own way, in a workflow of its own.
 */
import { condition, patched } from '@temporalio/workflow';
import type { Confirmed } from '../domain/decision';
import { decisionAnnouncement } from '../domain/orderAnnouncement';
import type { FulfilmentPlan } from '../domain/plan';
import type { ShipmentResult } from '../domain/shipmentInput';
import { parcelAmounts } from '../domain/shipping';
import { compensate, type OrderContext } from './orderContext';
import { send } from './sendParcel';
import { now, tell, tellingWhenOverdue } from './tell';

/** Answers with the time at which nothing was left to do, RFC 3339. */
export async function fulfil(
  context: OrderContext,
  plan: FulfilmentPlan,
  { unitPrices, parcels = [] }: Confirmed,
): Promise<string> {
  const { input, life, requests, news } = context;
  const { orderId, products } = input.order;
  const overdue = {
    orderId,
    reason: 'picking-overdue',
    text: `Order ${orderId} is not picked and packed as a whole. Ask the warehouse.`,
  } as const;
  const amounts = parcelAmounts(products, unitPrices, parcels);

  // Without the patch the notice came also where all was packed and only the van was late.
  const unpacked = () => {
    const isPacked = parcels.every(({ shipment }) => news.isPacked(shipment));
    return isPacked && patched('packed-is-not-overdue') ? undefined : overdue;
  };

  const work = async () => {
    const isPicked = await requests.unlessCancelled(() => untilAnyIsPacked(context));
    if (isPicked === undefined) return undefined;
    life.enter('shipping');
    life.publish();
    return Promise.all(
      parcels.map((parcel, index) => send(context, plan, parcel, amounts[index]!)),
    );
  };
  const results = await tellingWhenOverdue(plan.pickingSeconds, unpacked, work);
  return results === undefined ? cancel(context) : complete(context, results);
}

async function untilAnyIsPacked({ news }: OrderContext): Promise<true> {
  await condition(() => news.isAnyPacked);
  return true;
}

/** The warehouse is to hear of it at once, whatever is still to be taken back. */
async function cancel(context: OrderContext): Promise<string> {
  const { input, life } = context;
  const request = life.cancellation!;
  const at = life.enter('cancelled', `by ${request.by}`);
  const endedAt = await tell(decisionAnnouncement(input, { outcome: 'cancelled', request }, at));
  await compensate(context);
  return endedAt;
}

async function complete(
  context: OrderContext,
  results: readonly ShipmentResult[],
): Promise<string> {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  context.life.enter(
    failed > 0 ? 'failed' : 'completed',
    failed > 0 ? `${failed} not shipped` : '',
  );
  // What is shipped is paid and gone: nothing but the rest is held, and that is given back.
  if (failed > 0) await compensate(context);
  return (
    results
      .map(({ endedAt }) => endedAt)
      .sort()
      .at(-1) ?? now()
  );
}
