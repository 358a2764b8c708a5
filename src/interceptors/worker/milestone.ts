import type { Announcement, Milestone } from '../../domain/announcement';
import { type MilestoneReached, occurrenceId } from '../../kpi/occurrence';

/** The run that announced. */
export type AnnouncingRun = Pick<
  MilestoneReached,
  'workflowId' | 'runId' | 'workflowType' | 'taskQueue'
> & { readonly workflowId: string };

/**
 * The milestone of an announcement: for its activity as it runs, and for whoever reads the history.
 * @param at when the activity was first scheduled, in milliseconds since the epoch
 */
export function milestoneOf(
  run: AnnouncingRun,
  reached: Milestone,
  { traceparent }: Announcement,
  at: number,
): MilestoneReached {
  const { workflowId, runId, workflowType, taskQueue } = run;
  return {
    occurrence: 'milestone',
    id: occurrenceId.milestone(workflowId, reached.name, reached.shipment),
    at,
    versionAt: at,
    workflowId,
    runId,
    workflowType,
    taskQueue,
    traceparent,
    name: reached.name,
    // The record's clock is the producer's; one that runs ahead does not make time run backwards.
    seconds: Math.max(0, at - Date.parse(reached.receivedAt)) / 1000,
    ...reached.facts,
  };
}
