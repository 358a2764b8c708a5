/**
 * One batch after the other: while one is under way, the next one gathers. All that is in a batch has one
 * promise, which is what makes it cheaper than a batcher that answers each item by itself. Where a batch
 * fails, all behind it fail: nothing passes what is not done.
 */
export class Convoy<Batch> {
  private gathering: { readonly batch: Batch; readonly done: Promise<void> } | undefined;
  private last: Promise<void> = Promise.resolve();

  /**
   * @param begin makes an empty batch
   * @param run deals with one
   */
  constructor(
    private readonly begin: () => Batch,
    private readonly run: (batch: Batch) => Promise<void>,
  ) {}

  /** Puts something into the batch that gathers. @returns a promise that is that of the whole batch */
  add(put: (batch: Batch) => { readonly isFull: boolean }): Promise<void> {
    this.gathering ??= this.open();
    const { batch, done } = this.gathering;
    if (put(batch).isFull) this.gathering = undefined;
    return done;
  }

  private open(): NonNullable<Convoy<Batch>['gathering']> {
    const batch = this.begin();
    const done = this.leave(batch, this.last);
    this.last = done;
    // Whoever added to it hears of it.
    done.catch(() => {});
    return { batch, done };
  }

  private async leave(batch: Batch, before: Promise<void>): Promise<void> {
    await before;
    // What comes in this turn of the event loop comes along.
    await new Promise(resolve => setImmediate(resolve));
    if (this.gathering?.batch === batch) this.gathering = undefined;
    await this.run(batch);
  }
}
