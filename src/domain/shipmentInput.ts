/** What starts the workflow of one shipment, and what it answers. */
import type { CompensationDone, OrderInput } from './orderInput';
import type { Authorization } from './payment';
import type { Dispatch, Parcel } from './shipping';

export interface ShipmentInput {
  /** With the address as it was when the parcel was packed. */
  readonly order: OrderInput['order'];
  readonly receivedAt: string;
  readonly parcel: Parcel;
  /** The parcel's share of the order's total, in minor units of the order's currency. */
  readonly amount: number;
  /** The money held for the order; absent where nothing is to be paid. */
  readonly authorization?: Authorization;
  readonly dispatchSeconds: number;
  /**
   * RFC 3339: when the order heard that the parcel is packed, from which on it may be late. Absent where
   * version 0.2.0 started the workflow: there the clock begins once the carrier is booked.
   */
  readonly packedAt?: string;
  /** What the carrier reported before this workflow began. */
  readonly dispatch?: Dispatch;
}

/**
 * `endedAt` (RFC 3339): when nothing was left to do. `compensations`: what was taken back, by time; absent
 * in what version 0.2.0 answered.
 */
export type ShipmentResult =
  | ({ readonly outcome: 'shipped'; readonly endedAt: string } & Dispatch)
  | {
      readonly outcome: 'failed';
      readonly shipment: string;
      readonly reason: string;
      readonly compensations?: readonly CompensationDone[];
      readonly endedAt: string;
    };
