/** A publisher that knows how far it has come on some topics: what is settled, and up to which offsets. */
import type { Acknowledgement, Publisher } from './publisher';
import type { OutgoingRecord, Position } from './record';

/** The newest record acknowledged on one partition. */
export interface AcknowledgedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Progress {
  /** Every record handed over before this time (milliseconds since the epoch) is acknowledged or failed. */
  readonly settledAt: number;
  readonly acknowledged: readonly AcknowledgedPlace[];
}

export class TrackedPublisher implements Pick<Publisher, 'publish' | 'offer'> {
  private refusals = 0;
  /** In the order in which they were handed over. */
  private readonly underWay = new Set<{ readonly since: number }>();
  private readonly newest = new Map<string, AcknowledgedPlace>();

  /** @param topics what is published elsewhere passes without being tracked */
  constructor(
    private readonly publisher: Pick<Publisher, 'offer'>,
    private readonly topics: ReadonlySet<string>,
  ) {}

  publish(record: OutgoingRecord): Promise<Position> {
    return new Promise((resolve, reject) => this.offer(record, { resolve, reject }));
  }

  offer(record: OutgoingRecord, answer: Acknowledgement): void {
    const { topic } = record;
    if (!this.topics.has(topic)) {
      this.publisher.offer(record, answer);
      return;
    }
    const publication = { since: Date.now() };
    this.underWay.add(publication);
    this.publisher.offer(record, {
      resolve: position => {
        this.underWay.delete(publication);
        this.note(topic, position);
        answer.resolve(position);
      },
      reject: reason => {
        this.underWay.delete(publication);
        this.refusals++;
        answer.reject(reason);
      },
    });
  }

  /** Records that failed so far. Whoever publishes them again may still succeed. */
  get refused(): number {
    return this.refusals;
  }

  /** @param now milliseconds since the epoch */
  progress(now: number): Progress {
    const [oldest] = this.underWay;
    return {
      settledAt: Math.min(oldest?.since ?? now, now),
      acknowledged: [...this.newest.values()],
    };
  }

  private note(topic: string, { partition, offset }: Position): void {
    const name = `${topic}-${partition}`;
    const place = { topic, partition, offset: Number(offset) };
    if (place.offset >= (this.newest.get(name)?.offset ?? 0)) this.newest.set(name, place);
  }
}
