/**
 * Group commit: gathers concurrent calls and hands them over in batches.
 *
 * A batch leaves as soon as a lane is free, so a lone call waits for nothing (unless `lingerMs` says so),
 * and under load the batches grow by themselves to what arrived while the lanes were busy.
 */
export interface BatcherOptions<In, Out> {
  /**
   * Handles one batch; answers in the order of the items, or with nothing where calls have no answer.
   * A throw fails every call of the batch.
   */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]> | Promise<void>;
  /** The largest batch. */
  readonly maxItems: number;
  /** How many batches may be under way at once; 1 keeps them in order. Default 1. */
  readonly lanes?: number;
  /** How long the first item of a batch waits for company, in milliseconds. Default: this turn of the event loop. */
  readonly lingerMs?: number;
}

/** Hears what became of an item. */
export interface Answer<Out> {
  readonly resolve: (out: Out) => void;
  readonly reject: (reason: unknown) => void;
}

interface Waiting<In, Out> {
  readonly item: In;
  readonly answer: Answer<Out>;
}

export class Batcher<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private busyLanes = 0;
  private departure: { cancel(): void } | undefined;
  private flushing = false;
  private idle: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<In, Out>) {}

  /** Items that wait for a lane. */
  get queued(): number {
    return this.waiting.length;
  }

  /** Puts one item into the next batch and answers with its own result. */
  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => this.put(item, { resolve, reject }));
  }

  /** As `add`, without a promise. */
  put(item: In, answer: Answer<Out>): void {
    this.waiting.push({ item, answer });
    this.schedule();
  }

  /** Sends what waits without lingering, and resolves when nothing is queued or under way. */
  async flush(): Promise<void> {
    if (this.waiting.length === 0 && this.busyLanes === 0) return;
    this.flushing = true;
    this.pump();
    await new Promise<void>(resolve => this.idle.push(resolve));
  }

  private schedule(): void {
    if (this.flushing || this.waiting.length >= this.options.maxItems) {
      this.pump();
      return;
    }
    this.departure ??= afterLinger(this.options.lingerMs, () => this.pump());
  }

  private pump(): void {
    this.departure?.cancel();
    this.departure = undefined;
    while (this.waiting.length > 0 && this.busyLanes < (this.options.lanes ?? 1)) {
      void this.runBatch(this.waiting.splice(0, this.options.maxItems));
    }
    if (this.waiting.length === 0 && this.busyLanes === 0) {
      this.flushing = false;
      for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  private async runBatch(batch: Waiting<In, Out>[]): Promise<void> {
    this.busyLanes++;
    try {
      const answers = await this.options.run(batch.map(w => w.item));
      batch.forEach(({ answer }, i) => {
        answer.resolve(answers?.[i] as Out);
      });
    } catch (thrown) {
      for (const { answer } of batch) answer.reject(thrown);
    } finally {
      this.busyLanes--;
      this.pump();
    }
  }
}

function afterLinger(lingerMs: number | undefined, depart: () => void): { cancel(): void } {
  if (lingerMs === undefined) {
    const immediate = setImmediate(depart);
    return { cancel: () => clearImmediate(immediate) };
  }
  const timer = setTimeout(depart, lingerMs);
  return { cancel: () => clearTimeout(timer) };
}
