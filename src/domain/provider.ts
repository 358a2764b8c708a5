/** The partner that a step calls: what it is asked says so. For the sandbox, and for whoever reads the history. */
export function providerOf(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const provider: unknown = Reflect.get(request, 'provider');
  return typeof provider === 'string' ? provider : undefined;
}
