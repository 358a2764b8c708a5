/**
 * Compensations: what takes a step back is registered before the step begins, since a step whose outcome
 * nobody learned may have been done. They run last to first, and each until it has succeeded. One that
 * does not get there is told to operators, and goes on.
 */
import { ActivityFailure, CancellationScope, patched, sleep } from '@temporalio/workflow';
import type { CompensationDone } from '../domain/orderInput';
import { type Notice, now, tellingWhenOverdue, tellOperators } from './tell';

interface Compensation {
  /** The name of its activity. */
  readonly step: string;
  readonly undo: () => Promise<unknown>;
}

/** A compensation that is registered, and not done yet. */
export interface Registered {
  /** There is nothing to take back. */
  readonly forget: () => void;
  /**
   * The step was given up: takes it back now, beside whatever else goes on, and resolves when that is
   * done. Nothing cancels it.
   */
  readonly takeBack: () => Promise<void>;
}

export interface SagaOptions {
  readonly onDone: (done: CompensationDone) => void;
  /** What operators are told of a step that is stuck; absent where nobody is told. */
  readonly stuck?: (step: string) => Notice;
}

/** A compensation that takes longer is stuck. */
const stuckAfterSeconds = 300;

/**
 * After a refusal that is not retried by itself, so that a mended partner is found again. It doubles up to
 * the longest, since each refusal takes room in a history that has an end: docs/activities.md has the sum.
 */
const firstPauseMs = 60_000;
const longestPauseMs = 4 * 3_600_000;

export class Saga {
  private readonly compensations: Compensation[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: SagaOptions) {}

  /** Registers a compensation. */
  before(step: string, undo: () => Promise<unknown>): Registered {
    const compensation = { step, undo };
    this.compensations.push(compensation);
    const forget = () => {
      const index = this.compensations.indexOf(compensation);
      if (index >= 0) this.compensations.splice(index, 1);
    };
    const takeBack = () => {
      forget();
      const done = CancellationScope.nonCancellable(() => this.undo(compensation));
      this.underWay.add(done);
      return done;
    };
    return { forget, takeBack };
  }

  get isEmpty(): boolean {
    return this.compensations.length === 0;
  }

  /** Takes nothing back any more: somebody else does, or needs it. */
  leave(): void {
    this.compensations.splice(0);
  }

  /** Takes back all that is registered. Call it where nothing can cancel it. */
  async compensate(): Promise<void> {
    for (let next = this.compensations.pop(); next; next = this.compensations.pop()) {
      await this.undo(next);
    }
  }

  /** Waits for what is being taken back beside the rest. Nothing may close before. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async undo({ step, undo }: Compensation): Promise<void> {
    const { stuck, onDone } = this.options;
    if (stuck === undefined) await undo();
    else await untilDone(undo, stuck(step));
    onDone({ step, at: now() });
  }
}

/** Operators are told once: that it is refused or that it takes long, whichever comes first. */
async function untilDone(undo: () => Promise<unknown>, stuck: Notice): Promise<void> {
  let isTold = false;
  const untold = () => {
    // Without the patch they were told of each refusal, and of the time as well.
    if (isTold && patched('stuck-is-told-once')) return undefined;
    isTold = true;
    return stuck;
  };
  await tellingWhenOverdue(stuckAfterSeconds, untold, async () => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await undo();
        return;
      } catch (failure) {
        if (!(failure instanceof ActivityFailure)) throw failure;
        const notice = untold();
        if (notice) await tellOperators(notice);
        await sleep(pauseMs);
      }
    }
  });
}
