/**
 * kafkajs 2.2.4 writes each record, and each header of a record, into a buffer of its own, each length by way
 * of a list and another, works out all sizes beforehand, and copies the result several times. A KPI event has
 * nine headers, so that what capture costs was mostly that (docs/performance.md). Here all records of a request
 * go straight into one buffer.
 *
 * https://kafka.apache.org/documentation/#recordbatch
 */
import type { Message } from 'kafkajs';
import Encoder from 'kafkajs/src/protocol/encoder';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C';
import produce, { type ProduceArguments } from 'kafkajs/src/protocol/requests/produce';
import { ByteWriter } from './byteWriter';

type TopicData = ProduceArguments['topicData'][number];
type PartitionData = TopicData['partitions'][number];

/** The first version with headers; before it records were written otherwise. */
const firstWithHeaders = 3;
const magic = 2;
const transactional = 0x10;

/** For all clients of this process. What is sent is the same to the last byte. */
export function writeRecordsDirectly(): void {
  const { protocol } = produce;
  produce.protocol = ({ version }) => {
    const exchange = protocol({ version });
    return args => {
      const { request, response } = exchange(args);
      if (version < firstWithHeaders || args.compression) return { request, response };
      return { request: { ...request, encode: async () => requestOf(args) }, response };
    };
  };
}

/** `transactional_id acks timeout [topic_data]` */
function requestOf(args: ProduceArguments): Encoder {
  const { transactionalId = null, acks, timeout, topicData } = args;
  const writer = new ByteWriter();
  writer.name(transactionalId);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    writer.name(topic);
    writer.int32(partitions.length);
    for (const data of partitions) {
      writer.int32(data.partition);
      writeSized(writer, () => writeBatch(writer, args, data));
    }
  }
  const encoder = new Encoder();
  encoder.buf = writer.from(0);
  encoder.offset = writer.length;
  return encoder;
}

function writeBatch(writer: ByteWriter, args: ProduceArguments, data: PartitionData): void {
  // The broker gives the offsets.
  writer.int64(0n);
  writeSized(writer, () => {
    // The epoch of the leader, which it fills in.
    writer.int32(0);
    writer.int8(magic);
    const checksum = writer.length;
    writer.int32(0);
    const begin = writer.length;
    writeRecords(writer, args, data);
    writer.uint32At(checksum, crc32C(writer.from(begin)));
  });
}

function writeRecords(
  writer: ByteWriter,
  { transactionalId, producerId = -1, producerEpoch = 0 }: ProduceArguments,
  { firstSequence = 0, messages }: PartitionData,
): void {
  const now = Date.now();
  const times = messages.map(({ timestamp }) => Number(timestamp ?? now));
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  writer.int16(transactionalId ? transactional : 0);
  writer.int32(messages.length - 1);
  writer.int64(BigInt(first));
  writer.int64(BigInt(last));
  writer.int64(BigInt(producerId.toString()));
  writer.int16(producerEpoch);
  writer.int32(firstSequence);
  writer.int32(messages.length);
  messages.forEach((message, place) => {
    const begin = writer.beginSized();
    writeRecord(writer, message, { place, sinceFirst: times[place]! - first });
    writer.endSized(begin);
  });
}

/** @param sinceFirst milliseconds since the earliest of the batch */
function writeRecord(
  writer: ByteWriter,
  { key, value, headers = {} }: Message,
  { place, sinceFirst }: { readonly place: number; readonly sinceFirst: number },
): void {
  // Its attributes, of which Kafka has none as yet.
  writer.int8(0);
  writer.number(sinceFirst);
  writer.number(place);
  writer.content(key);
  writer.content(value);
  const names = Object.keys(headers);
  writer.number(names.reduce((sum, name) => sum + manyOf(headers[name]), 0));
  for (const name of names) {
    const of = headers[name];
    if (Array.isArray(of)) for (const each of of) writeHeader(writer, name, each);
    else writeHeader(writer, name, of);
  }
}

function writeHeader(writer: ByteWriter, name: string, value: Buffer | string | undefined): void {
  writer.content(name);
  writer.content(value);
}

/** kafkajs takes several values of one header as a list. */
const manyOf = (values: unknown): number => (Array.isArray(values) ? values.length : 1);

/** What `write` writes comes after its length in 32 bits. */
function writeSized(writer: ByteWriter, write: () => void): void {
  const place = writer.length;
  writer.int32(0);
  const begin = writer.length;
  write();
  writer.uint32At(place, writer.length - begin);
}
