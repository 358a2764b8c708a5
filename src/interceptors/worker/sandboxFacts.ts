/** Completes what the sandbox tells with who and when it ran, which comes along with every sink call. */
import type { WorkflowInfo } from '@temporalio/workflow';
import { type Occurrence, occurrenceId } from '../../kpi/occurrence';
import type { SandboxFact } from '../workflow/sinks';

/** What the fact is about, as the catalogue asks for it. */
export const subjectOf = (info: WorkflowInfo, fact: SandboxFact): string =>
  fact.occurrence === 'step-ended' ? fact.step : info.workflowType;

/** The spread comes last: in Node 20 each property that is added after one takes a microsecond. */
export function occurrenceOf(info: WorkflowInfo, fact: SandboxFact): Occurrence {
  const { workflowId, runId, workflowType, taskQueue, memo } = info;
  return {
    id:
      fact.occurrence === 'workflow-closed'
        ? occurrenceId.closed(workflowId, runId)
        : occurrenceId.step(workflowId, runId, fact.stepId),
    workflowId,
    runId,
    workflowType,
    taskQueue,
    versionAt: info.startTime.getTime(),
    synthetic: memo?.synthetic === true,
    traceparent: typeof memo?.traceparent === 'string' ? memo.traceparent : undefined,
    ...fact,
  };
}
