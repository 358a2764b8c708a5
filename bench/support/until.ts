/**
 * Resolves once the condition holds; looks again every `everyMs`.
 * @throws Error naming `what` when it does not hold within ten minutes
 */
export async function until(
  condition: () => Promise<boolean>,
  what: string,
  everyMs = 100,
): Promise<void> {
  const deadline = performance.now() + 600_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
}
