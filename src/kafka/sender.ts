/**
 * Sends batches through an idempotent producer, one at a time, for as long as it takes.
 *
 * kafkajs numbers records per partition, and the broker drops a number that it has seen. After a failed
 * send the two may disagree (some partitions of the batch were written, the client took all numbers
 * back), and the next records would be dropped without a word. So a producer that has failed once is
 * thrown away, and the same records go out under a new producer id: they may then be there twice, which
 * readers settle by their ids, but none is lost. Within one send kafkajs repeats by itself, with the same
 * numbers, and short trouble leaves no duplicate.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, Producer, RecordMetadata } from 'kafkajs';
import type { Logger } from 'pino';
import { messageOf, OrderlyError } from '../errors';
import { backoffMs } from './backoff';
import { brokerErrorOf, kafkaUnavailable, rootOf } from './failure';
import { byTopic, halves, type OutgoingMessage, withinBytes } from './outgoing';
import { partitioner } from './partitioning';
import type { Position } from './record';

export type Outcome = { readonly position: Position } | { readonly refusal: OrderlyError };

/** Under the 1 MiB that a broker takes in one batch by default (`message.max.bytes`). */
const batchBytes = 900 * 1024;

/** The producer and broker disagree about numbering; the record itself is fine. */
const numberingErrors: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
]);

/** What a send may take once it is to be given up: a broker that is there takes less. */
const lastSendMs = 1_000;

/** What only the client holds against a record is believed after so many tries on new connections. */
const refusalTries = 4;

export class Sender {
  private producer: Producer | undefined;
  private readonly givingUp = new AbortController();
  /** Begins anywhere, so that processes that start together do not go round in step. */
  private sends = Math.floor(Math.random() * 1_000);

  constructor(
    private readonly kafka: Kafka,
    private readonly logger: Logger,
    private readonly byTurn: ReadonlySet<string> = new Set(),
  ) {}

  /** @throws OrderlyError KafkaUnavailable */
  async connect(): Promise<Producer> {
    this.producer ??= this.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: () => partitioner(this.byTurn, () => this.sends),
    });
    try {
      await this.producer.connect();
      return this.producer;
    } catch (thrown) {
      await this.disconnect();
      throw kafkaUnavailable(thrown);
    }
  }

  /** The outcome of each record, in their order. Waits for as long as Kafka is away. */
  async send(messages: readonly OutgoingMessage[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const batch of withinBytes(messages, batchBytes)) {
      outcomes.push(...(await this.deliver(batch)));
    }
    return outcomes;
  }

  /** Lets `send` give up on what it can not send now. */
  giveUp(): void {
    this.givingUp.abort();
  }

  async disconnect(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.disconnect().catch(thrown => {
      this.logger.debug({ err: thrown }, 'a producer did not disconnect cleanly');
    });
  }

  private async deliver(batch: readonly OutgoingMessage[]): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      // Kafka was away when it was given up; what is left is not to wait for another connection each.
      const isGivenUp = this.givingUp.signal.aborted && this.producer === undefined;
      if (isGivenUp) return batch.map(stopped);
      try {
        const answers = await this.unlessGivenUp(this.sendOnce(batch));
        return await this.settle(batch, answers, attempt);
      } catch (thrown) {
        await this.disconnect();
        if (isRefusal(thrown, attempt)) return this.isolate(batch, thrown);
        if (this.givingUp.signal.aborted) return batch.map(stopped);
        this.logger.warn(
          { detail: messageOf(rootOf(thrown)), records: batch.length, attempt },
          'Kafka did not take a batch; it is sent again',
        );
        await this.pause(attempt);
      }
    }
  }

  private async sendOnce(batch: readonly OutgoingMessage[]): Promise<RecordMetadata[]> {
    const producer = this.producer ?? (await this.connect());
    this.sends++;
    return producer.sendBatch({
      acks: -1,
      topicMessages: byTopic(batch).map(messages => ({
        topic: messages[0]!.topic,
        messages: [...messages],
      })),
    });
  }

  /** The client tries by itself for some ten seconds, and a broker that says nothing is waited for longer. */
  private unlessGivenUp<T>(send: Promise<T>): Promise<T> {
    const { producer } = this;
    const { signal } = this.givingUp;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const abandon = () => {
        reject(new Error('it took too long at the end'));
        // Whatever it has connected to by then, nobody else would close it.
        void send.catch(() => {}).then(() => producer?.disconnect().catch(() => {}));
      };
      const limit = () => {
        timer = setTimeout(abandon, lastSendMs);
      };
      if (signal.aborted) limit();
      else signal.addEventListener('abort', limit);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', limit);
      };
      send.finally(done).then(resolve, reject);
    });
  }

  /** kafkajs can leave out a partition whose leader moved in mid-send: what has no answer was not sent. */
  private async settle(
    batch: readonly OutgoingMessage[],
    answers: readonly RecordMetadata[],
    attempt: number,
  ): Promise<Outcome[]> {
    const positions = positionsOf(batch, answers);
    const unanswered = batch.filter(message => !positions.has(message));
    if (unanswered.length === batch.length) {
      if (attempt >= refusalTries) return batch.map(withoutPartition);
      throw new Error('no broker is known for the partitions of the batch');
    }
    const later = unanswered.length === 0 ? [] : await this.deliver(unanswered);
    const rest = later[Symbol.iterator]();
    return batch.map(message => {
      const position = positions.get(message);
      return position === undefined ? rest.next().value! : { position };
    });
  }

  /** Some record of the batch is refused: finds out which, so that it fails alone. */
  private async isolate(batch: readonly OutgoingMessage[], thrown: unknown): Promise<Outcome[]> {
    const topics = byTopic(batch);
    if (topics.length > 1) {
      const outcomes = new Map<OutgoingMessage, Outcome>();
      for (const messages of topics) {
        const answers = await this.deliver(messages);
        for (const [i, message] of messages.entries()) outcomes.set(message, answers[i]!);
      }
      return batch.map(message => outcomes.get(message)!);
    }
    if (batch.length === 1 || isUnknownTopic(thrown)) {
      return batch.map(message => ({ refusal: refusalOf(message, thrown) }));
    }
    const [first, second] = halves(batch);
    return [...(await this.deliver(first)), ...(await this.deliver(second))];
  }

  private async pause(attempt: number): Promise<void> {
    await sleep(backoffMs(attempt), undefined, { signal: this.givingUp.signal }).catch(() => {});
  }
}

