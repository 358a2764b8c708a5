/**
 * What crosses Kafka, in our own words: nothing outside this folder sees a type of the client library.
 * Offsets are decimal strings, because they are 64-bit numbers.
 */

/** Where a record stands in its topic. */
export interface Position {
  readonly partition: number;
  readonly offset: string;
}

/** One value per name; a text is written as UTF-8. */
export type OutgoingHeaders = Readonly<Record<string, string | Buffer>>;

/**
 * One value per name, as bytes. The object has no prototype, so a header named `constructor` or
 * `__proto__` is a header like any other.
 */
export type Headers = Readonly<Record<string, Buffer>>;

interface OutgoingContent {
  readonly topic: string;
  readonly value: Buffer | string | null;
  readonly headers?: OutgoingHeaders;
  /** Milliseconds since the epoch. Default: the time of sending. */
  readonly timestamp?: number;
}

interface KeyedRecord extends OutgoingContent {
  /** Chooses the partition, so that records of one key stay in order; but for topics that go by turn. */
  readonly key: Buffer | string;
}

interface PlacedRecord extends OutgoingContent {
  readonly key: null;
  /** A record without a key names its partition, so that sending it again can not move it. */
  readonly partition: number;
}

/** A record to publish. */
export type OutgoingRecord = KeyedRecord | PlacedRecord;

/** A batch of records that can not be taken apart; it ends at the offset of the record that stands for it. */
export interface UnreadableBatch {
  readonly firstOffset: string;
  readonly detail: string;
}

/** A record that was read. `timestamp` is the record's own, in milliseconds since the epoch. */
export interface IncomingRecord extends Position {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  readonly timestamp: number;
  /** Where this stands for a whole batch: `value` is the batch, as Kafka keeps it. */
  readonly unreadable?: UnreadableBatch | undefined;
}

/** The text of a header in UTF-8; undefined where there is none. */
export function headerText(headers: Headers, name: string): string | undefined {
  return headers[name]?.toString('utf8');
}
