import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Creates the topics that are missing; existing ones stay as they are. */
export function ensureTopics(
  _kafka: Kafka,
  _topics: readonly TopicSpec[],
  _logger: Logger,
): Promise<void> {
  return Promise.reject(new Error('being written'));
}
