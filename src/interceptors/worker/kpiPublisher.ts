/**
 * Takes KPI events off the hands of the orders: it never throws and never waits. What Kafka has not
 * acknowledged is bounded by `queueLimit`; what does not fit is dropped and counted, and found again
 * by the reconciliation with Temporal's own record.
 */
import type { Logger } from 'pino';
import type { Answer } from '../../batcher';
import { messageOf } from '../../errors';
import type { Publisher } from '../../kafka/publisher';
import type { OutgoingRecord } from '../../kafka/record';

export interface KpiPublisherOptions {
  /** A publisher of its own, so that KPI events never stand in the way of business messages. */
  readonly publisher: Pick<Publisher, 'offer'>;
  /** Events that may wait for Kafka's acknowledgement. */
  readonly queueLimit: number;
  readonly logger: Pick<Logger, 'warn'>;
}

export interface KpiCounts {
  /** Acknowledged by Kafka. */
  readonly published: number;
  /** Not taken: the queue was full, or the publisher stopped. */
  readonly dropped: number;
  /** Taken, and lost on the way. */
  readonly failed: number;
  /** Taken, and not acknowledged yet. */
  readonly pending: number;
}

export class KpiPublisher {
  private readonly count = { published: 0, dropped: 0, failed: 0, pending: 0 };
  private losing = false;
  private stopped = false;
  private idle: (() => void)[] = [];

  constructor(private readonly options: KpiPublisherOptions) {}

  get counts(): KpiCounts {
    return { ...this.count };
  }

  offer(records: readonly OutgoingRecord[]): void {
    for (const record of records) {
      if (this.stopped || this.count.pending >= this.options.queueLimit) {
        this.lost('dropped', 'the queue is full');
      } else {
        this.send(record);
      }
    }
  }

  /** Counts what never became a record. */
  refuse(reason: unknown): void {
    this.lost('failed', messageOf(reason));
  }

  /**
   * Takes nothing more, and resolves once all is acknowledged or failed, after `withinMs` at the latest:
   * a Kafka that is away must not hold up the end of the process.
   */
  async stop(withinMs: number): Promise<void> {
    this.stopped = true;
    if (this.count.pending === 0) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, withinMs);
      this.idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private send(record: OutgoingRecord): void {
    this.count.pending++;
    try {
      this.options.publisher.offer(record, this.answer);
    } catch (thrown) {
      this.answer.reject(thrown);
    }
  }

  /** Which record it was does not matter. */
  private readonly answer: Answer<unknown> = {
    resolve: () => {
      this.count.published++;
      this.leave();
    },
    reject: thrown => {
      this.lost('failed', messageOf(thrown));
      this.leave();
    },
  };

  private leave(): void {
    if (--this.count.pending === 0) this.drained();
  }

  private drained(): void {
    this.losing = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** One line in the log per time of trouble, which ends when the queue is empty again. */
  private lost(how: 'dropped' | 'failed', reason: string): void {
    this.count[how]++;
    if (this.losing) return;
    this.losing = true;
    this.options.logger.warn({ ...this.count, reason }, 'losing KPI events');
  }
}
