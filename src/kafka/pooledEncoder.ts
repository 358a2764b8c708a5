/**
 * kafkajs 2.2.4 writes each record, and each header of a record, into half a kilobyte that it asks the
 * system for, each length by way of a list and a buffer of its own, and copies the result several times. A
 * KPI event has nine headers, so that an order came to a hundred such pieces of memory and to a third of a
 * millisecond (docs/performance.md). Here small buffers come from Node's pool, once there is something to
 * write, and lengths, short texts and what is copied go straight where they belong.
 */
import Encoder from 'kafkajs/src/protocol/encoder';

/** Room for one header. */
const leastBytes = 128;
/** Up to so many bytes, one by one takes less than a call that leaves V8. */
const fewBytes = 100;
/** Of a varint of 32 bits. */
const mostLengthBytes = 5;

/** For all clients of this process. What is sent is the same to the last byte. */
export function poolEncoderBuffers(): void {
  // Asked by the constructor alone, once `ensureAvailable` is replaced.
  Encoder.nextPowerOfTwo = () => 0;
  Object.assign(Encoder.prototype, directly);
}

const directly: ThisType<Encoder> & Partial<Encoder> = {
  ensureAvailable(bytes) {
    const needed = this.offset + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2, leastBytes));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  },

  writeUVarInt(value) {
    this.ensureAvailable(mostLengthBytes);
    let rest = value;
    while ((rest & ~0x7f) !== 0) {
      this.buf[this.offset++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buf[this.offset++] = rest;
    return this;
  },

  writeVarIntString(value) {
    return value == null ? this.writeVarInt(-1) : writeText(this, value);
  },

  writeVarIntBytes(value) {
    if (value == null) return this.writeVarInt(-1);
    if (!Buffer.isBuffer(value)) return writeText(this, String(value));
    this.writeVarInt(value.length);
    return append(this, value, value.length);
  },

  writeEncoder(value) {
    return append(this, value.buf, value.offset);
  },

  writeEncoderArray(values) {
    this.ensureAvailable(values.reduce((bytes, { offset }) => bytes + offset, 0));
    for (const { buf, offset } of values) append(this, buf, offset);
    return this;
  },
};

/** Its length in UTF-8, and the text; most are short and ASCII, which shows while they are written. */
function writeText(encoder: Encoder, text: string): Encoder {
  if (text.length <= fewBytes) {
    encoder.writeVarInt(text.length);
    encoder.ensureAvailable(text.length);
    const { buf, offset } = encoder;
    let place = 0;
    for (; place < text.length; place++) {
      const unit = text.charCodeAt(place);
      if (unit >= 0x80) break;
      buf[offset + place] = unit;
    }
    if (place === text.length) {
      encoder.offset = offset + place;
      return encoder;
    }
    encoder.offset = offset - lengthBytes(text.length);
  }
  const bytes = Buffer.byteLength(text);
  encoder.writeVarInt(bytes);
  encoder.ensureAvailable(bytes);
  encoder.offset += encoder.buf.write(text, encoder.offset, bytes);
  return encoder;
}

/** Of a short text's length: written with its sign, it has one bit more. */
const lengthBytes = (length: number): number => (length < 0x40 ? 1 : 2);

function append(encoder: Encoder, from: Buffer, bytes: number): Encoder {
  encoder.ensureAvailable(bytes);
  const { buf, offset } = encoder;
  if (bytes <= fewBytes) for (let i = 0; i < bytes; i++) buf[offset + i] = from[i]!;
  else from.copy(buf, offset, 0, bytes);
  encoder.offset = offset + bytes;
  return encoder;
}
