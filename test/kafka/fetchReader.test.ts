import { gzipSync } from 'node:zlib';
import Encoder from 'kafkajs/src/protocol/encoder';
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response';
import { mostUnpackedBytes, readAllCodecs } from '../../src/kafka/codecs';
import { type FetchedMessage, readFetchesByBatch } from '../../src/kafka/fetchReader';

/** As kafkajs has it, before anything is replaced. */
const decodeAsKafkajs = fetchResponse.decode;
readAllCodecs();
readFetchesByBatch();

const gzip = 1;
/** https://kafka.apache.org/protocol#protocol_error_codes */
const offsetOutOfRange = 1;
/** Of an answer, before its partitions. */
const headBytes = 4 + 2 + 4 + 4 + 2 + 'topic'.length + 4;
const headerBytes = 61;

interface BatchOfTest {
  readonly offset: number;
  readonly values: readonly string[];
  /** What is written in place of the records. */
  readonly packed?: Buffer;
  readonly codec?: number;
  readonly inTransactionOf?: number;
}

/** A batch as a broker keeps it: https://kafka.apache.org/documentation/#recordbatch */
function batchOf({ offset, values, packed, codec = 0, inTransactionOf }: BatchOfTest): Buffer {
  const records = packed ?? Buffer.concat(values.map(recordOf));
  const header = Buffer.alloc(headerBytes);
  header.writeBigInt64BE(BigInt(offset), 0);
  header.writeInt32BE(headerBytes - 12 + records.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(codec | (inTransactionOf === undefined ? 0 : 0x10), 21);
  header.writeInt32BE(values.length - 1, 23);
  header.writeBigInt64BE(1_700_000_000_000n, 27);
  header.writeBigInt64BE(1_700_000_000_999n, 35);
  header.writeBigInt64BE(BigInt(inTransactionOf ?? -1), 43);
  header.writeInt32BE(values.length, 57);
  return Buffer.concat([header, records]);
}

function recordOf(value: string, place: number): Buffer {
  const record = new Encoder();
  // Attributes and the distance to the batch's time are zero.
  record.writeVarInt(0).writeVarInt(0).writeVarInt(place);
  record.writeVarIntBytes(null).writeVarIntBytes(Buffer.from(value)).writeVarInt(0);
  return new Encoder().writeVarIntBytes(record.buffer).buffer;
}

const gzipped = (batch: BatchOfTest): Buffer => {
  const packed = gzipSync(batchOf(batch).subarray(headerBytes));
  return batchOf({ ...batch, packed, codec: gzip });
};

interface Decoded {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly messages: FetchedMessage[];
    }[];
  }[];
}

/** The answer to a fetch of one topic, with what it has of each partition. */
function answerOf(partitions: readonly Buffer[]): Buffer {
  const int16 = (value: number) => numberIn(2, value);
  const int32 = (value: number) => numberIn(4, value);
  const int64 = (value: number) => numberIn(8, value);
  return Buffer.concat([
    ...[int32(7), int16(0), int32(0), int32(1), int16(5), Buffer.from('topic')],
    int32(partitions.length),
    ...partitions.flatMap((bytes, partition) => [
      ...[int32(partition), int16(0), int64(99), int64(98), int64(0)],
      // Of the producer 3 the transaction was aborted that began with offset 20.
      ...[int32(1), int64(3), int64(20), int32(-1), int32(bytes.length), bytes],
    ]),
  ]);
}

function numberIn(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

const decode = async (...partitions: readonly Buffer[]): Promise<FetchedMessage[][]> => {
  const { responses } = (await fetchResponse.decode(answerOf(partitions))) as Decoded;
  return responses[0]!.partitions.map(({ messages }) => messages);
};

const textsOf = (messages: readonly FetchedMessage[]) =>
  messages.map(({ offset, value }) => `${offset} ${value}`);

/** What anybody asks of it. */
const plain = (decoded: object) => ({
  ...decoded,
  responses: (decoded as Decoded).responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ messages, ...rest }) => ({
      ...rest,
      messages: messages.map(({ offset, timestamp, key, value, headers }) => ({
        ...{ offset, timestamp: String(timestamp), key, value, headers },
      })),
    })),
  })),
});