/** The broker answers with the first offset per partition; records follow each other in batch order. */
function positionsOf(
  batch: readonly OutgoingMessage[],
  answers: readonly RecordMetadata[],
): Map<OutgoingMessage, Position> {
  const next = new Map(
    answers.map(answer => [
      `${answer.topicName}-${answer.partition}`,
      BigInt(answer.baseOffset ?? 0),
    ]),
  );
  const positions = new Map<OutgoingMessage, Position>();
  for (const message of batch) {
    const place = `${message.topic}-${message.partition}`;
    const offset = next.get(place);
    if (offset === undefined || message.partition === undefined) continue;
    next.set(place, offset + 1n);
    positions.set(message, { partition: message.partition, offset: String(offset) });
  }
  return positions;
}

/**
 * Whether the records are at fault, rather than the way to Kafka. A failure inside the client (TypeError,
 * RangeError) is a record that can not be encoded only if it comes back: it may be the client's own slip
 * while connections come and go.
 */
function isRefusal(thrown: unknown, attempt: number): boolean {
  if (thrown instanceof OrderlyError) return false;
  const root = rootOf(thrown);
  if (root instanceof TypeError || root instanceof RangeError) return attempt >= refusalTries;
  const code = brokerErrorOf(thrown);
  if (code === undefined || numberingErrors.has(code)) return false;
  return isUnknownTopic(thrown) || !isRetriable(root);
}

function isRetriable(root: unknown): boolean {
  return root instanceof Error && 'retriable' in root && root.retriable === true;
}

function isUnknownTopic(thrown: unknown): boolean {
  return brokerErrorOf(thrown) === 'UNKNOWN_TOPIC_OR_PARTITION';
}

function refusalOf({ topic }: OutgoingMessage, thrown: unknown): OrderlyError {
  if (isUnknownTopic(thrown)) return new OrderlyError('TopicUnknown', { topic });
  const detail = messageOf(rootOf(thrown));
  return new OrderlyError('RecordRefused', { topic, detail }, { cause: thrown });
}

function withoutPartition({ topic, partition }: OutgoingMessage): Outcome {
  const detail = `it has no partition ${partition}`;
  return { refusal: new OrderlyError('RecordRefused', { topic, detail }) };
}

function stopped({ topic }: OutgoingMessage): Outcome {
  return { refusal: new OrderlyError('PublisherStopped', { topic }) };
}
