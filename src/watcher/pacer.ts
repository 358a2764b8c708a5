import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the caller's turn. */
export type Pace = () => Promise<void>;

/** Lets at most so many calls a second through, evenly, however many ask at once. */
export function createPacer(perSecond: number): Pace {
  let next = 0;
  return async () => {
    const now = performance.now();
    const turn = Math.max(next, now);
    next = turn + 1_000 / perSecond;
    if (turn > now) await sleep(turn - now);
  };
}
