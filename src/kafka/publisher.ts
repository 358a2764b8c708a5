import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { type Answer, Batcher } from '../batcher';
import { OrderlyError } from '../errors';
import { type OutgoingMessage, toMessage } from './outgoing';
import type { OutgoingRecord, Position } from './record';
import { type Outcome, Sender } from './sender';

export interface PublisherOptions {
  readonly logger: Logger;
  /** How long the first record of a batch waits for company, in milliseconds. Default 5. */
  readonly lingerMs?: number;
  /** Records that may wait for Kafka; further calls of `publish` wait for room. Default 10,000. */
  readonly maxQueued?: number;
  /** How long `stop` tries to send what waits, in milliseconds. Default 20,000. */
  readonly drainMs?: number;
  /** Once aborted, what can not be sent now is refused: nothing waits for a Kafka that is away any more. */
  readonly overdue?: AbortSignal;
  /** Topics whose records need no order: they go to the partitions by turn. All others go by their keys. */
  readonly byTurn?: ReadonlySet<string>;
}

/** Hears where a record stands, or why it was not taken. */
export type Acknowledgement = Answer<Position>;

export interface Publisher {
  /** Records that are not acknowledged yet, with those that wait for room. */
  readonly queued: number;
  /**
   * Resolves with the record's place once every in-sync replica has it. Waits for as long as Kafka is
   * away. Records of one key keep the order of the calls, but on topics that go by turn; after trouble a record may be there twice.
   * @throws OrderlyError RecordRefused, TopicUnknown, PublisherStopped
   */
  publish(record: OutgoingRecord): Promise<Position>;
  /**
   * As `publish`, without a promise, and never throws: in a process whose promises are all followed, as those of a Temporal
   * worker are, the promises of a record cost as much as sending it.
   */
  offer(record: OutgoingRecord, answer: Acknowledgement): void;
  /** Sends what waits, then disconnects. Later calls of `publish` are refused. */
  stop(): Promise<void>;
}

/** Records of one send: enough to make the round trip cheap, few enough to encode in a moment. */
const batchRecords = 500;

/**
 * A publisher with one idempotent producer and one send in flight.
 * @throws OrderlyError KafkaUnavailable where no broker answers now.
 */
export async function createPublisher(kafka: Kafka, options: PublisherOptions): Promise<Publisher> {
  const sender = new Sender(kafka, options.logger, options.byTurn);
  await sender.connect();
  return new BatchingPublisher(sender, options);
}

class BatchingPublisher implements Publisher {
  private readonly batcher: Batcher<OutgoingMessage, Outcome>;
  private readonly maxQueued: number;
  /** In the order of the calls; a set, because taking the first of a long array moves all others. */
  private readonly waitingForRoom = new Set<() => void>();
  private readonly giveUp = (): void => this.sender.giveUp();
  private accepted = 0;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly sender: Sender,
    private readonly options: PublisherOptions,
  ) {
    this.maxQueued = options.maxQueued ?? 10_000;
    options.overdue?.addEventListener('abort', this.giveUp);
    this.batcher = new Batcher({
      run: messages => sender.send(messages),
      maxItems: batchRecords,
      lanes: 1,
      lingerMs: options.lingerMs ?? 5,
    });
  }

  get queued(): number {
    return this.accepted + this.waitingForRoom.size;
  }

  publish(record: OutgoingRecord): Promise<Position> {
    return new Promise((resolve, reject) => this.offer(record, { resolve, reject }));
  }

  offer(record: OutgoingRecord, answer: Acknowledgement): void {
    if (this.stopping !== undefined) {
      answer.reject(new OrderlyError('PublisherStopped', { topic: record.topic }));
      return;
    }
    try {
      const message = toMessage(record, Date.now());
      if (this.accepted < this.maxQueued) this.accept(message, answer);
      else this.waitingForRoom.add(() => this.accept(message, answer));
    } catch (thrown) {
      answer.reject(thrown);
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private accept(message: OutgoingMessage, { resolve, reject }: Acknowledgement): void {
    this.accepted++;
    this.batcher.put(message, {
      resolve: outcome => {
        this.leave();
        if ('refusal' in outcome) reject(outcome.refusal);
        else resolve(outcome.position);
      },
      reject: thrown => {
        this.leave();
        reject(thrown);
      },
    });
  }

  private leave(): void {
    this.accepted--;
    this.admitNext();
  }

  private admitNext(): void {
    for (const admit of this.waitingForRoom) {
      this.waitingForRoom.delete(admit);
      admit();
      return;
    }
  }

  private async drain(): Promise<void> {
    const patience = setTimeout(this.giveUp, this.options.drainMs ?? 20_000);
    while (this.queued > 0) await this.batcher.flush();
    clearTimeout(patience);
    this.options.overdue?.removeEventListener('abort', this.giveUp);
    await this.sender.disconnect();
  }
}
