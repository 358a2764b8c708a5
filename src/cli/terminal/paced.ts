import { pause } from './interrupt';

/**
 * Yields the items at `rate` per second, counted from the first: what is late is caught up, so the rate
 * holds on average. Ends early once the signal is aborted.
 */
export async function* paced<T>(
  items: Iterable<T>,
  rate: number,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const begin = performance.now();
  let number = 0;
  for (const item of items) {
    const early = begin + (number / rate) * 1_000 - performance.now();
    if (early > 0) await pause(early, signal);
    if (signal.aborted) return;
    yield item;
    number++;
  }
}
