/** Batches of outgoing records, as pure functions. */
import type { Message } from 'kafkajs';
import type { OutgoingRecord } from './record';

/** A record in the client's shape. The partitioner notes its choice in `partition`. */
export interface OutgoingMessage extends Message {
  readonly topic: string;
  /** Size on the wire, rounded up. */
  readonly bytes: number;
}

/** Lengths, offsets and attributes of one record in Kafka's format are under 70 bytes. */
const framingBytes = 70;
/** The lengths of a header's name and value. */
const headerFramingBytes = 10;

/** @param now milliseconds since the epoch, for a record without a timestamp */
export function toMessage(record: OutgoingRecord, now: number): OutgoingMessage {
  const value = typeof record.value === 'string' ? Buffer.from(record.value) : record.value;
  const { headers = {} } = record;
  let bytes = framingBytes + (value?.length ?? 0) + mostBytes(record.key ?? '');
  for (const name of Object.keys(headers)) {
    bytes += headerFramingBytes + mostBytes(name) + mostBytes(headers[name]!);
  }
  return {
    topic: record.topic,
    key: record.key,
    value,
    headers,
    timestamp: String(record.timestamp ?? now),
    partition: record.key === null ? record.partition : undefined,
    bytes,
  };
}

/** Consecutive batches of at most `limit` bytes each; a larger record makes a batch of its own. */
export function withinBytes<Sized extends { readonly bytes: number }>(
  items: readonly Sized[],
  limit: number,
): Sized[][] {
  const batches: Sized[][] = [];
  let room = 0;
  for (const item of items) {
    if (batches.length === 0 || item.bytes > room) {
      batches.push([]);
      room = limit;
    }
    batches.at(-1)!.push(item);
    room -= item.bytes;
  }
  return batches;
}

/** The messages of each topic, in their order. */
export function byTopic<Of extends { readonly topic: string }>(items: readonly Of[]): Of[][] {
  const topics = new Map<string, Of[]>();
  for (const item of items) {
    const sameTopic = topics.get(item.topic);
    if (sameTopic === undefined) topics.set(item.topic, [item]);
    else sameTopic.push(item);
  }
  return [...topics.values()];
}

export function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** In UTF-8 no unit of a string takes more than three; counting them exactly would take as long as sending. */
const mostBytes = (text: string | Buffer): number =>
  typeof text === 'string' ? text.length * 3 : text.length;
