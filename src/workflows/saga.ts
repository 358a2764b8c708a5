/**
 * Compensations: what takes a step back is registered before the step begins, since a step whose outcome
 * nobody learned may have been done. They run last to first, and each until it has succeeded. One that
 * does not get there is told to operators, and goes on.
 */
import { ActivityFailure, sleep } from '@temporalio/workflow';
import { type Notice, tellingWhenOverdue, tellOperators } from './tell';

interface Compensation {
  /** The name of its activity. */
  readonly step: string;
  readonly undo: () => Promise<unknown>;
}

export interface SagaOptions {
  readonly onDone: (step: string) => void;
  /** What operators are told of a step that is stuck; absent where nobody is told. */
  readonly stuck?: (step: string) => Notice;
}

/** A compensation that takes longer is stuck. */
const stuckAfterSeconds = 300;

/** After a refusal that is not retried by itself, so that a mended partner is found again. */
const pauseAfterRefusal = '1 minute';

export class Saga {
  private readonly compensations: Compensation[] = [];

  constructor(private readonly options: SagaOptions) {}

  /** Registers a compensation. The answer forgets it again, where there is nothing to take back. */
  before(step: string, undo: () => Promise<unknown>): () => void {
    const compensation = { step, undo };
    this.compensations.push(compensation);
    return () => {
      const index = this.compensations.indexOf(compensation);
      if (index >= 0) this.compensations.splice(index, 1);
    };
  }

  /** Takes back all that is registered. Call it where nothing can cancel it. */
  async compensate(): Promise<void> {
    for (let next = this.compensations.pop(); next; next = this.compensations.pop()) {
      await this.undo(next);
      this.options.onDone(next.step);
    }
  }

  private async undo({ step, undo }: Compensation): Promise<void> {
    const { stuck } = this.options;
    if (stuck === undefined) await undo();
    else
      await tellingWhenOverdue(stuckAfterSeconds, stuck(step), () => untilDone(undo, stuck(step)));
  }
}

async function untilDone(undo: () => Promise<unknown>, stuck: Notice): Promise<void> {
  for (;;) {
    try {
      await undo();
      return;
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      await tellOperators(stuck);
      await sleep(pauseAfterRefusal);
    }
  }
}
