/** What can be asked of an order, and told to it: the names and types that clients and the workflow share. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ApprovalDecision } from '../domain/approval';
import type { CancellationRequest } from '../domain/decision';
import type { OrderSnapshot } from '../domain/orderInput';
import type { OrderStatus } from '../domain/orderStatus';
import type { Dispatch, Packing } from '../domain/shipping';
import type { Order } from '../messages/orderReceived';

/** The status now, with its history. Works on closed orders too. */
export const statusQuery = defineQuery<OrderSnapshot>('status');

/**
 * Cancels an order of which nothing is packed yet, and answers at once with its status.
 * Refused with the failure type `OrderDecided` where it is too late, `CancellationInvalid` where it is wrong.
 */
export const cancelUpdate = defineUpdate<OrderStatus, [CancellationRequest]>('cancel');

/**
 * Decides an order that waits for a person.
 * Refused with the failure type `ApprovalNotAwaited` or `ApprovalInvalid`.
 */
export const decideUpdate = defineUpdate<void, [ApprovalDecision]>('decide');

/**
 * Sends what is not packed yet to another address.
 * Refused with the failure type `OrderDecided` where it is too late, `AddressInvalid` where it is wrong.
 */
export const changeAddressUpdate = defineUpdate<void, [Order['customer']['shippingAddress']]>(
  'changeAddress',
);

/** The stock for which the order waits is reserved now. */
export const stockReservedSignal = defineSignal('stockReserved');

/** The warehouse has packed a parcel. */
export const packedSignal = defineSignal<[Packing]>('packed');

/** The carrier has taken over a parcel whose own workflow did not run yet. */
export const dispatchedSignal = defineSignal<[Dispatch]>('dispatched');
