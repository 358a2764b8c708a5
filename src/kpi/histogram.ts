/** How many values fell into which bucket. Histograms add up, in any order and over any span. */
import { bucketOf, middleOf } from './buckets';

export class Histogram {
  static readonly empty = new Histogram([], []);

  /** @param buckets in ascending order @param counts of each, never 0 */
  private constructor(
    private readonly buckets: readonly number[],
    private readonly counts: readonly number[],
  ) {}

  /** @throws RangeError for NaN */
  static of(values: readonly number[]): Histogram {
    const buckets: number[] = [];
    const counts: number[] = [];
    for (const bucket of Int32Array.from(values, bucketOf).sort()) {
      const last = buckets.length - 1;
      if (buckets[last] === bucket) counts[last]!++;
      else {
        buckets.push(bucket);
        counts.push(1);
      }
    }
    return new Histogram(buckets, counts);
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Bucket and count, in ascending order of the buckets. */
  get entries(): [bucket: number, count: number][] {
    return this.buckets.map((bucket, place) => [bucket, this.counts[place]!]);
  }

  plus(other: Histogram): Histogram {
    return this.combine(other, 1);
  }

  /** Takes away what was added before. @throws RangeError where it never was */
  minus(other: Histogram): Histogram {
    const rest = this.combine(other, -1);
    if (rest.counts.some(count => count < 0)) throw new RangeError('less than nothing in a bucket');
    return rest;
  }

  /**
   * The values at these shares of the way through all values in ascending order (0.5: the median), each
   * the nearest rank's: the smallest value with at least so large a share of the values up to it, to 1.1 %.
   * @param shares in ascending order, each above 0 and at most 1
   * @returns one value per share; NaN where there are no values
   */
  quantiles(shares: readonly number[]): number[] {
    const { count, buckets, counts } = this;
    let place = -1;
    let passed = 0;
    return shares.map(share => {
      const rank = rankOf(share, count);
      while (passed < rank && place < buckets.length) passed += counts[++place] ?? 0;
      const bucket = buckets[place];
      return bucket === undefined ? Number.NaN : middleOf(bucket);
    });
  }

  /**
   * The number of entries, then bucket and count of each: the bucket as its distance from the one before
   * it (the first one's sign in its lowest bit, "zigzag"), all as LEB128 variable-length integers.
   * migrations/0002_ledger.sql reads the same.
   */
  encode(): Uint8Array {
    const bytes: number[] = [];
    writeNumber(bytes, this.buckets.length);
    this.buckets.forEach((bucket, place) => {
      const before = this.buckets[place - 1];
      writeNumber(bytes, before === undefined ? zigzag(bucket) : bucket - before);
      writeNumber(bytes, this.counts[place]!);
    });
    return Uint8Array.from(bytes);
  }

  /** What `encode` wrote. @throws RangeError where the bytes end too early */
  static decode(bytes: Uint8Array): Histogram {
    return Histogram.read(new NumberReader(bytes));
  }

  /** The sum of all that was encoded one after the other. @throws RangeError as `decode` */
  static decodeSum(bytes: Uint8Array): Histogram {
    const numbers = new NumberReader(bytes);
    const first = Histogram.read(numbers);
    if (numbers.atEnd) return first;
    const sums = new Map<number, number>();
    for (let next = first; ; next = Histogram.read(numbers)) {
      next.buckets.forEach((bucket, place) => {
        sums.set(bucket, (sums.get(bucket) ?? 0) + next.counts[place]!);
      });
      if (numbers.atEnd) break;
    }
    const buckets = [...sums.keys()].sort((a, b) => a - b);
    return new Histogram(
      buckets,
      buckets.map(bucket => sums.get(bucket)!),
    );
  }

  /**
   * The quantiles of the sum of all that was encoded one after the other, as `decodeSum` and `quantiles`
   * have them. A histogram alone is read in one go, number by number without a call: a month of minutes has
   * millions of them.
   * @param count of all values
   */
  static quantilesOf(
    { bytes, begin, end }: EncodedPart,
    count: number,
    shares: readonly number[],
  ): number[] {
    const found: number[] = [];
    let place = begin;
    let left = bytes[place++]!;
    if (!(left < single)) [left, place] = numberAt(bytes, begin);
    let passed = 0;
    let rank = rankOf(shares[0]!, count);
    for (let bucket = 0, isFirst = true; left > 0; left--, isFirst = false) {
      let distance = bytes[place++]!;
      if (!(distance < single)) [distance, place] = numberAt(bytes, place - 1);
      bucket = isFirst ? unzigzag(distance) : bucket + distance;
      let inBucket = bytes[place++]!;
      if (!(inBucket < single)) [inBucket, place] = numberAt(bytes, place - 1);
      passed += inBucket;
      while (passed >= rank && found.length < shares.length) {
        found.push(middleOf(bucket));
        rank = rankOf(shares[found.length] ?? 1, count);
      }
    }
    if (place === end) return found;
    return Histogram.decodeSum(bytes.subarray(begin, end)).quantiles(shares);
  }

  private static read(numbers: NumberReader): Histogram {
    const entries = numbers.next();
    const buckets = new Array<number>(entries);
    const counts = new Array<number>(entries);
    let bucket = 0;
    for (let entry = 0; entry < entries; entry++) {
      bucket = entry === 0 ? unzigzag(numbers.next()) : bucket + numbers.next();
      buckets[entry] = bucket;
      counts[entry] = numbers.next();
    }
    return new Histogram(buckets, counts);
  }

  private combine(other: Histogram, sign: 1 | -1): Histogram {
    const buckets: number[] = [];
    const counts: number[] = [];
    let mine = 0;
    let theirs = 0;
    while (mine < this.buckets.length || theirs < other.buckets.length) {
      const myBucket = this.buckets[mine] ?? Number.POSITIVE_INFINITY;
      const theirBucket = other.buckets[theirs] ?? Number.POSITIVE_INFINITY;
      let count = 0;
      if (myBucket <= theirBucket) count += this.counts[mine++]!;
      if (theirBucket <= myBucket) count += sign * other.counts[theirs++]!;
      if (count === 0) continue;
      buckets.push(Math.min(myBucket, theirBucket));
      counts.push(count);
    }
    return new Histogram(buckets, counts);
  }
}

/** Where in some bytes there is what was encoded: a view of each part would cost more than to read it. */
interface EncodedPart {
  readonly bytes: Uint8Array;
  readonly begin: number;
  readonly end: number;
}

/** Of the nearest rank's value, from 1. */
const rankOf = (share: number, count: number): number => Math.max(1, Math.ceil(share * count));

const zigzag = (number: number): number => (number < 0 ? -2 * number - 1 : 2 * number);
const unzigzag = (number: number): number => (number % 2 === 0 ? number / 2 : -(number + 1) / 2);

/** Without bit operations where a number may exceed 32 bits. */
function writeNumber(bytes: number[], number: number): void {
  let rest = number;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

class NumberReader {
  private place = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.place === this.bytes.length;
  }

  next(): number {
    const byte = this.bytes[this.place]!;
    if (byte < single) {
      this.place++;
      return byte;
    }
    const [number, end] = numberAt(this.bytes, this.place);
    this.place = end;
    return number;
  }
}

/** Smaller numbers have one byte. */
const single = 0x80;

function numberAt(bytes: Uint8Array, begin: number): [number: number, end: number] {
  let number = 0;
  let factor = 1;
  for (let place = begin; ; factor *= single) {
    const byte = bytes[place++];
    if (byte === undefined) throw new RangeError('the histogram ends too early');
    if (byte < single) return [number + byte * factor, place];
    number += (byte - single) * factor;
  }
}
