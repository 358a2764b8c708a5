/**
 * The sandbox half of KPI capture: sees steps end and runs close, and hands the bare facts over.
 *
 * These interceptors are part of the workflow's code: they add a turn of the microtask queue to each
 * activity, so a worker with and one without them could order concurrent events differently. They are
 * always in the bundle; what nobody observes is let go on the other side of the sink.
 */
import {
  type ActivityInput,
  CancellationScope,
  isCancellation,
  proxySinks,
  TemporalFailure,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptorsFactory,
  type WorkflowOutboundCallsInterceptor,
  workflowInfo,
} from '@temporalio/workflow';
import { providerOf } from '../../domain/provider';
import { runContext, withContextHeader, withContextMemo } from './context';
import type { KpiSinks, StepFact } from './sinks';

const { kpi } = proxySinks<KpiSinks>();

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [closings],
  outbound: [steps],
});

const closings: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      const result = await next(input);
      closed(outcomeOf(result), endOf(result));
      return result;
    } catch (thrown) {
      const outcome = failedOutcome(thrown);
      if (outcome !== undefined) closed(outcome);
      throw thrown;
    }
  },
};

const steps: WorkflowOutboundCallsInterceptor = {
  async scheduleActivity(input, next) {
    const forwarded = { ...input, headers: withContextHeader(input.headers, runContext()) };
    // The SDK rejects it at once and schedules nothing, so no step begins.
    if (CancellationScope.current().consideredCancelled) return next(forwarded);
    const provider = providerOf(input.args[0]);
    const ended = beginStep(input.activityType, activityIdOf(input), provider);
    try {
      const result = await next(forwarded);
      ended('completed');
      return result;
    } catch (thrown) {
      ended(isCancellation(thrown) ? 'cancelled' : 'failed');
      throw thrown;
    }
  },

  async startChildWorkflowExecution(input, next) {
    const forwarded = { ...input, options: withContextMemo(input.options, runContext()) };
    if (CancellationScope.current().consideredCancelled) return next(forwarded);
    const ended = beginStep(input.workflowType, input.options.workflowId);
    const [started, result] = await next(forwarded);
    result.then(
      () => ended('completed'),
      thrown => ended(isCancellation(thrown) ? 'cancelled' : 'failed'),
    );
    return [started, result];
  },
};

/** Temporal's own rule for the id of an activity that is given none. */
const activityIdOf = ({ options, seq }: ActivityInput): string => options.activityId ?? `${seq}`;

/** @param provider the partner that the step calls, where it calls one */
function beginStep(
  step: string,
  stepId: string,
  provider?: string,
): (outcome: StepFact['outcome']) => void {
  const begun = Date.now();
  const common = { occurrence: 'step-ended', step, stepId, ...(provider && { provider }) } as const;
  return outcome => {
    const at = Date.now();
    const seconds = (at - begun) / 1000;
    kpi.occurred({ ...common, outcome, seconds, at });
  };
}

function closed(outcome: string, at = Date.now()): void {
  // The end is told by a worker's clock, the start by the server's.
  const seconds = Math.max(0, at - workflowInfo().startTime.getTime()) / 1000;
  kpi.occurred({ occurrence: 'workflow-closed', outcome, seconds, at });
}

/** A workflow that says how it ended is believed. */
function outcomeOf(result: unknown): string {
  const says = said(result, 'outcome');
  return typeof says === 'string' ? says : 'completed';
}

/**
 * When a workflow says that it ended (`endedAt`, RFC 3339), from what history recorded before the last
 * task. The task's own time is good only if the task is not done again, as it is when its completion is
 * lost: then the same event would be told with another time.
 */
function endOf(result: unknown): number | undefined {
  const at = Date.parse(String(said(result, 'endedAt')));
  return Number.isNaN(at) ? undefined : at;
}

const said = (result: unknown, name: 'outcome' | 'endedAt'): unknown =>
  typeof result === 'object' && result !== null ? Reflect.get(result, name) : undefined;

/**
 * Undefined where the run goes on: anything but a TemporalFailure fails only the workflow task, which
 * Temporal retries until the code is mended, and continue-as-new is thrown, too.
 */
function failedOutcome(thrown: unknown): 'cancelled' | 'failed' | undefined {
  if (CancellationScope.current().consideredCancelled && isCancellation(thrown)) return 'cancelled';
  return thrown instanceof TemporalFailure ? 'failed' : undefined;
}
