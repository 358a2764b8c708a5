import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities, ReconciliationStep } from '../activities/reconciliation';

/**
 * No attempt limit: a pass waits for the servers, and the schedule starts no other beside it. Whether a step
 * lives its heartbeats tell; one that asks Temporal for very many workflows, no faster than it may, takes hours.
 */
const { reconcileNext } = proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

export interface ReconcileInput {
  readonly depth: Parameters<ReconciliationActivities['reconcileNext']>[0];
  /** What earlier runs of this pass did. */
  readonly sofar?: PassResult;
}

export type PassResult = Omit<ReconciliationStep, 'done'>;

/** Steps in one history: after a long absence there may be very many. */
const stepsPerRun = 200;

/** One pass: from the checkpoint to now, step by step. Answers with the sums over all of them. */
export async function reconcile({ depth, sofar }: ReconcileInput): Promise<PassResult> {
  let sum = sofar ?? { runs: 0, histories: 0, repaired: 0, unexplained: 0 };
  for (let number = 0; number < stepsPerRun; number++) {
    const step = await reconcileNext(depth);
    sum = {
      runs: sum.runs + step.runs,
      histories: sum.histories + step.histories,
      repaired: sum.repaired + step.repaired,
      unexplained: sum.unexplained + step.unexplained,
    };
    if (step.done) return sum;
  }
  return continueAsNew<typeof reconcile>({ depth, sofar: sum });
}
