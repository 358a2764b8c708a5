import { deadLetterTopic, deadLetterHeaders as names } from '../messages/deadLetterQueue';
import type { IncomingRecord, OutgoingRecord } from './record';

export interface DeadLetterReason {
  /** Code of the error catalogue. */
  readonly code: string;
  /** What is wrong, without personal data. Written as one line of at most 1,000 characters. */
  readonly message: string;
}

const longestMessage = 1_000;

/**
 * The record for `DeadLetterQueue`: key, value and headers (`traceparent` among them) as they came, and
 * beside them the headers of Spring for Apache Kafka that say where it came from and why, as UTF-8 text.
 * A record with a key goes where its key belongs; one without stays without, and goes to partition 0.
 */
export function deadLetter(
  record: IncomingRecord,
  group: string,
  reason: DeadLetterReason,
): OutgoingRecord {
  const content = {
    topic: deadLetterTopic,
    value: record.value,
    headers: {
      ...record.headers,
      [names.originalTopic]: record.topic,
      [names.originalPartition]: String(record.partition),
      [names.originalOffset]: record.offset,
      [names.originalTimestamp]: String(record.timestamp),
      [names.originalConsumerGroup]: group,
      [names.exceptionFqcn]: reason.code,
      [names.exceptionMessage]: oneLine(reason.message),
    },
  };
  return record.key === null
    ? { ...content, key: null, partition: 0 }
    : { ...content, key: record.key };
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, longestMessage);
