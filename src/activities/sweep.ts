/** The sweep, as its workflow calls it. */
import { Context } from '@temporalio/activity';
import { withFailures } from './failure';

/** How many orders a pass has dealt with, by what it did. */
export interface SweepResult {
  readonly released: number;
  readonly extended: number;
  readonly moneyHeld: number;
  readonly forgotten: number;
  /** Payment providers that could not be asked. */
  readonly silent: number;
}

export interface SweepActivitiesOptions {
  /** @param onProgress to be called now and then; throws when it is to stop */
  readonly sweep: (onProgress: () => void) => Promise<SweepResult>;
}

/** May be repeated: what was given back is not given back again. */
export function createSweepActivities({ sweep }: SweepActivitiesOptions) {
  return {
    sweepOrders: withFailures(() => {
      const context = Context.current();
      return sweep(() => {
        context.cancellationSignal.throwIfAborted();
        context.heartbeat();
      });
    }),
  };
}

export type SweepActivities = ReturnType<typeof createSweepActivities>;
