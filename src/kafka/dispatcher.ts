/**
 * Runs the handlers: a bounded number of records at once, each until it succeeds.
 *
 * Records of a partition, one after the other, that a handler answers with one promise are a run: they
 * cost no more than one, and are not kept here. A run of one that fails gives its place to others, waits,
 * and takes a place again ahead of new records. While a partition has such records nothing new of it is
 * handed over, so that the records that wait are never more than were under way. Where a longer run fails,
 * its records are read from Kafka again.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../errors';
import type { AssignedPartition } from './assignment';
import { backoffMs } from './backoff';
import type { IncomingRecord } from './record';

export interface DispatcherOptions {
  readonly onRecord: (record: IncomingRecord) => Promise<void>;
  readonly maxInFlight: number;
  readonly logger: Logger;
  /** Called when a partition has no failed record any more. */
  readonly resume: (partition: AssignedPartition) => void;
  /** Called where records that are not kept here are to be delivered again. */
  readonly redeliver: (reason: unknown) => void;
}

/** What a handler deals with together. */
export interface Run {
  readonly done: Promise<void>;
  readonly first: IncomingRecord['offset'];
  /** Kept for as long as it is alone. */
  record: IncomingRecord | undefined;
  size: number;
  ended: boolean;
}

export class Dispatcher {
  private running = 0;
  private waiting = 0;
  private readonly stopping = new AbortController();
  /** Records that have waited long enough, each with the function that gives it a place. */
  private readonly returning: ((hasPlace: boolean) => void)[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(private readonly options: DispatcherOptions) {
    // As many as wait listen for the stop; by default Node takes more than ten for a leak.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Records handed over that are not done. */
  get inFlight(): number {
    return this.running + this.waiting;
  }

  /** Takes a place for a new record, where there is one. */
  take(): boolean {
    if (this.isStopping || this.running >= this.options.maxInFlight) return false;
    this.running++;
    return true;
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /**
   * Hands over a record, for which a place was taken.
   * @param last the run of the record before it, which it joins where it has the same promise
   * @returns the run that it belongs to
   */
  start(record: IncomingRecord, partition: AssignedPartition, last: Run | undefined): Run {
    const done = this.handle(record);
    if (last !== undefined && !last.ended && last.done === done) {
      partition.tracker.passTo(BigInt(record.offset) + 1n);
      last.record = undefined;
      last.size++;
      return last;
    }
    partition.tracker.begin(BigInt(record.offset));
    const run = { done, first: record.offset, record, size: 1, ended: false };
    void this.process(run, partition);
    return run;
  }

  /** Resolves when a place may have become free or `wake` is called, at the latest after `limitMs`. */
  changed(limitMs: number): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(look, limitMs);
      this.watchers.add(look);
    });
  }

  wake(): void {
    for (const look of [...this.watchers]) look();
  }

  /** Starts nothing any more; resolves when the handlers under way have ended, or after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.stopping.abort();
    for (const giveUp of this.returning.splice(0)) giveUp(false);
    this.wake();
    const deadline = performance.now() + limitMs;
    while (this.running > 0) {
      const left = deadline - performance.now();
      if (left <= 0) {
        this.options.logger.warn({ handlers: this.running }, 'stopped before all handlers ended');
        return;
      }
      await this.changed(left);
    }
  }

  private async process(run: Run, partition: AssignedPartition): Promise<void> {
    let failure = await failureOf(run.done);
    run.ended = true;
    const { record } = run;
    if (record === undefined && failure !== undefined) {
      this.release(run.size);
      if (!this.isStopping && !partition.dropped) this.options.redeliver(failure.reason);
      return;
    }
    let failures = 0;
    while (record !== undefined && failure !== undefined) {
      this.note(record, failures + 1, failure.reason);
      this.release();
      if (partition.dropped) return;
      if (++failures === 1) partition.troubled++;
      if (!(await this.placeAgain(failures))) return;
      if (partition.dropped) return this.release();
      failure = await failureOf(this.handle(record));
    }
    partition.tracker.finish(BigInt(run.first));
    if (failures > 0 && --partition.troubled === 0) this.options.resume(partition);
    this.release(run.size);
  }

  private handle(record: IncomingRecord): Promise<void> {
    try {
      return this.options.onRecord(record);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  private note({ topic, partition, offset }: IncomingRecord, attempt: number, reason: unknown) {
    if (this.isStopping) return;
    this.options.logger.warn(
      { topic, partition, offset, attempt, detail: messageOf(reason) },
      'a record could not be dealt with now; it is tried again',
    );
  }

  /** Waits for the back-off and then for a place; false where there will be none, because of a stop. */
  private async placeAgain(attempt: number): Promise<boolean> {
    this.waiting++;
    const { signal } = this.stopping;
    await sleep(backoffMs(attempt), undefined, { signal }).catch(() => {});
    const canWait = !this.isStopping && !this.take();
    const hasPlace = canWait
      ? await new Promise<boolean>(resolve => this.returning.push(resolve))
      : !this.isStopping;
    this.waiting--;
    return hasPlace;
  }

  private release(places = 1): void {
    const returning = this.returning.splice(0, places);
    this.running -= places - returning.length;
    for (const give of returning) give(true);
    this.wake();
  }
}

async function failureOf(work: Promise<void>): Promise<{ readonly reason: unknown } | undefined> {
  try {
    await work;
    return undefined;
  } catch (reason) {
    return { reason };
  }
}
