/**
 * From confirmed to completed. Picking is a stage of the order, since it can be cancelled and changed until
 * the first parcel is packed; from then on each parcel goes its own way, in a workflow of its own.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  ParentClosePolicy,
  patched,
  startChild,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Confirmed } from '../domain/decision';
import { shipmentWorkflowId } from '../domain/ids';
import { decisionAnnouncement } from '../domain/orderAnnouncement';
import type { FulfilmentPlan } from '../domain/plan';
import type { ShipmentInput, ShipmentResult } from '../domain/shipmentInput';
import { type Parcel, parcelAmounts } from '../domain/shipping';
import { compensate, type OrderContext } from './orderContext';
import { shipment as shipmentWorkflow } from './shipment';
import { dispatchedSignal } from './shipmentInterface';
import { now, tell, tellingWhenOverdue, tellOperators } from './tell';

/** Answers with the time at which nothing was left to do, RFC 3339. */
export async function fulfil(
  context: OrderContext,
  plan: FulfilmentPlan,
  { unitPrices, parcels = [] }: Confirmed,
): Promise<string> {
  const { input, life, requests } = context;
  const { orderId, products } = input.order;
  const overdue = {
    orderId,
    reason: 'picking-overdue',
    text: `Order ${orderId} is not picked and packed as a whole. Ask the warehouse.`,
  } as const;
  const amounts = parcelAmounts(products, unitPrices, parcels);

  // Without the patch the notice came also where all was packed and only the van was late.
  const unpacked = () => {
    const isPacked = parcels.every(({ shipment }) => requests.isPacked(shipment));
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

async function untilAnyIsPacked({ requests }: OrderContext): Promise<true> {
  await condition(() => requests.isAnyPacked);
  return true;
}

/** The warehouse is to hear of it at once, whatever is still to be taken back. */
async function cancel(context: OrderContext): Promise<string> {
  const { input, life, requests } = context;
  const request = requests.cancellation!;
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

async function send(
  context: OrderContext,
  { dispatchSeconds }: FulfilmentPlan,
  parcel: Parcel,
  amount: number,
): Promise<ShipmentResult> {
  const { input, life, requests, authorization } = context;
  const { shipment } = parcel;
  await condition(() => requests.isPacked(shipment));
  life.parcel(shipment, { status: 'packed' });

  const { order, receivedAt } = input;
  const result = await shipped(context, {
    order: { ...order, customer: { ...order.customer, shippingAddress: requests.address } },
    receivedAt,
    parcel,
    amount,
    dispatchSeconds,
    packedAt: now(),
    ...(authorization && { authorization }),
    dispatch: requests.dispatchOf(shipment),
  });
  const { outcome: status } = result;
  if (result.outcome === 'shipped') {
    const { carrier, trackingNumber } = result;
    life.parcel(shipment, { status, carrier, trackingNumber });
  } else {
    life.parcel(shipment, { status, reason: result.reason });
    for (const done of result.compensations ?? []) life.compensated({ ...done, shipment });
  }
  return result;
}

/** A parcel that nobody follows any more leaves what it held to the people who are told of it. */
async function shipped(context: OrderContext, parcelInput: ShipmentInput): Promise<ShipmentResult> {
  try {
    return await followed(context, parcelInput);
  } catch (failure) {
    if (!(failure instanceof TemporalFailure)) throw failure;
    const { orderId } = parcelInput.order;
    const { shipment } = parcelInput.parcel;
    const reason = whyLost(context, failure);
    const text = `Parcel ${shipment} of order ${orderId} is lost from sight: ${reason}. See what it held.`;
    await tellOperators({ orderId, shipment, reason: 'shipment-failed', text });
    return { outcome: 'failed', shipment, reason, endedAt: now() };
  }
}

function whyLost({ saga }: OrderContext, failure: TemporalFailure): string {
  if (failure instanceof ChildWorkflowFailure) return 'its workflow was ended';
  const isThere = failure instanceof WorkflowExecutionAlreadyStartedError;
  if (isThere && patched('parcel-was-there')) {
    // Begun before the order was reset, it goes on with the order's money and stock. What nobody needs in
    // the end is found by the sweep, which asks the parcels as well.
    saga.leave();
    return 'its workflow was there before, so all that the order holds stays with it';
  }
  return 'its workflow could not be started';
}

/** The parcel's own workflow, to its end; what the order hears of its dispatch is passed on. */
async function followed(
  { requests }: OrderContext,
  parcelInput: ShipmentInput,
): Promise<ShipmentResult> {
  const { orderId } = parcelInput.order;
  const { shipment } = parcelInput.parcel;
  const child = await startChild(shipmentWorkflow, {
    workflowId: shipmentWorkflowId(orderId, shipment),
    args: [parcelInput],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    staticSummary: `Parcel ${shipment} of order ${orderId}, from ${parcelInput.parcel.location}`,
  });
  const forwarding = new CancellationScope({ cancellable: true });
  const forwarded = forwarding
    .run(async () => {
      await condition(() => requests.dispatchOf(shipment) !== parcelInput.dispatch);
      await child.signal(dispatchedSignal, requests.dispatchOf(shipment)!);
    })
    // It has heard it from elsewhere, and closed.
    .catch(() => undefined);
  try {
    return await child.result();
  } finally {
    forwarding.cancel();
    await forwarded;
  }
}
