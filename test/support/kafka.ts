import { randomUUID } from 'node:crypto';
import { type Admin, type ITopicConfig, Kafka, type KafkaConfig, type KafkaMessage } from 'kafkajs';
import pino, { type Logger } from 'pino';
import { clientConfig } from '../../src/kafka/client';
import { brokerErrorOf } from '../../src/kafka/failure';
import { testServers } from './servers';
import { waitFor } from './waitFor';

/** Set LOG_LEVEL to see what the code under test logs. */
export const quiet: Logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' });

/** A logger whose lines can be looked at. */
export function listeningLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, logger: pino({ level: 'debug' }, { write: line => void lines.push(line) }) };
}

/** A client of its own, as every process has one, with the program's settings but for `overrides`. */
export function testKafka(overrides: Partial<KafkaConfig> = {}, logger = quiet): Kafka {
  const settings = { KAFKA_BROKERS: testServers().kafkaBrokers, KAFKA_SSL: false };
  return new Kafka({ ...clientConfig(settings, `test-${randomUUID()}`, logger), ...overrides });
}

/** A name that no other test uses. */
export const unique = (name: string) => `${name}-${randomUUID()}`;

/** Lets the test ask the broker itself. */
export async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates a topic of this test's own, and returns its name. */
export async function createTopic(
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<string> {
  const topic = unique('test');
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await createTopicAs({ topic, numPartitions: partitions, replicationFactor: 1, configEntries });
  return topic;
}

/** Creates a topic, and waits until it can be used: a busy broker does not know it at once. */
export async function createTopicAs(spec: ITopicConfig): Promise<void> {
  await withAdmin(async admin => {
    await admin.createTopics({ topics: [spec], waitForLeaders: false });
    const isThere = () =>
      admin.fetchTopicOffsets(spec.topic).catch(thrown => {
        if (brokerErrorOf(thrown) === undefined) throw thrown;
      });
    await waitFor(isThere, `${spec.topic} to be there`);
  });
}

/** What the broker has as committed, by partition; -1 where nothing is. */
export async function committedOffsets(group: string, topic: string): Promise<number[]> {
  const [entry] = await withAdmin(admin => admin.fetchOffsets({ groupId: group, topics: [topic] }));
  const offsets: number[] = [];
  for (const { partition, offset } of entry?.partitions ?? []) offsets[partition] = Number(offset);
  return offsets;
}

/** Everything that the topic holds, by partition, read by the client alone. */
export async function readTopic(topic: string): Promise<KafkaMessage[][]> {
  const ends = await withAdmin(admin => admin.fetchTopicOffsets(topic));
  const total = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  const partitions: KafkaMessage[][] = ends.map(() => []);
  const consumer = testKafka().consumer({ groupId: unique('reader'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message: { offset, timestamp, key, value, headers } }) => {
      const read = { offset, timestamp: String(timestamp), key, value, headers: { ...headers } };
      partitions[partition]!.push({ ...read, attributes: 0 });
    },
  });
  const count = () => partitions.reduce((sum, messages) => sum + messages.length, 0);
  await waitFor(() => count() >= total, `${total} records of ${topic}`);
  await consumer.disconnect();
  return partitions;
}
