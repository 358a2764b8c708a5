/** The exit from the sandbox for KPI capture: declared here, implemented in `interceptors/worker`. */
import type { Sinks } from '@temporalio/workflow';
import type { StepEnded, WorkflowClosed } from '../../kpi/occurrence';

/** An activity or child workflow ended. `stepId`: activity id or child workflow id. */
export interface StepFact
  extends Pick<StepEnded, 'occurrence' | 'step' | 'outcome' | 'seconds' | 'at' | 'provider'> {
  readonly stepId: string;
}

/** The run ended. */
type ClosingFact = Pick<WorkflowClosed, 'occurrence' | 'outcome' | 'seconds' | 'at'>;

/** What only the sandbox knows of an occurrence; who and when it ran comes along with every sink call. */
export type SandboxFact = StepFact | ClosingFact;

export interface KpiSinks extends Sinks {
  kpi: { occurred(fact: SandboxFact): void };
}
