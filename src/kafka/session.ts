/**
 * One membership in a consumer group: from joining until the client crashes or is stopped.
 *
 * kafkajs waits for every `eachBatch` of a broker before it fetches from it again, so a batch is handed to
 * the dispatcher, not processed there; and it sends heartbeats only between batches, so waiting for room
 * sends them. It is told never to restart by itself: after some errors it would not anyway, so there is
 * one way back, and that is a new session.
 */
import type { Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { messageOf, OrderlyError } from '../errors';
import { type AssignedPartition, Assignment } from './assignment';
import type { Dispatcher, Run } from './dispatcher';
import { brokerErrorOf, kafkaUnavailable, rootOf } from './failure';
import { toRecord } from './incoming';

const heartbeatInterval = 2_000;

export const consumerSettings = {
  /** How soon another process takes over from one that died. */
  sessionTimeout: 10_000,
  heartbeatInterval,
  rebalanceTimeout: 30_000,
  /**
   * How long a fetch waits at the broker where there is nothing to read. kafkajs disconnects only when the
   * fetch under way has ended, so its own 5 s would make every stop take 5 s.
   */
  maxWaitTimeInMs: 250,
  /** Small batches, since all of a broker's are in memory at once. A larger single record still comes. */
  maxBytesPerPartition: 256 * 1024,
  allowAutoTopicCreation: false,
  retry: { retries: 6, restartOnFailure: async () => false },
} as const satisfies Partial<ConsumerConfig>;

/**
 * For readers who gather: a quarter fewer microseconds per record where much is to be read. One fetch brings
 * 10 MiB at most, whatever the number of partitions.
 */
const gatheredBytesPerPartition = 1024 * 1024;

/** More than one process is ever assigned: a batch that waited for its turn would hold up all others. */
const partitionsAtOnce = 64;

/** A fetch waits at the broker for so many bytes, so long at most; `stop` may have to wait as long. */
export interface Gather {
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface SessionOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly fromBeginning: boolean;
  readonly gather: Gather | undefined;
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
}

export class Session {
  /** Resolves when the process is a member of the group for the first time. */
  readonly firstJoin: Promise<void>;
  /** Resolves with the reason when the client has crashed, and with nothing when it was closed. */
  readonly ended: Promise<unknown>;
  private readonly assignment = new Assignment();
  private isMember = false;
  private isAlive = true;
  private announceJoin = () => {};
  private announceEnd: (reason?: unknown) => void = () => {};
  private lastCommit: Promise<void> = Promise.resolve();
  private nextCommit: Promise<void> | undefined;

  /** @throws OrderlyError KafkaUnavailable, TopicUnknown */
  static async open(kafka: Kafka, options: SessionOptions): Promise<Session> {
    const { group: groupId, gather } = options;
    const consumer = kafka.consumer({
      groupId,
      ...consumerSettings,
      ...(gather && {
        minBytes: gather.bytes,
        maxWaitTimeInMs: gather.milliseconds,
        maxBytesPerPartition: gatheredBytesPerPartition,
      }),
    });
    const session = new Session(consumer, options);
    try {
      await session.run();
      return session;
    } catch (thrown) {
      await session.close();
      if (brokerErrorOf(thrown) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw kafkaUnavailable(thrown);
      throw new OrderlyError('TopicUnknown', { topic: options.topics.join(', ') });
    }
  }

  private constructor(
    private readonly consumer: Consumer,
    private readonly options: SessionOptions,
  ) {
    this.firstJoin = new Promise(resolve => {
      this.announceJoin = resolve;
    });
    this.ended = new Promise(resolve => {
      this.announceEnd = resolve;
    });
  }

  get joined(): boolean {
    return this.isMember;
  }

  owns(topic: string, partition: number): boolean {
    return this.assignment.owns(topic, partition);
  }

  /** Fetches a partition again that `handOff` paused. */
  resume({ topic, partition }: AssignedPartition): void {
    if (this.isAlive && !this.options.dispatcher.isStopping) {
      this.consumer.resume([{ topic, partitions: [partition] }]);
    }
  }

  /** Fetches nothing any more, and stays a member: heartbeats go on. */
  pauseAll(): void {
    if (this.isAlive) this.consumer.pause(this.options.topics.map(topic => ({ topic })));
  }

  /** Commits what is done. Never rejects: what can not be committed now is committed with the next. */
  commit(): Promise<void> {
    this.nextCommit ??= this.lastCommit.then(() => {
      this.nextCommit = undefined;
      return this.commitOnce();
    });
    this.lastCommit = this.nextCommit;
    return this.nextCommit;
  }

  /** Leaves the group. @param reason where it is to be joined again */
  async close(reason?: unknown): Promise<void> {
    this.end();
    await this.consumer.disconnect().catch(thrown => {
      this.options.logger.debug({ err: thrown }, 'a consumer did not disconnect cleanly');
    });
    this.announceEnd(reason);
  }

  private async run(): Promise<void> {
    const { consumer } = this;
    const { topics, fromBeginning } = this.options;
    const { GROUP_JOIN, REBALANCING, START_BATCH_PROCESS, STOP, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => this.onJoin(payload.memberAssignment));
    consumer.on(REBALANCING, () => this.onRebalancing());
    consumer.on(START_BATCH_PROCESS, ({ payload }) => this.onBatch(payload));
    consumer.on(STOP, () => this.end());
    consumer.on(CRASH, ({ payload }) => this.announceEnd(payload.error));
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: payload => this.handOff(payload),
    });
  }

  private onJoin(assigned: Readonly<Record<string, readonly number[]>>): void {
    const lost = this.assignment.replace(assigned);
    // A pause outlives the rebalance: given back later, the partition would stay paused for ever.
    for (const partition of lost) if (partition.troubled > 0) this.resume(partition);
    this.options.dispatcher.wake();
    this.isMember = true;
    this.announceJoin();
  }

  /** The last chance to commit for partitions that may go to another member. */
  private onRebalancing(): void {
    this.isMember = false;
    void this.commit();
  }

  /** A batch of nothing but transaction markers or aborted records never comes to `handOff`. */
  private onBatch(batch: {
    topic: string;
    partition: number;
    batchSize: number;
    lastOffset: string;
  }) {
    if (batch.batchSize > 0) return;
    const last = BigInt(batch.lastOffset);
    this.assignment.receive(batch.topic, batch.partition, last)?.tracker.passTo(last + 1n);
  }

  private end(): void {
    this.isAlive = false;
    this.isMember = false;
    this.assignment.clear();
    this.options.dispatcher.wake();
  }

  private async handOff(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset } = payload;
    const { dispatcher } = this.options;
    const known = this.assignment.find(batch.topic, batch.partition);
    if (dispatcher.isStopping || (known !== undefined && known.troubled > 0)) {
      payload.pause();
      return;
    }
    const first = BigInt(batch.messages[0]!.offset);
    const partition = this.assignment.receive(batch.topic, batch.partition, first);
    if (partition === undefined) return;
    let handedOff: string | undefined;
    let run: Run | undefined;
    for (const message of batch.messages) {
      if (!this.takePlace(payload, partition) && !(await this.waitForPlace(payload, partition))) {
        break;
      }
      run = dispatcher.start(toRecord(batch.topic, batch.partition, message), partition, run);
      handedOff = message.offset;
    }
    if (handedOff === undefined || partition.dropped) return;
    resolveOffset(handedOff);
    const isWhole = handedOff === batch.messages.at(-1)!.offset;
    if (isWhole) partition.tracker.passTo(BigInt(batch.lastOffset()) + 1n);
  }

  private takePlace(payload: EachBatchPayload, partition: AssignedPartition): boolean {
    return this.mayGoOn(payload, partition) && this.options.dispatcher.take();
  }

  /** False where the rest of the batch is to be fetched again, later or by another. */
  private async waitForPlace(
    payload: EachBatchPayload,
    partition: AssignedPartition,
  ): Promise<boolean> {
    while (this.mayGoOn(payload, partition)) {
      await this.options.dispatcher.changed(heartbeatInterval);
      await payload.heartbeat();
      if (this.takePlace(payload, partition)) return true;
    }
    return false;
  }

  private mayGoOn(payload: EachBatchPayload, { dropped, troubled }: AssignedPartition): boolean {
    return !dropped && troubled === 0 && !this.options.dispatcher.isStopping && payload.isRunning();
  }

  private async commitOnce(): Promise<void> {
    const partitions = this.assignment.uncommitted();
    if (!this.isAlive || partitions.length === 0) return;
    const offsets = partitions.flatMap(({ uncommitted }) => uncommitted ?? []);
    try {
      await this.consumer.commitOffsets(offsets);
      for (const [i, partition] of partitions.entries()) {
        partition.markCommitted(offsets[i]!.offset);
      }
    } catch (thrown) {
      const detail = messageOf(rootOf(thrown));
      this.options.logger.info({ detail, offsets }, 'offsets are not committed yet');
    }
  }
}
