/** The standing reconciliation with Temporal's own record, as its workflow calls it. */
import { Context } from '@temporalio/activity';
import type { Depth } from '../postgres/parity';
import { withFailures } from './failure';

/** What one step did; `done` when it has caught up. */
export interface ReconciliationStep {
  readonly done: boolean;
  /** Runs compared, and how many of their histories had to be read. */
  readonly runs: number;
  readonly histories: number;
  readonly repaired: number;
  readonly unexplained: number;
}

export interface ReconciliationOptions {
  /** Goes on from the checkpoint. @param onProgress to be called now and then; throws when it is to stop */
  readonly step: (depth: Depth, onProgress: () => void) => Promise<ReconciliationStep>;
}

/** May be repeated: a step that was done is not done again, since its checkpoint has moved on. */
export function createReconciliationActivities({ step }: ReconciliationOptions) {
  return {
    reconcileNext: withFailures((depth: Depth) => {
      const context = Context.current();
      return step(depth, () => {
        context.cancellationSignal.throwIfAborted();
        context.heartbeat();
      });
    }),
  };
}

export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;
