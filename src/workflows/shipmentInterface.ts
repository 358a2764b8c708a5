/** What can be told to a shipment. */
import { defineSignal } from '@temporalio/workflow';
import type { Dispatch } from '../domain/shipping';

/** The carrier has taken over the parcel. The first one counts. */
export const dispatchedSignal = defineSignal<[Dispatch]>('dispatched');
