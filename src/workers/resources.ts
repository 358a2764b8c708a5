/**
 * What a role has opened. Closed in reverse order, so that what takes work in stops before what passes
 * it on: consumer, worker, producer, connections.
 */
export class Resources {
  private readonly closers: (() => Promise<unknown>)[] = [];

  /** Hands the resource back, and closes it with the others. */
  use<T>(resource: T, close: (resource: T) => Promise<unknown>): T {
    this.closers.push(() => close(resource));
    return resource;
  }

  /**
   * Closes everything, also where closing one thing fails. Safe to repeat.
   * @throws AggregateError of what failed
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.splice(0).reverse()) {
      await close().catch(thrown => failures.push(thrown));
    }
    if (failures.length > 0) throw new AggregateError(failures);
  }
}
