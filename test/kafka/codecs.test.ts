import { randomBytes } from 'node:crypto';
import { mostUnpackedBytes } from '../../src/kafka/codecs';
import type { IncomingRecord } from '../../src/kafka/record';
import { TestGroup } from '../support/consumers';
import { codecs, type JavaBatch, produceByJava } from '../support/javaProducer';
import { createTopic } from '../support/kafka';
import { testServers } from '../support/servers';

jest.setTimeout(60_000);

const group = new TestGroup();
afterEach(() => group.stop());

/** All that a consumer reads of the batches, once it has committed them to the end. */
async function read(batches: readonly JavaBatch[]): Promise<IncomingRecord[]> {
  const topic = await createTopic(1);
  await produceByJava(testServers().kafkaBrokers, topic, batches);
  const seen: IncomingRecord[] = [];
  await group.consume(topic, async record => void seen.push(record));
  const total = batches.reduce((sum, { records = 1 }) => sum + records, 0);
  await group.committed(topic, [total]);
  return seen;
}

describe('a batch that a Java producer has compressed', () => {
  it('is read with every codec, whether it is small, large, or hardly gets smaller', async () => {
    const batches = codecs.flatMap((codec): JavaBatch[] => [
      { codec, value: `${codec} one` },
      { codec, value: `${codec} many`, records: 1_000 },
      { codec, value: `${codec} ${randomBytes(150_000).toString('base64')}`, records: 2 },
      { codec, value: `${codec} large`, bytes: 20 * 1024 * 1024 },
    ]);
    const seen = await read([...batches, { codec: 'none', value: 'last' }]);
    const expected = batches.flatMap(({ records = 1, bytes = 0, value }) =>
      Array<string>(records).fill(value.padEnd(bytes)),
    );
    expect(seen).toHaveLength(expected.length + 1);
    // Compared one by one: jest takes minutes over texts of megabytes.
    for (const [i, text] of [...expected, 'last'].entries()) {
      expect([i, String(seen[i]?.value) === text]).toEqual([i, true]);
    }
  });

  it('that would fill the memory is one record that says so, and those behind it are read', async () => {
    const batches = codecs.flatMap((codec): JavaBatch[] => [
      { codec, value: 'bomb', bytes: mostUnpackedBytes + 1 },
      { codec, value: 'behind' },
    ]);
    const seen = await read(batches);
    expect(seen).toHaveLength(batches.length);
    for (const [i, { offset, value, unreadable }] of seen.entries()) {
      expect(offset).toBe(String(i));
      if (i % 2 === 1) expect([String(value), unreadable]).toEqual(['behind', undefined]);
      else {
        const detail = `it takes more than ${mostUnpackedBytes} bytes unpacked`;
        expect(unreadable).toEqual({ firstOffset: String(i), detail });
        expect(value?.length).toBeLessThan(4 * 1024 * 1024);
      }
    }
  });
});
