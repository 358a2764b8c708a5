/**
 * Reading topics from given places on, for looking rather than for processing: nothing is committed, and
 * nobody else's reading is disturbed.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { backoffMs } from './backoff';
import { brokerErrorOf, kafkaUnavailable } from './failure';
import { toRecord } from './incoming';
import type { IncomingRecord } from './record';

/** The offset to read next, per partition of each topic. */
export type Positions = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** Where the topics end now. @throws OrderlyError KafkaUnavailable */
export const endOf = (kafka: Kafka, topics: readonly string[]): Promise<Positions> =>
  positions(kafka, topics, (admin, topic) => admin.fetchTopicOffsets(topic));

/** Where the topics end now, of those partitions alone that hold a record. @throws OrderlyError KafkaUnavailable */
export const endOfFilled = (kafka: Kafka, topics: readonly string[]): Promise<Positions> =>
  positions(kafka, topics, async (admin, topic) =>
    (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => low !== high),
  );

/**
 * Where the records with this timestamp (milliseconds since the epoch) or a later one begin.
 * @throws OrderlyError KafkaUnavailable
 */
export const since = (
  kafka: Kafka,
  topics: readonly string[],
  timestamp: number,
): Promise<Positions> =>
  positions(kafka, topics, (admin, topic) => admin.fetchTopicOffsetsByTimestamp(topic, timestamp));

async function positions(
  kafka: Kafka,
  topics: readonly string[],
  fetch: (admin: Admin, topic: string) => Promise<{ partition: number; offset: string }[]>,
): Promise<Positions> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const entries = topics.map(async topic => {
      const offsets = await onceLed(() => fetch(admin, topic));
      const places = offsets.map(({ partition, offset }) => [partition, BigInt(offset)] as const);
      return [topic, new Map(places)] as const;
    });
    return new Map(await Promise.all(entries));
  } catch (thrown) {
    throw kafkaUnavailable(thrown);
  } finally {
    await admin.disconnect();
  }
}

/** The partitions of a topic that was only just created have leaders that do not know it yet. */
async function onceLed<T>(fetch: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch();
    } catch (thrown) {
      const settlesSoon = brokerErrorOf(thrown) === 'NOT_LEADER_FOR_PARTITION';
      if (!settlesSoon || attempt === patience) throw thrown;
      await sleep(backoffMs(attempt));
    }
  }
}

/** Attempts; the pauses between them add up to at least 5 seconds. */
const patience = 8;

export interface Reading {
  /** Whether everything before these positions was read. */
  hasReached(positions: Positions): boolean;
  /** @throws OrderlyError KafkaUnavailable */
  stop(): Promise<void>;
}

/**
 * Hands each record over once, in the order of its partition, from `from` on.
 * @throws OrderlyError KafkaUnavailable
 */
export async function readTopics(
  kafka: Kafka,
  from: Positions,
  onRecord: (record: IncomingRecord) => void,
): Promise<Reading> {
  const groupId = `orderly-reader-${randomUUID()}`;
  const next = new Map([...from].map(([topic, places]) => [topic, new Map(places)]));
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });

  // The client seeks before its next fetch, so nothing is read from any other place, not even after it
  // has joined its group anew.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [topic, places] of next) {
      for (const [partition, offset] of places) {
        consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...next.keys()] });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        const places = next.get(topic) ?? new Map<number, bigint>();
        for (const message of messages) {
          const offset = BigInt(message.offset);
          if (offset < (places.get(partition) ?? 0n)) continue;
          onRecord(toRecord(topic, partition, message));
          places.set(partition, offset + 1n);
        }
      },
    });
  } catch (thrown) {
    await consumer.disconnect();
    throw kafkaUnavailable(thrown);
  }
  return {
    hasReached: goal =>
      [...goal].every(([topic, places]) =>
        [...places].every(([partition, end]) => (next.get(topic)?.get(partition) ?? 0n) >= end),
      ),
    stop: () => leave(kafka, consumer, groupId),
  };
}

/** The group was made for this reading alone, and is of no use to anyone afterwards. */
async function leave(kafka: Kafka, consumer: Consumer, groupId: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await consumer.disconnect();
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch (thrown) {
    throw kafkaUnavailable(thrown);
  } finally {
    await admin.disconnect();
  }
}
