import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { Headers, IncomingRecord } from './record';

/** A message of the client in our own shape. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers ?? {}),
    timestamp: Number(message.timestamp),
  };
}

/**
 * One value per name: the last one where a name is repeated, which is how Kafka's own clients read
 * (`Headers.lastHeader`); a header without a value counts as absent. kafkajs collects repeated names with
 * the members of `Object.prototype` in the way, so that a header named `constructor` comes as an array
 * with a function in it: whatever is not a value is passed over.
 */
export function toHeaders(given: IHeaders): Headers {
  const headers: Record<string, Buffer> = new Bare();
  for (const name of Object.keys(given)) {
    const its = given[name];
    // Nearly always; the rest takes as long as all other work on a record.
    const value = Buffer.isBuffer(its) ? its : [its].flat().findLast(isValue);
    if (value !== undefined) headers[name] = Buffer.isBuffer(value) ? value : Buffer.from(value);
  }
  return headers;
}

/** As `Object.create(null)`, which V8 makes as a table of hashes: several times as slow, and as large. */
const Bare = function Bare() {} as unknown as new () => Record<string, Buffer>;
Bare.prototype = Object.create(null);

const isValue = (value: unknown): value is Buffer | string =>
  Buffer.isBuffer(value) || typeof value === 'string';
