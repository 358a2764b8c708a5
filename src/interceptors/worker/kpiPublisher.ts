/**
 * Takes KPI events off the hands of the orders: it never throws and never waits. What was captured is
 * gathered, and becomes events when it leaves: some fifty of them at a time take a third of what each by
 * itself takes between two steps of an order. What Kafka has not acknowledged is bounded by `queueLimit`;
 * what does not fit is dropped and counted, and found again by the reconciliation with Temporal's own record.
 */
import type { Logger } from 'pino';
import { messageOf } from '../../errors';
import type { Acknowledgement, Publisher } from '../../kafka/publisher';
import type { OutgoingRecord } from '../../kafka/record';

export interface KpiPublisherOptions {
  /** A publisher of its own, so that KPI events never stand in the way of business messages. */
  readonly publisher: Pick<Publisher, 'offer'>;
  /** What may wait: occurrences until they leave, then their events until Kafka has acknowledged them. */
  readonly queueLimit: number;
  /** How long the first to be gathered waits for others, in milliseconds. */
  readonly lingerMs: number;
  readonly logger: Pick<Logger, 'warn'>;
}

export interface KpiCounts {
  /** Events acknowledged by Kafka. */
  readonly published: number;
  /** Not taken: the queue was full, or the publisher stopped. */
  readonly dropped: number;
  /** Taken, and lost on the way. */
  readonly failed: number;
  /** Taken, and not acknowledged yet. */
  readonly pending: number;
}

/** Makes the records of something that was captured. */
type Derive = () => readonly OutgoingRecord[];

/** What left together. */
interface Departure {
  /** When the first of it was captured, milliseconds since the epoch. */
  readonly since: number;
  left: number;
}

/**
 * Enough to share what a send costs by itself, a millisecond or two; deriving the events of more would hold the
 * process up for longer than that.
 */
const mostGathered = 100;
const full = 'the queue is full';

export class KpiPublisher {
  private readonly count = { published: 0, dropped: 0, failed: 0, pending: 0 };
  private readonly underWay = new Set<Departure>();
  private gathered: Derive[] = [];
  private gatheredSince = 0;
  private timer: NodeJS.Timeout | undefined;
  private losing = false;
  private stopped = false;
  private idle: (() => void)[] = [];

  constructor(private readonly options: KpiPublisherOptions) {}

  get counts(): KpiCounts {
    return { ...this.count };
  }

  /**
   * When the oldest was captured of what is neither acknowledged nor failed, in milliseconds since the epoch;
   * undefined where there is nothing.
   */
  get oldest(): number | undefined {
    const [first] = this.underWay;
    if (first !== undefined) return first.since;
    return this.gathered.length === 0 ? undefined : this.gatheredSince;
  }

  offer(derive: Derive): void {
    if (this.stopped || this.count.pending >= this.options.queueLimit) {
      // Derived all the same, so that each event is counted.
      this.lost('dropped', full, this.derived(derive).length);
      return;
    }
    this.count.pending++;
    this.gathered.push(derive);
    if (this.gathered.length === 1) {
      this.gatheredSince = Date.now();
      this.timer = setTimeout(() => this.depart(), this.options.lingerMs);
    } else if (this.gathered.length >= mostGathered) {
      this.depart();
    }
  }

  /**
   * Takes nothing more, and resolves once all is acknowledged or failed, after `withinMs` at the latest:
   * a Kafka that is away must not hold up the end of the process.
   */
  async stop(withinMs: number): Promise<void> {
    this.stopped = true;
    this.depart();
    if (this.count.pending === 0) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, withinMs);
      this.idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private depart(): void {
    clearTimeout(this.timer);
    const leaving = this.gathered;
    if (leaving.length === 0) return;
    this.gathered = [];
    const departure = { since: this.gatheredSince, left: leaving.length };
    this.underWay.add(departure);
    const answer = {
      resolve: () => {
        this.count.published++;
        this.leave(departure);
      },
      reject: (reason: unknown) => {
        this.lost('failed', messageOf(reason));
        this.leave(departure);
      },
    };
    for (const derive of leaving) {
      for (const record of this.derived(derive)) {
        // What it follows from holds a place of its own until all are handed over.
        if (this.count.pending > this.options.queueLimit) this.lost('dropped', full);
        else this.handOver(record, departure, answer);
      }
      this.leave(departure);
    }
  }

  private handOver(record: OutgoingRecord, departure: Departure, answer: Acknowledgement): void {
    this.count.pending++;
    departure.left++;
    this.options.publisher.offer(record, answer);
  }

  private derived(derive: Derive): readonly OutgoingRecord[] {
    try {
      return derive();
    } catch (thrown) {
      this.lost('failed', messageOf(thrown));
      return [];
    }
  }

  private leave(departure: Departure): void {
    if (--departure.left === 0) this.underWay.delete(departure);
    if (--this.count.pending === 0) this.drained();
  }

  private drained(): void {
    this.losing = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** One line in the log per time of trouble, which ends when the queue is empty again. */
  private lost(how: 'dropped' | 'failed', reason: string, events = 1): void {
    this.count[how] += events;
    if (this.losing || events === 0) return;
    this.losing = true;
    this.options.logger.warn({ ...this.count, reason }, 'losing KPI events');
  }
}
