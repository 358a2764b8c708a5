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
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder';
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response';
import { messageOf } from '../errors';
import { mostUnpackedBytes } from './codecs';
import type { UnreadableBatch } from './record';

/** A record that kafkajs has decoded, or what stands for a batch that it can not. */
export type FetchedMessage = KafkaMessage & { readonly unreadable?: UnreadableBatch };

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
      partitions: await topic.readArrayAsync(partition => partitionOf(partition, room)),
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

/** Where a batch has what, in bytes: https://kafka.apache.org/documentation/#recordbatch */
const places = {
  firstOffset: 0,
  length: 8,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  maxTimestamp: 35,
  producerId: 43,
  records: 57,
} as const;
const headerBytes = 61;
/** The length does not count what comes before it, nor itself. */
const uncountedBytes = 12;
const codecMask = 0x07;
const transactionMask = 0x10;

async function messagesOf(bytes: Buffer | null, room: Room): Promise<FetchedMessage[]> {
  if (bytes === null || bytes.length <= places.magic) return [];
  // The formats of before Kafka 0.11, which Kafka 4 does not know any more.
  if (bytes.readInt8(places.magic) !== 2) {
    return await decodeMessageSet(new Decoder(bytes), bytes.length);
  }
  const messages: FetchedMessage[] = [];
  for (let begin = 0; room.left > 0 && begin + headerBytes <= bytes.length; ) {
    const end = begin + uncountedBytes + bytes.readInt32BE(begin + places.length);
    // The broker cuts off at the size that it was asked for.
    if (end > bytes.length) break;
    // Not `push(...)`: a hundred thousand arguments are more than V8 takes.
    for (const message of await recordsOf(bytes.subarray(begin, end), room)) messages.push(message);
    begin = end;
  }
  return messages;
}

async function recordsOf(batch: Buffer, room: Room): Promise<readonly FetchedMessage[]> {
  const isCompressed = (batch.readInt16BE(places.attributes) & codecMask) !== 0;
  try {
    if (isCompressed) refuseTooMany(batch.readInt32BE(places.records));
    const { records } = await decodeBatch(new Decoder(batch));
    if (isCompressed) for (const record of records) room.left -= memoryOf(record);
    return records;
  } catch (thrown) {
    return [placeholder(batch, messageOf(thrown))];
  }
}

/** What a record takes beside its bytes, roughly. */
const objectBytes = 512;
const mostRecords = 100_000;

function refuseTooMany(records: number): void {
  if (records > mostRecords) throw new Error(`it has more than ${mostRecords} records`);
}

const memoryOf = ({ key, value }: KafkaMessage): number =>
  objectBytes + (key?.length ?? 0) + (value?.length ?? 0);

/** At a batch's last offset, with the batch as Kafka keeps it. */
function placeholder(batch: Buffer, detail: string): FetchedMessage {
  const first = batch.readBigInt64BE(places.firstOffset);
  const last = first + BigInt(batch.readInt32BE(places.lastOffsetDelta));
  const message: FetchedMessage & { readonly batchContext: object } = {
    offset: last.toString(),
    timestamp: batch.readBigInt64BE(places.maxTimestamp).toString(),
    key: null,
    value: batch,
    headers: {},
    attributes: 0,
    unreadable: { firstOffset: first.toString(), detail },
    // Whether its transaction was aborted, kafkajs asks of each.
    batchContext: {
      producerId: batch.readBigInt64BE(places.producerId).toString(),
      inTransaction: (batch.readInt16BE(places.attributes) & transactionMask) !== 0,
    },
  };
  return message;
}
