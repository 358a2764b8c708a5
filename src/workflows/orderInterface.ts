/** What can be asked of a running order: the names and types that clients and the workflow share. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { CancellationRequest } from '../domain/decision';
import type { OrderSnapshot } from '../domain/orderInput';
import type { OrderStatus } from '../domain/orderStatus';

/** The status now, with its history. Works on closed orders too. */
export const statusQuery = defineQuery<OrderSnapshot>('status');

/**
 * Cancels an order that is not decided yet, and answers at once with its status.
 * Refused with the failure type `OrderDecided` from the decision on.
 */
export const cancelUpdate = defineUpdate<OrderStatus, [CancellationRequest]>('cancel');
