import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  patched,
  setHandler,
} from '@temporalio/workflow';
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
import { ParcelLife } from './parcelLife';
import { Saga } from './saga';
import { dispatchedSignal } from './shipmentInterface';
import { now, tell, tellingWhenOverdue, tellOperators } from './tell';

/** What the steps of one parcel share. */
interface ParcelContext {
  readonly input: ShipmentInput;
  readonly life: ParcelLife;
  readonly saga: Saga;
}

/** One parcel, from packed to shipped: take its money, book a carrier, see it off, tell the world. */
export async function shipment(input: ShipmentInput): Promise<ShipmentResult> {
  const context = parcelContext(input);
  const { life } = context;
  let dispatch = input.dispatch;
  const take = async (told: Dispatch) => {
    const isStray = dispatch === undefined && life.isGivenUp;
    dispatch ??= told;
    if (isStray && patched('strays-are-told')) {
      await CancellationScope.nonCancellable(() => tellOperators(life.stray(told)));
    }
  };
  setHandler(dispatchedSignal, take, {
    description:
      'The carrier has taken the parcel over: {"shipment": "1", "carrier": "...", "trackingNumber": "...", "dispatchedAt": "..."}. The first one counts.',
  });
  const inTime = <T>(work: () => Promise<T>) =>
    tellingWhenOverdue(input.dispatchSeconds, () => life.overdue(), work);
  const untilDispatched = () => condition(() => dispatch !== undefined);

  // What is packed goes out: Temporal's own Cancel comes too late, as the customer's does.
  return CancellationScope.nonCancellable(async () => {
    try {
      const refusal = await (input.packedAt === undefined
        ? handOver(context, () => inTime(untilDispatched))
        : inTime(() => handOver(context, untilDispatched)));
      if (refusal !== undefined) return await fail(context, refusal);
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      return await fail(context, failure.cause?.message ?? failure.message);
    }
    return ship(context, dispatch!);
  });
}

function parcelContext(input: ShipmentInput): ParcelContext {
  const life = new ParcelLife(input);
  const saga = new Saga({
    onDone: done => life.compensations.push(done),
    stuck: step => life.stuck(step),
  });
  return { input, life, saga };
}

/** To the carrier's van; the reason of a carrier that does not take the parcel. */
async function handOver(
  context: ParcelContext,
  untilDispatched: () => Promise<void>,
): Promise<string | undefined> {
  await capture(context);
  const refusal = await book(context);
  if (refusal === undefined) await untilDispatched();
  return refusal;
}

async function capture({ input, life, saga }: ParcelContext): Promise<void> {
  const { order, parcel, amount, authorization } = input;
  saga.before('returnParcel', () =>
    returnParcel({ orderId: order.orderId, shipment: parcel.shipment }),
  );
  if (authorization === undefined || amount === 0) return;
  const { provider, authorizationId } = authorization;
  const keyOf = (step: string) => `${order.orderId}:${step}:${parcel.shipment}`;
  const key = keyOf('capture');
  life.waitsFor(`${provider} to take its money`);
  // Tried until it is surely done or surely not: nothing is taken of which nobody knows.
  const { captureId } = await capturePayment({ provider, key, authorizationId, amount });
  saga.before('refundPayment', () =>
    refundPayment({ provider, key: keyOf('refund'), captureId, amount }),
  );
}

/** The reason of the carrier that does not take the parcel. */
async function book({ input, life, saga }: ParcelContext): Promise<string | undefined> {
  const { orderId, customer } = input.order;
  const { firstName, lastName, shippingAddress } = customer;
  const { shipment: number } = input.parcel;
  const key = `${orderId}:book:${number}`;
  const { forget } = saga.before('cancelBooking', () => cancelBooking({ key }));
  const recipient = { firstName, lastName, shippingAddress };
  life.waitsFor('a carrier to be booked');
  const answer = await bookCarrier({ key, orderId, shipment: number, recipient });
  if (answer.status === 'booked') {
    life.waitsFor(`the van of ${answer.carrier}`);
    return undefined;
  }
  forget();
  return answer.reason;
}

async function ship({ input, life }: ParcelContext, dispatch: Dispatch): Promise<ShipmentResult> {
  const { orderId } = input.order;
  const { shipment: number } = input.parcel;
  life.ends('shipped', `with ${dispatch.carrier}, ${dispatch.trackingNumber}`);
  const [endedAt] = await Promise.all([
    tell(shipmentAnnouncement(input, dispatch, now())),
    shipStock({ orderId, shipment: number }),
  ]);
  return { outcome: 'shipped', ...dispatch, shipment: number, endedAt };
}

async function fail({ input, life, saga }: ParcelContext, reason: string): Promise<ShipmentResult> {
  const { shipment: number } = input.parcel;
  life.ends('failed', reason);
  await saga.compensate();
  const { compensations } = life;
  const endedAt = await tellOperators(life.lost(reason));
  await condition(allHandlersFinished);
  return { outcome: 'failed', shipment: number, reason, compensations, endedAt };
}
