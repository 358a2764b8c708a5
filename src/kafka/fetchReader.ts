/**
 * kafkajs 2.2.4 fails a whole fetch over one batch that it can not decode, and the next fetch is the same: all
 * partitions of that broker stand still for good. Here such a batch is one record that says so, at the
 * batch's last offset, so that whoever reads it can put it aside and go on.
 *
 * What is unpacked is bounded for a fetch as a whole, since all of it is in memory at once: what comes after
 * the bound is left out, and fetched again.
 */
import type { KafkaMessage } from 'kafkajs';
import Decoder from 'kafkajs/src/protocol/decoder';
import decodeMessageSet from 'kafkajs/src/protocol/messageSet/decoder';
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response';
import { messageOf } from '../errors';
import { mostUnpackedBytes } from './codecs';
import type { UnreadableBatch } from './record';
import { type BatchHeader, type BatchRecord, batchAt, headerOf, recordsOf } from './recordBatch';

/** What stands for a batch that can not be decoded. */
export type Placeholder = Pick<BatchRecord, 'offset' | 'timestamp' | 'batchContext'> & {
  readonly key: null;
  readonly value: Buffer;
  readonly headers: Record<string, never>;
  readonly unreadable: UnreadableBatch;
};

/** A record of a batch, what stands for one, or a record of one of the older formats. */
export type FetchedMessage = BatchRecord | Placeholder | KafkaMessage;

/** What may still be unpacked for a fetch, in bytes. */
interface Room {
  left: number;
}

/** For all clients of this process that talk to Kafka 2.3 or later. */
export function readFetchesByBatch(): void {
  fetchResponse.decode = async raw => {
    const decoder = new Decoder(raw);
    const clientSideThrottleTime = decoder.readInt32();
    const errorCode = decoder.readInt16();
    const sessionId = decoder.readInt32();
    const room: Room = { left: mostUnpackedBytes };
    const responses = await decoder.readArrayAsync(async topic => ({
      topicName: topic.readString(),
      partitions: (await topic.readArrayAsync(partition => partitionOf(partition, room))).filter(
        tellsSomething,
      ),
    }));
    return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
  };
}

const partitionOf = async (decoder: Decoder, room: Room) => ({
  partition: decoder.readInt32(),
  errorCode: decoder.readInt16(),
  highWatermark: decoder.readInt64().toString(),
  lastStableOffset: decoder.readInt64().toString(),
  lastStartOffset: decoder.readInt64().toString(),
  abortedTransactions: decoder.readArray(() => ({
    producerId: decoder.readInt64().toString(),
    firstOffset: decoder.readInt64().toString(),
  })),
  preferredReadReplica: decoder.readInt32(),
  messages: await messagesOf(decoder.readBytes(), room),
});

type FetchedPartition = Awaited<ReturnType<typeof partitionOf>>;

/**
 * A broker answers for each partition that was asked, and kafkajs makes a batch of each answer and goes the
 * whole way with it, though there be nothing in it.
 */
const tellsSomething = ({ errorCode, preferredReadReplica, messages }: FetchedPartition): boolean =>
  errorCode !== 0 || preferredReadReplica >= 0 || messages.length > 0;

const magicAt = 16;

async function messagesOf(bytes: Buffer | null, room: Room): Promise<FetchedMessage[]> {
  if (bytes === null || bytes.length <= magicAt) return [];
  // The formats of before Kafka 0.11, which Kafka 4 does not know any more.
  if (bytes.readInt8(magicAt) !== 2) {
    return await decodeMessageSet(new Decoder(bytes), bytes.length);
  }
  const messages: FetchedMessage[] = [];
  for (let begin = 0; room.left > 0; ) {
    // The broker cuts off at the size that it was asked for.
    const batch = batchAt(bytes, begin);
    if (batch === undefined) break;
    // Not `push(...)`: a hundred thousand arguments are more than V8 takes.
    for (const message of await messagesIn(batch, room)) messages.push(message);
    begin += batch.length;
  }
  return messages;
}

async function messagesIn(batch: Buffer, room: Room): Promise<readonly FetchedMessage[]> {
  const header = headerOf(batch);
  try {
    if (header.isCompressed) refuseTooMany(header.count);
    const records = await recordsOf(batch, header);
    if (header.isCompressed) for (const record of records) room.left -= memoryOf(record);
    return records;
  } catch (thrown) {
    return [placeholder(batch, header, messageOf(thrown))];
  }
}

/** What a record takes beside its bytes, roughly. */
const objectBytes = 512;
const mostRecords = 100_000;

function refuseTooMany(records: number): void {
  if (records > mostRecords) throw new Error(`it has more than ${mostRecords} records`);
}

const memoryOf = ({ key, value }: BatchRecord): number =>
  objectBytes + (key?.length ?? 0) + (value?.length ?? 0);

/** At a batch's last offset, with the batch as Kafka keeps it. */
const placeholder = (
  batch: Buffer,
  { firstOffset, lastOffset, maxTime, context }: BatchHeader,
  detail: string,
): Placeholder => ({
  offset: lastOffset.toString(),
  timestamp: maxTime,
  key: null,
  value: batch,
  headers: {},
  unreadable: { firstOffset: firstOffset.toString(), detail },
  batchContext: context,
});
