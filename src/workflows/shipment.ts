import { ActivityFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { shipmentAnnouncement } from '../domain/shipmentAnnouncement';
import type { ShipmentInput, ShipmentResult } from '../domain/shipmentInput';
import type { Dispatch } from '../domain/shipping';
import {
  bookCarrier,
  cancelBooking,
  capturePayment,
  refundPayment,
  returnParcel,
  shipStock,
} from './activities';
import { Saga } from './saga';
import { dispatchedSignal } from './shipmentInterface';
import { now, tell, tellingWhenOverdue, tellOperators } from './tell';

/** One parcel, from packed to shipped: take its money, book a carrier, see it off, tell the world. */
export async function shipment(input: ShipmentInput): Promise<ShipmentResult> {
  let dispatch = input.dispatch;
  const take = (told: Dispatch) => {
    dispatch ??= told;
  };
  setHandler(dispatchedSignal, take, {
    description:
      'The carrier has taken the parcel over: {"shipment": "1", "carrier": "...", "trackingNumber": "...", "dispatchedAt": "..."}. The first one counts.',
  });
  const saga = sagaOf(input);

  // What is packed goes out: Temporal's own Cancel comes too late, as the customer's does.
  return CancellationScope.nonCancellable(async () => {
    try {
      await capture(input, saga);
      const refusal = await book(input, saga);
      if (refusal !== undefined) return await fail(input, saga, refusal);
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      return await fail(input, saga, failure.cause?.message ?? failure.message);
    }
    await tellingWhenOverdue(input.dispatchSeconds, overdueNotice(input), () =>
      condition(() => dispatch !== undefined),
    );
    return ship(input, dispatch!);
  });
}

async function capture({ order, parcel, amount, authorization }: ShipmentInput, saga: Saga) {
  saga.before('returnParcel', () =>
    returnParcel({ orderId: order.orderId, shipment: parcel.shipment }),
  );
  if (authorization === undefined || amount === 0) return;
  const { provider, authorizationId } = authorization;
  const keyOf = (step: string) => `${order.orderId}:${step}:${parcel.shipment}`;
  const key = keyOf('capture');
  // Tried without limit, it was either done or refused: nothing is taken of which nobody knows.
  const { captureId } = await capturePayment({ provider, key, authorizationId, amount });
  saga.before('refundPayment', () =>
    refundPayment({ provider, key: keyOf('refund'), captureId, amount }),
  );
}

/** The reason of the carrier that does not take the parcel. */
async function book({ order, parcel }: ShipmentInput, saga: Saga): Promise<string | undefined> {
  const { orderId } = order;
  const { firstName, lastName, shippingAddress } = order.customer;
  const { shipment: number } = parcel;
  const key = `${orderId}:book:${number}`;
  const { forget } = saga.before('cancelBooking', () => cancelBooking({ key }));
  const recipient = { firstName, lastName, shippingAddress };
  const answer = await bookCarrier({ key, orderId, shipment: number, recipient });
  if (answer.status === 'booked') return undefined;
  forget();
  return answer.reason;
}

async function ship(input: ShipmentInput, dispatch: Dispatch): Promise<ShipmentResult> {
  const { orderId } = input.order;
  const { shipment: number } = input.parcel;
  const [endedAt] = await Promise.all([
    tell(shipmentAnnouncement(input, dispatch, now())),
    shipStock({ orderId, shipment: number }),
  ]);
  return { outcome: 'shipped', ...dispatch, shipment: number, endedAt };
}

async function fail(input: ShipmentInput, saga: Saga, reason: string): Promise<ShipmentResult> {
  const { orderId } = input.order;
  const { shipment: number } = input.parcel;
  await saga.compensate();
  const text = `Parcel ${number} of order ${orderId} can not be sent: ${reason}. Its money and stock are given back; talk to the customer.`;
  const endedAt = await tellOperators({
    orderId,
    shipment: number,
    reason: 'shipment-failed',
    text: text.slice(0, 1_000),
  });
  return { outcome: 'failed', shipment: number, reason, endedAt };
}

function sagaOf({ order: { orderId }, parcel: { shipment: number } }: ShipmentInput): Saga {
  const text = `Parcel ${number} of order ${orderId}:`;
  return new Saga({
    onDone: () => undefined,
    stuck: step => ({
      orderId,
      shipment: number,
      reason: 'compensation-stuck',
      text: `${text} ${step} does not succeed. It goes on being tried; see why in its workflow.`,
    }),
  });
}

const overdueNotice = ({ order: { orderId }, parcel: { shipment: number } }: ShipmentInput) =>
  ({
    orderId,
    shipment: number,
    reason: 'dispatch-overdue',
    text: `Parcel ${number} of order ${orderId} is booked and not dispatched. Ask the carrier.`,
  }) as const;
