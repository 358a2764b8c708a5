/**
 * Resolves once the condition holds, with what it answered; looks again every 20 ms.
 * @throws Error naming `what` when it does not hold within the limit
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  what = condition.toString(),
  limitMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
