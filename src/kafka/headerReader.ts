/**
 * kafkajs 2.2.4 copies the headers that it has read of a record for each one more, and reads the same names
 * as text time and again: for a KPI event with nine headers that was a quarter of the ledger's CPU
 * (docs/performance.md). Here they go into one object at once.
 */
import Decoder from 'kafkajs/src/protocol/decoder';
import type { Headers } from './record';

/**
 * For all clients of this process: the headers of each record are as `Headers` has them. One value per name:
 * the last one where a name is repeated, which is how Kafka's own clients read (`Headers.lastHeader`); a
 * header without a value counts as absent.
 */
export function readHeadersAtOnce(): void {
  Decoder.prototype.readVarIntArray = function readHeaders() {
    const headers = headersFrom(this);
    // Its caller wants an array for no more than this.
    return { reduce: () => headers };
  };
}

function headersFrom(decoder: Decoder): Headers {
  const headers: Record<string, Buffer> = new Bare();
  const count = decoder.readVarInt();
  for (let place = 0; place < count; place++) {
    const name = nameFrom(decoder, place);
    const value = decoder.readVarIntBytes();
    if (value !== null) headers[name] = value;
  }
  return headers;
}

/** As `Object.create(null)`, which V8 makes as a table of hashes: several times as slow, and as large. */
const Bare = function Bare() {} as unknown as new () => Record<string, Buffer>;
Bare.prototype = Object.create(null);

/** Of names at their places in a record: those of the next record are mostly the same. */
const lastNames: { readonly bytes: Buffer; readonly text: string }[] = [];
const mostPlaces = 32;
const mostBytes = 64;

function nameFrom(decoder: Decoder, place: number): string {
  const length = Math.max(0, decoder.readVarInt());
  const begin = decoder.offset;
  decoder.offset = begin + length;
  const last = lastNames[place];
  if (last !== undefined && isAt(last.bytes, decoder.buffer, begin, length)) return last.text;
  const bytes = decoder.buffer.subarray(begin, decoder.offset);
  const text = bytes.toString('utf8');
  // A copy: the bytes are those of a whole fetch.
  if (place < mostPlaces && length <= mostBytes)
    lastNames[place] = { bytes: Buffer.from(bytes), text };
  return text;
}

/** Byte by byte: for names of ten bytes a call out of V8 takes longer. */
function isAt(bytes: Buffer, buffer: Buffer, begin: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[i] !== buffer[begin + i]) return false;
  return true;
}
