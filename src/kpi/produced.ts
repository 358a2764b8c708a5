/**
 * What this program makes happen: the subjects of each kind of occurrence that some part of it produces.
 * Tests hold the lists against the code. A KPI over anything else is not fed yet, which is not the same
 * as a count of zero.
 */
import type { OccurrenceKind } from './fields';

export const activityTypes = ['announce', 'releaseStock', 'reserveStock'] as const;

export const workflowTypes = ['order'] as const;

/** The domain events that are announced as milestones. */
export const milestones = ['OrderCancelled', 'OrderConfirmed', 'OrderRejected'] as const;

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

export const produced: { readonly [K in OccurrenceKind]: readonly string[] } = {
  'attempt-failed': activityTypes,
  'step-ended': activityTypes,
  milestone: milestones,
  'workflow-closed': workflowTypes,
  'order-refused': refusals,
  measured: measurements,
};
