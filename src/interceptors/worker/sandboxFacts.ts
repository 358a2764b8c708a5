/** Completes what the sandbox tells with who and when it ran, which comes along with every sink call. */
import type { WorkflowInfo } from '@temporalio/workflow';
import { type Occurrence, occurrenceId } from '../../kpi/occurrence';
import type { SandboxFact } from '../workflow/sinks';

/** What the fact is about, as the catalogue asks for it. */
export const subjectOf = (info: WorkflowInfo, fact: SandboxFact): string =>
  fact.occurrence === 'step-ended' ? fact.step : info.workflowType;

export function occurrenceOf(info: WorkflowInfo, fact: SandboxFact): Occurrence {
  const { workflowId, runId, workflowType, taskQueue, memo } = info;
  const run = {
    workflowId,
    runId,
    workflowType,
    taskQueue,
    versionAt: info.startTime.getTime(),
    synthetic: memo?.synthetic === true,
    ...(typeof memo?.traceparent === 'string' && { traceparent: memo.traceparent }),
  };
  if (fact.occurrence === 'workflow-closed') {
    return { ...run, ...fact, id: occurrenceId.closed(workflowId, runId) };
  }
  const { stepId, ...step } = fact;
  return { ...run, ...step, id: occurrenceId.step(workflowId, runId, stepId) };
}
