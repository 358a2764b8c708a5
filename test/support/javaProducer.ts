/** Kafka's own client as a producer: it shares no code with this project, and compresses. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readConfig } from '../../src/config';
import { java } from '../../src/stack/jvm';
import { kafka } from '../../src/stack/kafka';

export const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Some records of one partition that leave together, in one batch where they have less than a megabyte. */
export interface JavaBatch {
  readonly codec: (typeof codecs)[number] | 'none';
  /** What each of the records holds, on one line. */
  readonly value: string;
  /** Default 1. */
  readonly records?: number;
  /** Blanks fill the value up to so many bytes. */
  readonly bytes?: number;
}

/** Writes the batches to partition 0 of the topic, one behind the other; the keys count the records of each. */
export async function produceByJava(
  brokers: readonly string[],
  topic: string,
  batches: readonly JavaBatch[],
): Promise<void> {
  const home = await kafka.sources(readConfig())[0]!.find(() => undefined);
  const program = join(__dirname, 'ProduceBatches.java');
  const args = ['-Xmx768m', '-cp', join(home, 'libs', '*'), program, brokers.join(','), topic];
  const producer = spawn(java(), args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const complaints = text(producer.stderr);
  producer.stdin.end(
    batches
      .map(
        ({ codec, records = 1, bytes = 0, value }) => `${codec}\t${records}\t${bytes}\t${value}\n`,
      )
      .join(''),
  );
  const [code] = await once(producer, 'exit');
  if (code !== 0) throw new Error(`the producer ended with ${code}: ${await complaints}`);
}
