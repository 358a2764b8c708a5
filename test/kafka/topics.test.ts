import { ConfigResourceTypes } from 'kafkajs';
import { ensureTopics, programTopics, type TopicSpec } from '../../src/kafka/topics';
import { topics as messageTopics } from '../../src/messages';
import { listeningLogger, quiet, testKafka, unique, withAdmin } from '../support/kafka';

const spec = (overrides: Partial<TopicSpec> = {}): TopicSpec => ({
  name: unique('test'),
  partitions: 3,
  replicationFactor: 1,
  config: { 'max.message.bytes': '1048576' },
  ...overrides,
});

const partitionsOf = (name: string) =>
  withAdmin(async admin => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    return topics[0]!.partitions.length;
  });

const settingOf = (name: string, setting: string) =>
  withAdmin(async admin => {
    const resource = { type: ConfigResourceTypes.TOPIC, name, configNames: [setting] };
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [resource],
    });
    return resources[0]!.configEntries[0]!.configValue;
  });

describe('programTopics', () => {
  const config = { KAFKA_PARTITIONS: 6, KAFKA_KPI_PARTITIONS: 2, KAFKA_REPLICATION_FACTOR: 3 };
  const specs = programTopics(config, ['inventory-errors', 'order-latency']);

  test('names the topic of every message and of every KPI', () => {
    expect(specs.map(({ name }) => name)).toEqual([
      ...messageTopics,
      'InventoryErrors',
      'OrderLatency',
    ]);
    expect(specs.every(each => each.replicationFactor === 3)).toBe(true);
    const partitions = specs.map(each => each.partitions);
    expect(partitions).toEqual([...messageTopics.map(() => 6), 2, 2]);
  });

  test('lets DeadLetterQueue take larger records than any other', () => {
    const limit = ({ config }: TopicSpec) => Number(config['max.message.bytes']);
    const letters = specs.find(({ name }) => name === 'DeadLetterQueue')!;
    const others = specs.filter(each => each !== letters).map(limit);
    expect(limit(letters)).toBeGreaterThanOrEqual(2 * Math.max(...others));
  });
});

describe('ensureTopics', () => {
  test('creates what is missing, with its partitions and settings', async () => {
    const wanted = [spec(), spec({ partitions: 1, config: { 'max.message.bytes': '4194304' } })];
    await ensureTopics(testKafka(), wanted, quiet);
    expect(await partitionsOf(wanted[0]!.name)).toBe(3);
    expect(await partitionsOf(wanted[1]!.name)).toBe(1);
    expect(await settingOf(wanted[1]!.name, 'max.message.bytes')).toBe('4194304');
  });

  test('may be run by several starters at once, and again', async () => {
    const wanted = [spec(), spec(), spec()];
    await Promise.all(
      [1, 2, 3].map(starter => ensureTopics(testKafka(), wanted.slice(0, starter), quiet)),
    );
    await ensureTopics(testKafka(), wanted, quiet);
    for (const { name } of wanted) expect(await partitionsOf(name)).toBe(3);
  });

  test('leaves an existing topic as it is, and warns where it offers less than asked', async () => {
    const existing = spec();
    await ensureTopics(testKafka(), [existing], quiet);
    const { logger, lines } = listeningLogger();
    const more = { ...existing, partitions: 5, config: { 'max.message.bytes': '4194304' } };
    await ensureTopics(testKafka(), [more], logger);
    const shortfalls = lines.map(line => JSON.parse(line)).filter(({ setting }) => setting);
    expect(shortfalls).toMatchObject([
      { topic: existing.name, setting: 'partitions', asked: 5, found: 3 },
      { topic: existing.name, setting: 'max.message.bytes', asked: '4194304', found: '1048576' },
    ]);
    expect(await partitionsOf(existing.name)).toBe(3);
  });

  test('says nothing about a topic that offers more', async () => {
    const existing = spec();
    await ensureTopics(testKafka(), [existing], quiet);
    const { logger, lines } = listeningLogger();
    await ensureTopics(testKafka(), [{ ...existing, partitions: 1 }], logger);
    expect(lines.filter(line => line.includes('setting'))).toEqual([]);
  });

  test('says which topic could not be created, and why', async () => {
    const wanted = spec({ replicationFactor: 3 });
    await expect(ensureTopics(testKafka(), [wanted], quiet)).rejects.toMatchObject({
      code: 'TopicNotCreated',
      parameters: { topic: wanted.name },
    });
  });
});
