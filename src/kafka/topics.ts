import { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { messageOf, OrderlyError } from '../errors';
import { topics as messageTopics } from '../messages';
import { deadLetterTopic } from '../messages/deadLetterQueue';
import { kpiTopic } from '../messages/kpiEvent';
import { largestDeadLetter } from './deadLetter';
import { brokerErrorOf, kafkaUnavailable } from './failure';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Kafka's own settings of a topic, by their names. */
  readonly config: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;

/** Every topic that the program uses. @param kpis the names of the KPIs that have events */
export function programTopics(
  config: Pick<Config, 'KAFKA_PARTITIONS' | 'KAFKA_KPI_PARTITIONS' | 'KAFKA_REPLICATION_FACTOR'>,
  kpis: readonly string[],
): TopicSpec[] {
  const spec = (name: string, partitions: number): TopicSpec => ({
    name,
    partitions,
    replicationFactor: config.KAFKA_REPLICATION_FACTOR,
    config: { 'max.message.bytes': String(largestRecord(name)) },
  });
  return [
    ...messageTopics.map(name => spec(name, config.KAFKA_PARTITIONS)),
    ...kpis.map(kpi => spec(kpiTopic(kpi), config.KAFKA_KPI_PARTITIONS)),
  ];
}

const largestRecord = (topic: string) => (topic === deadLetterTopic ? largestDeadLetter : mebibyte);

/**
 * Creates the topics that are missing; safe to repeat, and for several starters at once. A topic that
 * exists stays as it is; where it offers less than asked, a warning says what.
 * @throws OrderlyError KafkaUnavailable, TopicNotCreated
 */
export async function ensureTopics(
  kafka: Kafka,
  specs: readonly TopicSpec[],
  logger: Logger,
): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const before = new Set(await admin.listTopics());
    await create(
      admin,
      specs.filter(spec => !before.has(spec.name)),
    );
    const existed = specs.filter(spec => before.has(spec.name));
    for (const shortfall of await shortfalls(admin, existed)) {
      logger.warn(shortfall, 'a topic offers less than this program asks for');
    }
  } catch (thrown) {
    throw thrown instanceof OrderlyError ? thrown : kafkaUnavailable(thrown);
  } finally {
    await admin.disconnect();
  }
}

async function create(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: specs.map(spec => ({
        topic: spec.name,
        numPartitions: spec.partitions,
        replicationFactor: spec.replicationFactor,
        configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (thrown) {
    // They are made; a busy broker has only not told every listener yet, and whoever uses them waits.
    if (brokerErrorOf(thrown) === 'UNKNOWN_TOPIC_OR_PARTITION') return;
    for (const failure of refusalsOf(thrown)) {
      const { topic } = failure;
      throw new OrderlyError(
        'TopicNotCreated',
        { topic, detail: messageOf(failure) },
        { cause: thrown },
      );
    }
  }
}

/** What was refused, but for topics that another starter created first. */
function refusalsOf(thrown: unknown): (Error & { readonly topic: string })[] {
  if (!(thrown instanceof Error) || !('errors' in thrown) || !Array.isArray(thrown.errors)) {
    throw thrown;
  }
  return thrown.errors.filter(error => brokerErrorOf(error) !== 'TOPIC_ALREADY_EXISTS');
}

interface Shortfall {
  readonly topic: string;
  readonly setting: string;
  readonly asked: string | number;
  readonly found: string | number;
}

async function shortfalls(admin: Admin, specs: readonly TopicSpec[]): Promise<Shortfall[]> {
  if (specs.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(spec => spec.name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(spec => ({
      type: ConfigResourceTypes.TOPIC,
      name: spec.name,
      configNames: Object.keys(spec.config),
    })),
  });
  return specs.flatMap(spec => {
    const topic = spec.name;
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const replicas = Math.min(...partitions.map(partition => partition.replicas.length));
    const config = resources.find(({ resourceName }) => resourceName === topic)?.configEntries;
    return [
      { topic, setting: 'partitions', asked: spec.partitions, found: partitions.length },
      { topic, setting: 'replication.factor', asked: spec.replicationFactor, found: replicas },
      ...Object.entries(spec.config).map(([setting, asked]) => {
        const entry = config?.find(({ configName }) => configName === setting);
        return { topic, setting, asked, found: entry?.configValue ?? 'nothing' };
      }),
    ].filter(({ asked, found }) => !(Number(found) >= Number(asked)));
  });
}
