import type { TopicPartitionOffset } from 'kafkajs';
import { OffsetTracker } from './offsetTracker';

/** One partition that this process reads, from the first record delivered on. */
export class AssignedPartition {
  /** Records that failed and did not succeed since; while there are any, nothing new is handed off. */
  troubled = 0;
  /** Nothing that its handlers do counts any more: it was given away, or is delivered again. */
  dropped = false;
  readonly tracker: OffsetTracker;
  private committed: bigint;

  constructor(
    readonly topic: string,
    readonly partition: number,
    start: bigint,
  ) {
    this.tracker = new OffsetTracker(start);
    this.committed = start;
  }

  /** The offset to commit; undefined where nothing new is done. */
  get uncommitted(): TopicPartitionOffset | undefined {
    const { topic, partition, tracker } = this;
    if (tracker.watermark <= this.committed) return undefined;
    return { topic, partition, offset: String(tracker.watermark) };
  }

  markCommitted(offset: string): void {
    this.committed = BigInt(offset);
  }
}

/**
 * The partitions that this process owns, and how far each is.
 *
 * Progress of a partition stays valid over rebalances for as long as deliveries go on where the last one
 * ended. When they start again further back, which is what kafkajs does after most rebalances, progress
 * starts afresh: what is still under way is delivered again, and its first run no longer counts. Keeping
 * progress matters, because kafkajs can rejoin the group while it still hands out a batch that it fetched
 * before: counted from that batch on, the records ahead of it would be committed unfinished.
 */
export class Assignment {
  private owned: ReadonlySet<string> = new Set();
  private readonly partitions = new Map<string, AssignedPartition>();

  /** Takes over what the group has assigned, and answers with what is no longer ours. */
  replace(assigned: Readonly<Record<string, readonly number[]>>): AssignedPartition[] {
    this.owned = new Set(
      Object.entries(assigned).flatMap(([topic, partitions]) =>
        partitions.map(partition => nameOf(topic, partition)),
      ),
    );
    const lost = [...this.partitions].filter(([name]) => !this.owned.has(name));
    for (const [name, partition] of lost) {
      partition.dropped = true;
      this.partitions.delete(name);
    }
    return lost.map(([, partition]) => partition);
  }

  owns(topic: string, partition: number): boolean {
    return this.owned.has(nameOf(topic, partition));
  }

  find(topic: string, partition: number): AssignedPartition | undefined {
    return this.partitions.get(nameOf(topic, partition));
  }

  /**
   * The partition to which a delivery belongs that starts at `first`; undefined where it is not ours, as
   * it may have been fetched before a rebalance.
   */
  receive(topic: string, partition: number, first: bigint): AssignedPartition | undefined {
    if (!this.owns(topic, partition)) return undefined;
    const known = this.find(topic, partition);
    if (known !== undefined && first >= known.tracker.end) return known;
    if (known !== undefined) known.dropped = true;
    const fresh = new AssignedPartition(topic, partition, first);
    this.partitions.set(nameOf(topic, partition), fresh);
    return fresh;
  }

  /** The partitions that have something to commit. */
  uncommitted(): AssignedPartition[] {
    return [...this.partitions.values()].filter(({ uncommitted }) => uncommitted !== undefined);
  }

  /** Nothing is ours any more. */
  clear(): void {
    this.replace({});
  }
}

const nameOf = (topic: string, partition: number) => `${topic}-${partition}`;
