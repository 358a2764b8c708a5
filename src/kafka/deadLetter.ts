import { deadLetterTopic, deadLetterHeaders as names } from '../messages/deadLetterQueue';
import { brokerErrorOf } from './failure';
import { toMessage } from './outgoing';
import type { Publisher } from './publisher';
import type { Headers, IncomingRecord, OutgoingRecord } from './record';

export interface DeadLetterReason {
  /** Code of the error catalogue. */
  readonly code: string;
  /** What is wrong, without personal data. Written as one line of at most 1,000 characters. */
  readonly message: string;
}

const longestMessage = 1_000;

/** A dead letter is the largest record there is, with its original's headers and more. */
export const largestDeadLetter = 4 * 1024 * 1024;

/** Bytes that are kept of what is cut short. A queue that does not even take these takes next to nothing. */
const kept = { key: 1_024, value: 32 * 1024, headers: 16 * 1024 } as const;

/**
 * Publishes the dead letter of a record, cut short where the queue would not take it whole: nothing behind
 * that record could be dealt with, for ever.
 * @throws OrderlyError what `publish` throws
 */
export async function publishDeadLetter(
  publisher: Pick<Publisher, 'publish'>,
  record: IncomingRecord,
  group: string,
  reason: DeadLetterReason,
): Promise<void> {
  const letter = deadLetter(record, group, reason);
  // Sending takes several times the memory, so what can not be taken is not sent to find out.
  const isTried = toMessage(letter, 0).bytes <= largestDeadLetter;
  if (isTried && (await fits(publisher, letter))) return;
  await publisher.publish(cutShort(record, group, reason));
}

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

/** The dead letter of what is left of the record, with a header that says what there was. */
function cutShort(record: IncomingRecord, group: string, reason: DeadLetterReason): OutgoingRecord {
  const { key, value, headers } = record;
  const headerBytes = Object.entries(headers).reduce((sum, header) => sum + bytesOf(header), 0);
  const rest = {
    ...record,
    key: key?.subarray(0, kept.key) ?? null,
    value: value?.subarray(0, kept.value) ?? null,
    headers: headersWithin(headers, kept.headers),
  };
  const letter = deadLetter(rest, group, reason);
  const whole = `key ${key?.length ?? 0}, value ${value?.length ?? 0}, headers ${headerBytes} bytes`;
  return { ...letter, headers: { ...letter.headers, [names.cutShort]: whole } };
}

/** Those that have room, in their order; of what is left out nothing is kept. */
function headersWithin(headers: Headers, bytes: number): Headers {
  let room = bytes;
  const within = Object.entries(headers).filter(header => {
    const fitting = bytesOf(header) <= room;
    if (fitting) room -= bytesOf(header);
    return fitting;
  });
  return Object.fromEntries(within);
}

const bytesOf = ([name, value]: readonly [string, Buffer]): number =>
  Buffer.byteLength(name) + value.length;

/** False where it is too large for the queue. */
async function fits(
  publisher: Pick<Publisher, 'publish'>,
  letter: OutgoingRecord,
): Promise<boolean> {
  try {
    await publisher.publish(letter);
    return true;
  } catch (thrown) {
    if (brokerErrorOf(thrown) !== 'MESSAGE_TOO_LARGE') throw thrown;
    return false;
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, longestMessage);
