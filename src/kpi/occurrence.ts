/**
 * Occurrences: the one vocabulary between Temporal and the KPIs.
 *
 * Each has an id that is derived from what happened, so a retried task, a replayed history, a crashed
 * producer and the reconciler all name the same thing alike, and a time that was recorded, never read
 * from a clock while deriving. Times are milliseconds since the epoch.
 */

interface OccurrenceBase {
  readonly id: string;
  /** When it happened: the time of the workflow task, attempt or record that delivered the fact. */
  readonly at: number;
  /** The time that chooses the definition's version; it never changes for this id. */
  readonly versionAt: number;
  readonly workflowType?: string;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly taskQueue?: string;
  /** A test order: runs the whole path and counts in no business figure. */
  readonly synthetic: boolean;
  readonly traceparent?: string;
}

/** An activity attempt threw, or its worker stopped under it (`failure` is then `unknown`). */
export interface AttemptFailed extends OccurrenceBase {
  readonly occurrence: 'attempt-failed';
  readonly activity: string;
  readonly attempt: number;
  readonly failure: string;
}

/** An activity or child workflow ended, well or finally badly. */
export interface StepEnded extends OccurrenceBase {
  readonly occurrence: 'step-ended';
  readonly step: string;
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly seconds: number;
  /** The partner that the step called, where it calls one: a payment provider, a carrier. */
  readonly provider?: string;
}

/** An announcement was made; carries the domain event's facts. `seconds` since the order was received. */
export interface MilestoneReached extends OccurrenceBase {
  readonly occurrence: 'milestone';
  readonly name: string;
  readonly seconds: number;
  readonly outcome: string;
  readonly total?: number;
  readonly currency: string;
  readonly channel: string;
  readonly region: string;
  readonly unknownProducts: number;
}

/**
 * A workflow run returned, failed or was cancelled (never a failed task, never continue-as-new). It ended
 * when its result says so (`endedAt`), else at the time of its last task.
 */
export interface WorkflowClosed extends OccurrenceBase {
  readonly occurrence: 'workflow-closed';
  readonly outcome: string;
  readonly seconds: number;
}

/** Intake refused a message. */
export interface OrderRefused extends OccurrenceBase {
  readonly occurrence: 'order-refused';
  readonly kind: string;
}

/**
 * A process noted what no workflow tells: a level (how far the intake is behind), or something that it
 * did or found (`amount` is then how often).
 */
export interface Measured extends OccurrenceBase {
  readonly occurrence: 'measured';
  /** What is measured, `intake-lag` for example. */
  readonly source: string;
  readonly amount: number;
  /** What it was measured of: a KPI, a role, a topic. */
  readonly subject?: string;
  /** Which sort of it, where there are several: for parity the kind of occurrence. */
  readonly kind?: string;
  /** How thoroughly it was looked at. */
  readonly depth?: string;
  /** What was found, where a measurement tells good from bad. */
  readonly result?: string;
}

export type Occurrence =
  | AttemptFailed
  | StepEnded
  | MilestoneReached
  | WorkflowClosed
  | OrderRefused
  | Measured;

export const occurrenceId = {
  attempt: (workflowId: string, runId: string, activityId: string, attempt: number) =>
    `attempt:${workflowId}:${runId}:${activityId}:${attempt}`,
  step: (workflowId: string, runId: string, stepId: string) =>
    `step:${workflowId}:${runId}:${stepId}`,
  milestone: (workflowId: string, name: string, shipment?: string) =>
    shipment === undefined
      ? `milestone:${workflowId}:${name}`
      : `milestone:${workflowId}:${name}:${shipment}`,
  closed: (workflowId: string, runId: string) => `closed:${workflowId}:${runId}`,
  refused: (originDigest: string) => `refused:${originDigest}`,
  /** @param parts what tells this measurement from the others of its source: of what, and for when */
  measured: (source: string, ...parts: readonly string[]) =>
    ['measured', source, ...parts].join(':'),
};

/** What an occurrence's id begins with. */
export const occurrenceIdKinds = Object.keys(occurrenceId);
