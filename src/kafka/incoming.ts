import type { KafkaMessage } from 'kafkajs';
import type { FetchedMessage } from './fetchReader';
import type { Headers, IncomingRecord } from './record';

/** A message of the client in our own shape. */
export function toRecord(
  topic: string,
  partition: number,
  message: FetchedMessage | KafkaMessage,
): IncomingRecord {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    // As recordHeaders.ts has read them; records of before Kafka 0.11 have none.
    headers: (message.headers ?? {}) as Headers,
    timestamp: Number(message.timestamp),
    unreadable: 'unreadable' in message ? message.unreadable : undefined,
  };
}
