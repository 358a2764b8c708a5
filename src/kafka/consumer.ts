import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { messageOf } from '../errors';
import { backoffMs } from './backoff';
import { Dispatcher } from './dispatcher';
import { isPermanent, kafkaUnavailable, rootOf } from './failure';
import { type PartitionLag, readLag } from './lag';
import type { IncomingRecord } from './record';
import { type Gather, Session } from './session';

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Resolved: the record is durably dealt with, and its offset may be committed. Rejected: not now; the
   * same record is tried again with back-off, for as long as it takes, while its partition is paused.
   * A handler that deals with many records together answers them with one and the same promise, which
   * costs far less than one for each; where that one rejects, all that is not committed is read again.
   * A record may come more than once, and records of one key may be under way together: the handler is
   * idempotent. What can never succeed is the handler's own business (it dead-letters and resolves).
   */
  readonly onRecord: (record: IncomingRecord) => Promise<void>;
  /** Handlers under way at once. */
  readonly maxInFlight: number;
  /** For readers who would rather have many records at once than each at once. Default: each at once. */
  readonly gather?: Gather;
  /** How often what is done is committed, in milliseconds: a crash repeats that much at most. Default 500. */
  readonly commitEveryMs?: number;
  readonly logger: Logger;
  /** Where a group without committed offsets begins. Default: at the beginning. */
  readonly fromBeginning?: boolean;
  /** How long `stop` waits for handlers under way, in milliseconds. Default 20,000. */
  readonly drainMs?: number;
}

export interface Consumption {
  /** Handlers under way, and records that wait to be tried again. */
  readonly inFlight: number;
  /** Whether this process is a member of the group right now. */
  readonly joined: boolean;
  /** The lag of each partition assigned to this process; none where Kafka does not answer. */
  lag(): Promise<PartitionLag[]>;
  /** Fetches no more, lets handlers finish, commits, leaves the group. */
  stop(): Promise<void>;
}

const commitEveryMs = 500;

/**
 * Reads the topics as a member of a consumer group; resolves once it has joined. Comes back by itself
 * whatever happens to Kafka later.
 * @throws OrderlyError KafkaUnavailable, TopicUnknown
 */
export async function consume(kafka: Kafka, options: ConsumeOptions): Promise<Consumption> {
  const consumption = new GroupConsumption(kafka, options);
  await consumption.start();
  return consumption;
}

class GroupConsumption implements Consumption {
  private readonly dispatcher: Dispatcher;
  private readonly stopping = new AbortController();
  private session: Session | undefined;
  private commits: NodeJS.Timeout | undefined;
  private supervision: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: ConsumeOptions,
  ) {
    this.dispatcher = new Dispatcher({
      onRecord: options.onRecord,
      maxInFlight: options.maxInFlight,
      logger: options.logger,
      resume: partition => this.session?.resume(partition),
      redeliver: reason => void this.joinAnew(reason),
    });
  }

  get inFlight(): number {
    return this.dispatcher.inFlight;
  }

  get joined(): boolean {
    return this.session?.joined === true;
  }

  async lag(): Promise<PartitionLag[]> {
    const { group, topics } = this.options;
    const lags = await readLag(this.kafka, group, topics).catch(() => []);
    return lags.filter(({ topic, partition }) => this.session?.owns(topic, partition));
  }

  /** @throws OrderlyError KafkaUnavailable, TopicUnknown */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const crash = await this.join();
      if (crash === undefined) break;
      if (isPermanent(crash.reason)) throw kafkaUnavailable(crash.reason);
      await this.pauseAfter(crash.reason, attempt);
    }
    const every = this.options.commitEveryMs ?? commitEveryMs;
    this.commits = setInterval(() => void this.session?.commit(), every);
    this.supervision = this.supervise();
  }

  stop(): Promise<void> {
    this.stopped ??= this.drain();
    return this.stopped;
  }

  /** Opens a session; answers when it has joined, or with what kept it from joining. */
  private async join(): Promise<{ readonly reason: unknown } | undefined> {
    const { group, topics, fromBeginning = true, gather, logger } = this.options;
    const { dispatcher } = this;
    const options = { group, topics, fromBeginning, gather, dispatcher, logger };
    const session = await Session.open(this.kafka, options);
    this.session = session;
    if (this.isStopping) await session.close();
    return Promise.race([
      session.firstJoin.then(() => undefined),
      session.ended.then(reason => ({ reason })),
    ]);
  }

  /** Joins again after each crash, until stopped. */
  private async supervise(): Promise<void> {
    while (!this.isStopping) {
      let reason = await this.session?.ended;
      for (let attempt = 1; !this.isStopping; attempt++) {
        await this.pauseAfter(reason, attempt);
        if (this.isStopping) return;
        const crash = await this.join().catch((thrown: unknown) => ({ reason: thrown }));
        if (crash === undefined) break;
        reason = crash.reason;
      }
    }
  }

  /** What is not committed is delivered again, here or to another. */
  private async joinAnew(reason: unknown): Promise<void> {
    const { session } = this;
    await session?.commit();
    await session?.close(reason);
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async pauseAfter(reason: unknown, attempt: number): Promise<void> {
    const detail = messageOf(rootOf(reason));
    this.options.logger.warn({ detail, attempt }, 'the consumer crashed; it joins again');
    const { signal } = this.stopping;
    await sleep(backoffMs(attempt), undefined, { signal }).catch(() => {});
  }

  private async drain(): Promise<void> {
    this.stopping.abort();
    this.session?.pauseAll();
    await this.dispatcher.drain(this.options.drainMs ?? 20_000);
    clearInterval(this.commits);
    await this.session?.commit();
    await this.session?.close();
    await this.supervision;
  }
}
