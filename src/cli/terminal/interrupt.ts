/** Ctrl-C, the signal by which a supervisor ends a process, and the one of a terminal that is closed. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const interruptions = new Set<AbortController>();

/**
 * Runs `work` with a signal that Ctrl-C aborts. Further ones change nothing, for two reasons: npm passes
 * each Ctrl-C on a second time, and what `work` has started must be stopped in order.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const onSignal = () => interruption.abort();
  for (const signal of signals) process.on(signal, onSignal);
  interruptions.add(interruption);
  try {
    return await work(interruption.signal);
  } finally {
    interruptions.delete(interruption);
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** Does what Ctrl-C does to interruptible work. */
export function interruptWork(): void {
  for (const interruption of interruptions) interruption.abort();
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
