/**
 * What of one partition was handed off and what of it is done.
 *
 * Records are handed off in the order of their offsets, and finish in any order. `watermark` is the offset
 * that may be committed: every record below it that was delivered is done. Offsets that hold no record
 * (compacted away, transaction markers) are gaps, which hold nothing back.
 */
export class OffsetTracker {
  /** Handed off and not done; in ascending order, because that is the order of the hand-off. */
  private readonly outstanding = new Set<bigint>();
  private next: bigint;

  /** @param start the first offset that is delivered */
  constructor(start: bigint) {
    this.next = start;
  }

  /** The offset after the last one that was handed off or passed over. */
  get end(): bigint {
    return this.next;
  }

  /** The lowest offset that is not done. */
  get watermark(): bigint {
    for (const lowest of this.outstanding) return lowest;
    return this.next;
  }

  /** A record was handed off. @throws RangeError where its offset is behind `end` */
  begin(offset: bigint): void {
    this.passTo(offset);
    this.outstanding.add(offset);
    this.next = offset + 1n;
  }

  /** A record is done. Repeating it changes nothing. */
  finish(offset: bigint): void {
    this.outstanding.delete(offset);
  }

  /** No record is delivered below `offset` any more. @throws RangeError where it is behind `end` */
  passTo(offset: bigint): void {
    if (offset < this.next) throw new RangeError(`offset ${offset} is behind ${this.next}`);
    this.next = offset;
  }
}
