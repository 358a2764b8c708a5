import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import { batchAt, headerOf, recordsOf } from '../../src/kafka/recordBatch';

type Field = Buffer | null;

interface RecordOfTest {
  readonly key: Field;
  readonly value: Field;
  readonly headers: readonly (readonly [name: string, value: Field])[];
  /** Milliseconds since that of the batch. */
  readonly later: number;
}

interface BatchOfTest {
  readonly firstOffset: bigint;
  readonly firstTime: number;
  readonly maxTime: number;
  readonly producerId: bigint;
  readonly isPacked: boolean;
  readonly isAppendTime: boolean;
  readonly inTransaction: boolean;
  readonly isControl: boolean;
  readonly records: readonly RecordOfTest[];
}

/** Kept from kafkajs as it is: the oracle. */
const decodeBatch: (decoder: Decoder) => Promise<{
  records: readonly Oracle[];
}> = require('kafkajs/src/protocol/recordBatch/v0/decoder');

interface Oracle {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Field;
  readonly value: Field;
  readonly headers: Readonly<Record<string, Field | readonly Field[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

const headerBytes = 61;

function written({ records, ...batch }: BatchOfTest): Buffer {
  const plain = Buffer.concat(records.map(recordBytes));
  const packed = batch.isPacked ? gzipSync(plain) : plain;
  const header = Buffer.alloc(headerBytes);
  header.writeBigInt64BE(batch.firstOffset, 0);
  header.writeInt32BE(headerBytes - 12 + packed.length, 8);
  header.writeInt8(2, 16);
  const flags = [
    batch.isPacked,
    false,
    false,
    batch.isAppendTime,
    batch.inTransaction,
    batch.isControl,
  ];
  header.writeInt16BE(
    flags.reduce((sum, isSet, bit) => sum + (isSet ? 1 << bit : 0), 0),
    21,
  );
  header.writeInt32BE(records.length - 1, 23);
  header.writeBigInt64BE(BigInt(batch.firstTime), 27);
  header.writeBigInt64BE(BigInt(batch.maxTime), 35);
  header.writeBigInt64BE(batch.producerId, 43);
  header.writeInt32BE(records.length, 57);
  return Buffer.concat([header, packed]);
}

function recordBytes({ key, value, headers, later }: RecordOfTest, place: number): Buffer {
  const record = new Encoder();
  record.writeVarInt(0).writeVarLong(later).writeVarInt(place);
  record.writeVarIntBytes(key).writeVarIntBytes(value).writeVarInt(headers.length);
  for (const [name, its] of headers) record.writeVarIntString(name).writeVarIntBytes(its);
  return new Encoder().writeVarIntBytes(record.buffer).buffer;
}

const read = (batch: Buffer) => recordsOf(batch, headerOf(batch));

const field = fc.option(fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)));
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const record: fc.Arbitrary<RecordOfTest> = fc.record({
  key: field,
  value: field,
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ce_id', 'ä'), field), { maxLength: 5 }),
  later: fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
});
const anyBatch: fc.Arbitrary<BatchOfTest> = fc.record({
  firstOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  firstTime: time,
  maxTime: time,
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  isPacked: fc.boolean(),
  isAppendTime: fc.boolean(),
  inTransaction: fc.boolean(),
  isControl: fc.boolean(),
  records: fc.array(record, { maxLength: 20 }),
});

/** Of a name that comes twice the last value that there is. */
const lastOf = (values: Field | readonly Field[]): Field =>
  Array.isArray(values) ? (values.findLast(value => value !== null) ?? null) : (values as Field);

describe('the records of a batch', () => {
  it('are as kafkajs reads them, but for headers, of which the last of a name holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async batch => {
        const bytes = written(batch);
        const { records } = await decodeBatch(new Decoder(bytes));
        const expected = records.map(one => ({
          ...{ offset: one.offset, timestamp: Number(one.timestamp) },
          ...{ key: one.key, value: one.value, isControlRecord: one.isControlRecord },
          headers: new Map(
            Object.entries(one.headers)
              .map(([name, values]) => [name, lastOf(values)] as const)
              .filter(([, value]) => value !== null),
          ),
          producerId: one.batchContext.producerId,
          inTransaction: one.batchContext.inTransaction,
        }));
        const actual = (await read(bytes)).map(one => ({
          ...{ offset: one.offset, timestamp: one.timestamp },
          ...{ key: one.key, value: one.value, isControlRecord: one.isControlRecord },
          headers: new Map(Object.entries(one.headers)),
          ...one.batchContext,
        }));
        expect(actual).toEqual(expected);
      }),
    );
  });

  const some = { key: null, value: Buffer.from('value'), headers: [], later: 0 };
  const plain: BatchOfTest = {
    ...{ firstOffset: 7n, firstTime: 1, maxTime: 2, producerId: -1n, records: [some, some] },
    ...{ isPacked: false, isAppendTime: false, inTransaction: false, isControl: false },
  };

  it.each([
    ['are fewer than the batch says', (bytes: Buffer) => bytes.writeInt32BE(3, 57)],
    ['have a length that is too small', (bytes: Buffer) => bytes.writeUInt8(bytes[61]! - 2, 61)],
    ['have a length that is too large', (bytes: Buffer) => bytes.writeUInt8(bytes[61]! + 2, 61)],
    ['have a value that is longer than they are', (bytes: Buffer) => bytes.writeUInt8(126, 66)],
    ['have more headers than there are', (bytes: Buffer) => bytes.writeUInt8(126, 72)],
  ])('are an error where they %s', async (_, damage) => {
    const bytes = written(plain);
    damage(bytes);
    await expect(read(bytes)).rejects.toThrow(RangeError);
  });
});

describe('a batch', () => {
  it('begins where the one before ends, and is none where it is cut off', async () => {
    const batch = (firstOffset: bigint) =>
      written({
        ...{ firstOffset, firstTime: 1, maxTime: 2, producerId: -1n },
        ...{ isPacked: false, isAppendTime: false, inTransaction: false, isControl: false },
        records: [{ key: null, value: null, headers: [], later: 0 }],
      });
    const [first, second] = [batch(1n), batch(2n)];
    const both = Buffer.concat([first, second]);
    expect(batchAt(both, 0)).toEqual(first);
    expect(batchAt(both, first.length)).toEqual(second);
    expect(batchAt(both, both.length)).toBeUndefined();
    expect(batchAt(both.subarray(0, -1), first.length)).toBeUndefined();
    both.writeInt32BE(-12, 8);
    expect(batchAt(both, 0)).toBeUndefined();
  });
});
