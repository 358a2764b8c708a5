import type { Answer } from '../../src/batcher';
import type { Publisher } from '../../src/kafka/publisher';
import type { OutgoingRecord, Position } from '../../src/kafka/record';

/** Keeps what it is given. */
export class MemoryPublisher implements Pick<Publisher, 'offer'> {
  readonly records: OutgoingRecord[] = [];

  offer(record: OutgoingRecord, { resolve }: Answer<Position>): void {
    resolve({ partition: 0, offset: String(this.records.push(record)) });
  }
}
