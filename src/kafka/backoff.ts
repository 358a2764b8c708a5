const firstMs = 100;
const longestMs = 5_000;

/**
 * How long to wait before try `attempt` (1 is the first repetition), in milliseconds: doubling from 100 ms
 * to 5 s, spread over the upper half so that many waiters do not return at once ("equal jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param random a number from 0 to 1
 */
export function backoffMs(attempt: number, random: number = Math.random()): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return full / 2 + (full / 2) * random;
}
