/**
 * The headers of records. Those of one record are mostly named as those of the last one, and half of them have
 * the same value, too: such a name is not read again, and such a value is the same buffer.
 */
import { isUtf8 } from 'node:buffer';
import type { ByteWalk } from './byteWalk';
import type { Headers } from './record';

/** What stood at one place of the records before. Copies: what was read are bytes of a whole fetch. */
interface Known {
  readonly name: Buffer;
  readonly text: string;
  value: Buffer;
  /** How often in a row there was another value. */
  misses: number;
}

const known: Known[] = [];
const mostPlaces = 32;
const mostBytes = 64;
/** Where a value is another in each record it is looked at now and then, and costs hardly anything. */
const mostMisses = 128;

const nothing = Buffer.alloc(0);

/** Of values that come again and again. */
const texts = new WeakMap<Buffer, string>();

/** The text of a header's value; undefined where it is not UTF-8. */
export function textOf(value: Buffer): string | undefined {
  return texts.get(value) ?? (isUtf8(value) ? value.toString('utf8') : undefined);
}

/**
 * One value per name: the last one where a name is repeated, which is how Kafka's own clients read
 * (`Headers.lastHeader`); a header without a value counts as absent. No value may be changed.
 * @throws RangeError where they break off
 */
export function readHeaders(walk: ByteWalk): Headers {
  const headers: Record<string, Buffer> = new Bare();
  const count = walk.length();
  for (let place = 0; place < count; place++) {
    const last = known[place];
    const name = last === undefined ? walk.take() : walk.takeSharing(last.name);
    const isKnown = last !== undefined && name === last.name;
    const value = isKnown ? walk.takeSharing(last.value) : walk.take();
    if (isKnown) note(last, value);
    const text = isKnown ? last.text : learn(place, name ?? nothing, value ?? nothing);
    if (value !== null) headers[text] = value;
  }
  return headers;
}

/** As `Object.create(null)`, which V8 makes as a table of hashes: several times as slow, and as large. */
const Bare = function Bare() {} as unknown as new () => Record<string, Buffer>;
Bare.prototype = Object.create(null);

function note(last: Known, value: Buffer | null): void {
  if (value === last.value) last.misses = 0;
  else if (++last.misses >= mostMisses && value !== null && value.length <= mostBytes) {
    last.value = kept(value);
    last.misses = 0;
  }
}

function learn(place: number, name: Buffer, value: Buffer): string {
  const text = name.toString('utf8');
  if (place < mostPlaces && name.length <= mostBytes) {
    known[place] = {
      name: Buffer.from(name),
      text,
      value: kept(value.length <= mostBytes ? value : nothing),
      misses: 0,
    };
  }
  return text;
}

function kept(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  if (isUtf8(copy)) texts.set(copy, copy.toString('utf8'));
  return copy;
}
