/** Ctrl-C, the signal by which a supervisor ends a process, and the one of a terminal that is closed. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C can arrive twice: from the terminal, and passed on by npm. What comes within this many
 * milliseconds is the same one.
 */
const sameWithinMs = 1_000;

export interface Interrupt {
  /** Aborted by the first signal; a later one ends the process at once. */
  readonly signal: AbortSignal;
  /** Listens no more: signals end the process again. */
  ignore(): void;
}

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let first: number | undefined;
  const onSignal = () => {
    const now = Date.now();
    first ??= now;
    if (now - first > sameWithinMs) process.exit(1);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    ignore() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Runs `work` with a signal that Ctrl-C aborts. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = listenForInterrupt();
  try {
    return await work(interrupt.signal);
  } finally {
    interrupt.ignore();
  }
}

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
