/**
 * Runs the handlers: a bounded number at once, each record until it succeeds.
 *
 * A record whose handler rejects gives its place to others, waits, and takes a place again ahead of new
 * records. While a partition has such records nothing new of it is handed over, so that the records that
 * wait are never more than were under way.
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

  /** Hands over a record, for which a place was taken and which the partition's tracker knows as begun. */
  start(record: IncomingRecord, partition: AssignedPartition): void {
    void this.process(record, partition);
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

  private async process(record: IncomingRecord, partition: AssignedPartition): Promise<void> {
    let failures = 0;
    while (await this.fails(record, failures + 1)) {
      this.release();
      if (partition.dropped) return;
      if (++failures === 1) partition.troubled++;
      if (!(await this.placeAgain(failures))) return;
      if (partition.dropped) return this.release();
    }
    partition.tracker.finish(BigInt(record.offset));
    if (failures > 0 && --partition.troubled === 0) this.options.resume(partition);
    this.release();
  }

  private async fails(record: IncomingRecord, attempt: number): Promise<boolean> {
    try {
      await this.options.onRecord(record);
      return false;
    } catch (thrown) {
      if (this.isStopping) return true;
      const { topic, partition, offset } = record;
      this.options.logger.warn(
        { topic, partition, offset, attempt, detail: messageOf(thrown) },
        'a record could not be dealt with now; it is tried again',
      );
      return true;
    }
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

  private release(): void {
    const next = this.returning.shift();
    if (next === undefined) this.running--;
    else next(true);
    this.wake();
  }
}
