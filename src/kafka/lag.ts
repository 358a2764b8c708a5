import type { Kafka } from 'kafkajs';
import { kafkaUnavailable } from './failure';

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Records of the partition that the group has not committed as done. */
  readonly records: number;
}

/**
 * How far a consumer group is behind on each partition of the topics, as the broker sees it now.
 * @throws OrderlyError KafkaUnavailable
 */
export async function readLag(
  kafka: Kafka,
  group: string,
  topics: readonly string[],
): Promise<PartitionLag[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    const lags = committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.map(({ partition, low, high }) => {
        const offset = partitions.find(entry => entry.partition === partition)?.offset ?? '-1';
        const begin = BigInt(offset) < BigInt(low) ? BigInt(low) : BigInt(offset);
        return { topic, partition, records: Number(BigInt(high) - begin) };
      });
    });
    const inOrder = (a: PartitionLag, b: PartitionLag) => a.partition - b.partition;
    return (await Promise.all(lags)).flatMap(ofTopic => ofTopic.sort(inOrder));
  } catch (thrown) {
    throw kafkaUnavailable(thrown);
  } finally {
    await admin.disconnect();
  }
}