const three = { offset: 10, values: ['a', 'b', 'c'] };
const behind = { offset: 13, values: ['d'] };

describe('the answer to a fetch', () => {
  it('is read as kafkajs reads it', async () => {
    const whole = Buffer.concat([batchOf(three), gzipped(behind)]);
    const cutOff = Buffer.concat([whole, batchOf({ offset: 14, values: ['e'] }).subarray(0, -1)]);
    const answer = answerOf([whole, cutOff]);
    const decoded = await fetchResponse.decode(answer);
    expect(plain(decoded)).toEqual(plain(await decodeAsKafkajs(answer)));
    expect(textsOf((decoded as Decoded).responses[0]!.partitions[1]!.messages)).toEqual([
      ...['10 a', '11 b', '12 c', '13 d'],
    ]);
  });

  it.each([
    [
      'packed data that is damaged',
      { packed: Buffer.from('no gzip'), codec: gzip },
      'header check',
    ],
    ['a codec that Kafka does not have', { packed: Buffer.alloc(9, 0xff), codec: 6 }, 'no codec 6'],
    ['records that break off', { packed: batchOf(three).subarray(headerBytes, -8) }, 'breaks off'],
    [
      'more records than fit into memory',
      { values: Array<string>(100_001).fill('a'), packed: gzipSync(''), codec: gzip },
      'more than 100000 records',
    ],
  ])('has one record in place of a batch with %s', async (_, damage, says) => {
    const batch = { ...three, inTransactionOf: 5, ...damage };
    const last = String(three.offset + batch.values.length - 1);
    const bytes = batchOf(batch);
    const [messages] = await decode(Buffer.concat([bytes, batchOf(behind)]));
    expect(messages).toHaveLength(2);
    expect(messages![0]).toMatchObject({
      offset: last,
      timestamp: 1_700_000_000_999,
      key: null,
      unreadable: { firstOffset: '10', detail: expect.stringContaining(says) },
      // What kafkajs asks to leave out the records of aborted transactions.
      batchContext: { producerId: '5', inTransaction: true },
    });
    expect(messages![0]!.value?.equals(bytes)).toBe(true);
    expect(textsOf(messages!.slice(1))).toEqual(['13 d']);
  });

  it('is left out from where it would fill the memory, and whole batches only', async () => {
    const large = 'x'.repeat(mostUnpackedBytes / 2 - 10_000);
    const batches = [0, 1, 2, 3].map(offset => gzipped({ offset, values: [large] }));
    const [first, second] = await decode(Buffer.concat(batches), batchOf(behind));
    expect(first!.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
    expect(second).toBeUndefined();
  });

  it('tells nothing of partitions that have nothing, but of each error', async () => {
    const nothing = Buffer.alloc(0);
    const answer = answerOf([nothing, batchOf(behind), nothing]);
    const partitionsIn = async () =>
      ((await fetchResponse.decode(answer)) as Decoded).responses[0]!.partitions.map(
        ({ partition }) => partition,
      );
    expect(await partitionsIn()).toEqual([1]);
    // Right behind the number of the last partition.
    const errorAt = answer.length - (answerOf([nothing]).length - headBytes) + 4;
    answer.writeInt16BE(offsetOutOfRange, errorAt);
    expect(await partitionsIn()).toEqual([1, 2]);
  });

  it('may have more records in a batch than a call may have arguments', async () => {
    const same = recordOf('', 0);
    const values = Array<string>(150_000).fill('');
    const packed = Buffer.concat(values.map(() => same));
    const [messages] = await decode(batchOf({ offset: 0, values, packed }));
    expect(messages).toHaveLength(150_000);
  });
});
