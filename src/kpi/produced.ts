/**
 * What this program makes happen: the subjects of each kind of occurrence that some part of it produces.
 * Tests hold the lists against the code. A KPI over anything else is not fed yet, which is not the same
 * as a count of zero.
 */
import type { OccurrenceKind } from './fields';

export const activityTypes = [
  'announce',
  'authorizePayment',
  'bookCarrier',
  'cancelBooking',
  'capturePayment',
  'refundPayment',
  'releaseStock',
  'reserveStock',
  'returnParcel',
  'shipStock',
  'voidPayment',
] as const;

export const workflowTypes = ['order', 'shipment'] as const;

/** Workflows that are a step of another one. */
const childWorkflowTypes = ['shipment'] as const;

/** The domain events that are announced as milestones. */
export const milestones = [
  'OrderBackOrdered',
  'OrderCancelled',
  'OrderConfirmed',
  'OrderRejected',
  'OrderShipped',
] as const;

/** The codes with which the intake refuses a message. */
export const refusals = [
  'CloudEventInvalid',
  'ConflictingOrder',
  'DuplicateOrder',
  'EmptyMessage',
  'MessageInvalid',
  'MessageTooLarge',
  'NotJson',
] as const;

/** What processes measure. */
const measurements = [
  'compute-time',
  'data-freshness',
  'intake-lag',
  'kpi-coverage',
  'kpi-parity',
] as const;
export type Measurement = (typeof measurements)[number];

export const produced: { readonly [K in OccurrenceKind]: readonly string[] } = {
  'attempt-failed': activityTypes,
  'step-ended': [...activityTypes, ...childWorkflowTypes],
  milestone: milestones,
  'workflow-closed': workflowTypes,
  'order-refused': refusals,
  measured: measurements,
};
