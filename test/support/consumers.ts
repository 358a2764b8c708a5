/** Consumers of one test: each test has a group of its own, and leaves nothing running. */
import { Partitioners } from 'kafkajs';
import { type ConsumeOptions, type Consumption, consume } from '../../src/kafka/consumer';
import type { IncomingRecord } from '../../src/kafka/record';
import { committedOffsets, quiet, testKafka, unique } from './kafka';
import { waitFor } from './waitFor';

export class TestGroup {
  readonly group = unique('group');
  private readonly running: Consumption[] = [];

  /** A consumer in a client of its own, as in a process of its own. */
  async consume(
    topic: string,
    onRecord: (record: IncomingRecord) => Promise<void>,
    options: Partial<ConsumeOptions> = {},
    kafka = testKafka(),
  ): Promise<Consumption> {
    const consumption = await consume(kafka, {
      group: this.group,
      topics: [topic],
      onRecord,
      maxInFlight: 50,
      logger: quiet,
      drainMs: 5_000,
      ...options,
    });
    this.running.push(consumption);
    return consumption;
  }

  /** What the broker has as committed, by partition; -1 where nothing is. */
  committedNow(topic: string): Promise<number[]> {
    return committedOffsets(this.group, topic);
  }

  /** Resolves when the broker has exactly these offsets as committed. */
  async committed(topic: string, expected: readonly number[]): Promise<void> {
    await waitFor(async () => {
      const offsets = await this.committedNow(topic);
      return expected.every((offset, partition) => offsets[partition] === offset);
    }, `${expected} to be committed`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map(consumption => consumption.stop()));
  }
}

/** Writes the numbers from `from` on, `perPartition` to each partition, by the client alone. */
export async function produce(topic: string, partitions: number, perPartition: number, from = 0) {
  const producer = testKafka().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = numbers(perPartition).flatMap(i =>
    numbers(partitions).map(partition => ({ partition, value: `${from + i}` })),
  );
  await producer.send({ topic, messages });
  await producer.disconnect();
}

export const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

export const offsetsOf = (records: readonly IncomingRecord[]) =>
  records.map(({ offset }) => Number(offset));

/** Handlers wait at it until it is opened. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open };
}
