/** One parcel of an order: waits until it is packed, and follows its own workflow to the end. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  ParentClosePolicy,
  patched,
  rootCause,
  startChild,
  TemporalFailure,
  TerminatedFailure,
} from '@temporalio/workflow';
import { shipmentWorkflowId } from '../domain/ids';
import type { FulfilmentPlan } from '../domain/plan';
import type { ShipmentInput, ShipmentResult } from '../domain/shipmentInput';
import type { Parcel } from '../domain/shipping';
import type { OrderContext } from './orderContext';
import { isStillReserved } from './reserve';
import { shipment as shipmentWorkflow } from './shipment';
import { dispatchedSignal } from './shipmentInterface';
import { now, tellOperators } from './tell';

/** Sees it off once it is packed; it never throws for what becomes of the parcel. */
export async function send(
  context: OrderContext,
  { dispatchSeconds }: FulfilmentPlan,
  parcel: Parcel,
  amount: number,
): Promise<ShipmentResult> {
  const { input, life, requests, news, authorization } = context;
  const { shipment } = parcel;
  await condition(() => news.isPacked(shipment));
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
    dispatch: news.dispatchOf(shipment),
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
  if (!(await isStillReserved(context))) {
    const reason = 'its stock was given back before the order was reset';
    return notSent(parcelInput, reason, 'It is not sent: have it unpacked.');
  }
  try {
    return await followed(context, parcelInput);
  } catch (failure) {
    if (!(failure instanceof TemporalFailure)) throw failure;
    const { order, parcel } = parcelInput;
    const workflowId = shipmentWorkflowId(order.orderId, parcel.shipment);
    const advice = `See in the workflow ${workflowId} what it held and how far it came, and settle that by hand.`;
    return notSent(parcelInput, whyLost(context, failure), advice);
  }
}

async function notSent(
  { order: { orderId }, parcel: { shipment } }: ShipmentInput,
  reason: string,
  advice: string,
): Promise<ShipmentResult> {
  const what = `Parcel ${shipment} of order ${orderId} has failed`;
  const text = `${what}: ${reason}`.slice(0, 700);
  await tellOperators({
    ...{ orderId, shipment, reason: 'shipment-failed' },
    text: `${text}. ${advice}`,
  });
  return { outcome: 'failed', shipment, reason, endedAt: now() };
}

function whyLost({ saga }: OrderContext, failure: TemporalFailure): string {
  if (failure instanceof ChildWorkflowFailure) {
    const { cause } = failure;
    if (cause === undefined || cause instanceof TerminatedFailure) return 'its workflow was ended';
    return `its workflow failed: ${rootCause(failure)}`;
  }
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
  { news }: OrderContext,
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
      await condition(() => news.dispatchOf(shipment) !== parcelInput.dispatch);
      await child.signal(dispatchedSignal, news.dispatchOf(shipment)!);
    })
    .catch(failure => {
      // It has heard it from elsewhere, and closed.
      if (!(failure instanceof TemporalFailure)) throw failure;
    });
  try {
    return await child.result();
  } finally {
    forwarding.cancel();
    await forwarded;
  }
}
