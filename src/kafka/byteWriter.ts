/** Writes bytes as Kafka reads them, one after the other: the counterpart of ByteWalk. */

/** Most requests fit, and so come from Node's pool of memory. */
const firstBytes = 2 * 1024;
/** Up to so many bytes, one by one takes less than a call that leaves V8. */
const fewBytes = 100;
/** Of a varint of up to 2^52. */
const mostNumberBytes = 8;
/** Of the length of nearly every record: in zigzag form it has one bit more. */
const usualLengthBytes = 2;
const leastUsual = 2 ** 6;
const mostUsual = 2 ** 13 - 1;

export class ByteWriter {
  private bytes = Buffer.allocUnsafe(firstBytes);
  private end = 0;

  /** How many bytes are written. */
  get length(): number {
    return this.end;
  }

  /** What is written from a place on; not a copy. */
  from(begin: number): Buffer {
    return this.bytes.subarray(begin, this.end);
  }

  int8(value: number): void {
    this.makeRoom(1);
    this.end = this.bytes.writeInt8(value, this.end);
  }

  int16(value: number): void {
    this.makeRoom(2);
    this.end = this.bytes.writeInt16BE(value, this.end);
  }

  int32(value: number): void {
    this.makeRoom(4);
    this.end = this.bytes.writeInt32BE(value, this.end);
  }

  int64(value: bigint): void {
    this.makeRoom(8);
    this.end = this.bytes.writeBigInt64BE(value, this.end);
  }

  /** Writes what was not known yet, at the place where room was left for it. */
  uint32At(place: number, value: number): void {
    this.bytes.writeUInt32BE(value, place);
  }

  /** A whole number of up to 2^52 as a varint in zigzag form. */
  number(value: number): void {
    this.makeRoom(mostNumberBytes);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      this.bytes[this.end++] = (rest % 0x80) | 0x80;
    }
    this.bytes[this.end++] = rest;
  }

  /** A text after its length in 16 bits, as requests have them; -1 where there is none. */
  name(text: string | null): void {
    this.int16(text === null ? -1 : Buffer.byteLength(text));
    if (text !== null) this.utf8(text);
  }

  /** Bytes or a text after their length, as records have them; -1 where there is nothing. */
  content(value: Buffer | string | null | undefined): void {
    if (value === null || value === undefined) {
      this.number(-1);
    } else if (typeof value !== 'string') {
      this.number(value.length);
      this.makeRoom(value.length);
      this.end += value.copy(this.bytes, this.end);
    } else if (!this.plainText(value)) {
      this.number(Buffer.byteLength(value));
      this.utf8(value);
    }
  }

  /** Begins something that comes after its own length; answers with what `endSized` wants. */
  beginSized(): number {
    this.makeRoom(usualLengthBytes);
    this.end += usualLengthBytes;
    return this.end;
  }

  endSized(begin: number): void {
    const { end } = this;
    this.end = begin - usualLengthBytes;
    const size = end - begin;
    if (size >= leastUsual && size <= mostUsual) {
      this.number(size);
      this.end = end;
      return;
    }
    this.content(Buffer.from(this.bytes.subarray(begin, end)));
  }

  /** A short text in ASCII, which shows while it is written; false where it is none, and nothing is written. */
  private plainText(text: string): boolean {
    if (text.length > fewBytes) return false;
    const before = this.end;
    this.number(text.length);
    this.makeRoom(text.length);
    const { bytes, end } = this;
    for (let place = 0; place < text.length; place++) {
      const unit = text.charCodeAt(place);
      if (unit >= 0x80) {
        this.end = before;
        return false;
      }
      bytes[end + place] = unit;
    }
    this.end = end + text.length;
    return true;
  }

  private utf8(text: string): void {
    // No unit of UTF-16 takes more.
    this.makeRoom(text.length * 3);
    this.end += this.bytes.write(text, this.end);
  }

  private makeRoom(bytes: number): void {
    const needed = this.end + bytes;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}
