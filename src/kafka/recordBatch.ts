/**
 * Kafka's batches of records. kafkajs 2.2.4 makes a buffer of each record, key, value and header at once, and
 * copies all headers of a record for each one more: three times the size of a record in objects, and those of
 * a fetch are alive together. That was a third of the ledger's CPU (docs/performance.md). Here a record is a
 * few numbers until somebody asks for what is in it.
 *
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { ByteWalk } from './byteWalk';
import { unpack } from './codecs';
import type { Headers } from './record';
import { readHeaders } from './recordHeaders';

/** Where a batch has what, in bytes. */
const places = {
  firstOffset: 0,
  length: 8,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
/** The length does not count what comes before it, nor itself. */
const uncountedBytes = 12;

const codecMask = 0x07;
const appendTimeMask = 0x08;
const transactionMask = 0x10;
const controlMask = 0x20;

/** What a batch says of itself. Times in milliseconds since the epoch. */
export interface BatchHeader {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly firstTime: number;
  readonly maxTime: number;
  /** How many records there are, as it says. */
  readonly count: number;
  readonly isCompressed: boolean;
  /** Of no use to readers: it tells of the end of a transaction. */
  readonly isControl: boolean;
  /** Of whom kafkajs asks, to leave out what belongs to an aborted transaction. */
  readonly context: { readonly producerId: string; readonly inTransaction: boolean };
}

/** The batch that begins at a place; nothing where it is cut off. */
export function batchAt(bytes: Buffer, begin: number): Buffer | undefined {
  if (begin + places.records > bytes.length) return undefined;
  const end = begin + uncountedBytes + bytes.readInt32BE(begin + places.length);
  const isWhole = begin + places.records <= end && end <= bytes.length;
  return isWhole ? bytes.subarray(begin, end) : undefined;
}

export function headerOf(batch: Buffer): BatchHeader {
  const attributes = batch.readInt16BE(places.attributes);
  const firstOffset = batch.readBigInt64BE(places.firstOffset);
  return {
    firstOffset,
    lastOffset: firstOffset + BigInt(batch.readInt32BE(places.lastOffsetDelta)),
    firstTime: Number(batch.readBigInt64BE(places.firstTimestamp)),
    maxTime: Number(batch.readBigInt64BE(places.maxTimestamp)),
    count: batch.readInt32BE(places.count),
    isCompressed: (attributes & codecMask) !== 0,
    isControl: (attributes & controlMask) !== 0,
    context: {
      producerId: batch.readBigInt64BE(places.producerId).toString(),
      inTransaction: (attributes & transactionMask) !== 0,
    },
  };
}

/**
 * The records of a batch.
 * @throws RangeError where it is not as Kafka writes it; of packed records, whatever their codec throws
 */
export async function recordsOf(batch: Buffer, header: BatchHeader): Promise<BatchRecord[]> {
  const attributes = batch.readInt16BE(places.attributes);
  const isAppendTime = (attributes & appendTimeMask) !== 0;
  const packed = batch.subarray(places.records);
  const bytes = header.isCompressed ? await unpack(attributes & codecMask, packed) : packed;
  const walk = new ByteWalk(bytes, 0);
  const records: BatchRecord[] = [];
  for (let left = header.count; left > 0; left--) {
    const end = walk.length() + walk.at;
    // Its attributes, of which Kafka has none as yet.
    walk.pass(1);
    const sinceFirst = walk.number();
    const timestamp = isAppendTime ? header.maxTime : header.firstTime + sinceFirst;
    const offset = (header.firstOffset + BigInt(walk.number())).toString();
    const key = walk.at;
    walk.pass(walk.length());
    const value = walk.at;
    walk.pass(walk.length());
    const headers = walk.at;
    for (let parts = 2 * walk.length(); parts > 0; parts--) walk.pass(walk.length());
    if (walk.at !== end) throw new RangeError(`the length of its record ${offset} is wrong`);
    records.push(new BatchRecord(header, offset, timestamp, bytes, key, value, headers));
  }
  return records;
}

/** A record as bytes of its batch. What it is asked for is made anew each time. */
export class BatchRecord {
  constructor(
    private readonly batch: BatchHeader,
    readonly offset: string,
    /** Milliseconds since the epoch. */
    readonly timestamp: number,
    private readonly bytes: Buffer,
    private readonly keyAt: number,
    private readonly valueAt: number,
    private readonly headersAt: number,
  ) {}

  get key(): Buffer | null {
    return new ByteWalk(this.bytes, this.keyAt).take();
  }

  get value(): Buffer | null {
    return new ByteWalk(this.bytes, this.valueAt).take();
  }

  get headers(): Headers {
    return readHeaders(new ByteWalk(this.bytes, this.headersAt));
  }

  /** For kafkajs, which leaves these out. */
  get isControlRecord(): boolean {
    return this.batch.isControl;
  }

  /** For kafkajs: see BatchHeader. */
  get batchContext(): BatchHeader['context'] {
    return this.batch.context;
  }
}
