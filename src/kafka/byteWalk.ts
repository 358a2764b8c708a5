/** Reads bytes as Kafka writes them, one after the other. Lengths are varints in zigzag form, -1 for nothing. */

const mostBytes = 10;

export class ByteWalk {
  /** @param at where it begins */
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  /** A whole number of up to 64 bits; right up to 2^52. @throws RangeError where it breaks off */
  number(): number {
    const first = this.bytes[this.at];
    if (first !== undefined && first < 0x80) {
      this.at++;
      return (first >>> 1) ^ -(first & 1);
    }
    return this.longNumber();
  }

  /** How many follow; 0 also where there is nothing. @throws RangeError where it breaks off */
  length(): number {
    return Math.max(0, this.number());
  }

  /** @throws RangeError where there are fewer */
  pass(bytes: number): void {
    this.at += bytes;
    if (this.at > this.bytes.length) throw brokenOff();
  }

  /** Bytes after their length, or nothing. They are not copied. @throws RangeError where they break off */
  take(): Buffer | null {
    const length = this.number();
    if (length < 0) return null;
    const begin = this.at;
    this.pass(length);
    return this.bytes.subarray(begin, this.at);
  }

  /** Like `take`: where the bytes are those that come again and again, these themselves. */
  takeSharing(repeated: Buffer): Buffer | null {
    const { at } = this;
    if (this.number() === repeated.length && this.isNext(repeated)) {
      this.at += repeated.length;
      return repeated;
    }
    this.at = at;
    return this.take();
  }

  private longNumber(): number {
    let value = 0;
    let factor = 1;
    for (let read = 0; read < mostBytes; read++) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw brokenOff();
      this.at++;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 0x80;
    }
    throw new RangeError('a number has too many bytes');
  }

  /** Byte by byte: for some tens of bytes a call out of V8 takes longer. */
  private isNext(bytes: Buffer): boolean {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== this.bytes[this.at + i]) return false;
    }
    return true;
  }
}

const brokenOff = () => new RangeError('it breaks off');
