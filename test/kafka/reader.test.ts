import type { Kafka } from 'kafkajs';
import { createPublisher } from '../../src/kafka/publisher';
import { endOf, type Positions, type Reading, readTopics, since } from '../../src/kafka/reader';
import { createTopic, quiet, testKafka, unique, withAdmin } from '../support/kafka';
import { KafkaProxy } from '../support/kafkaProxy';
import { waitFor } from '../support/waitFor';

const readings: Reading[] = [];
afterEach(async () => {
  await Promise.all(readings.splice(0).map(reading => reading.stop()));
});

async function publishAll(topic: string, values: readonly string[], timestamp?: number) {
  const publisher = await createPublisher(testKafka(), { logger: quiet });
  await Promise.all(
    values.map(value => publisher.publish({ topic, key: value, value, timestamp })),
  );
  await publisher.stop();
}

/** Reads from the positions on; the answer grows as records come. */
async function readFrom(positions: Positions, kafka: Kafka = testKafka()) {
  const values: string[] = [];
  const reading = await readTopics(kafka, positions, ({ value }) => {
    values.push(String(value));
  });
  readings.push(reading);
  return { values, reading };
}

const sorted = (values: readonly string[]) => [...values].sort();

describe('reading topics', () => {
  it('begins at the end that was taken, and hands over each later record once', async () => {
    const topic = await createTopic(3);
    await publishAll(topic, ['before-1', 'before-2', 'before-3']);
    const from = await endOf(testKafka(), [topic]);
    await publishAll(topic, ['a', 'b', 'c', 'd']);
    const { values, reading } = await readFrom(from);
    await waitFor(() => values.length >= 4);
    await publishAll(topic, ['e']);
    await waitFor(() => values.length >= 5);
    expect(sorted(values)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(reading.hasReached(await endOf(testKafka(), [topic]))).toBe(true);
  });

  it('knows that it has not reached an end before it was read', async () => {
    const topic = await createTopic(1);
    const from = await endOf(testKafka(), [topic]);
    await publishAll(topic, ['a']);
    const { values, reading } = await readFrom(from);
    await waitFor(() => values.length === 1);
    await publishAll(topic, ['b']);
    const end = new Map([[topic, new Map([[0, 1_000n]])]]);
    expect(reading.hasReached(end)).toBe(false);
  });

  it('begins with the first record of a time', async () => {
    const topic = await createTopic(1);
    const now = Date.now();
    await publishAll(topic, ['old'], now - 60_000);
    await publishAll(topic, ['new'], now);
    const { values } = await readFrom(await since(testKafka(), [topic], now - 30_000));
    await waitFor(() => values.length > 0);
    expect(values).toEqual(['new']);
  });

  it('reads several topics, an empty one among them', async () => {
    const topics = [await createTopic(2), await createTopic(2), await createTopic(1)];
    const from = await endOf(testKafka(), topics);
    await publishAll(topics[0]!, ['a', 'b']);
    await publishAll(topics[1]!, ['c']);
    const { values, reading } = await readFrom(from);
    const end = await endOf(testKafka(), topics);
    await waitFor(() => reading.hasReached(end));
    expect(sorted(values)).toEqual(['a', 'b', 'c']);
  });

  it('leaves no consumer group behind', async () => {
    const groups = async () =>
      (await withAdmin(admin => admin.listGroups())).groups.map(({ groupId }) => groupId);
    const topic = await createTopic(1);
    const before = await groups();
    const { reading } = await readFrom(await endOf(testKafka(), [topic]));
    const during = (await groups()).filter(group => !before.includes(group));
    const own = during.filter(group => group.startsWith('orderly-reader-'));
    expect(own.length).toBeGreaterThan(0);
    readings.pop();
    await reading.stop();
    expect((await groups()).filter(group => own.includes(group)).length).toBeLessThan(own.length);
  });

  it('finds the end of a topic that was created only a moment ago', async () => {
    const topic = unique('test');
    await withAdmin(admin =>
      admin.createTopics({ topics: [{ topic, numPartitions: 50 }], waitForLeaders: false }),
    );
    const end = await endOf(testKafka(), [topic]);
    expect(end.get(topic)?.size).toBe(50);
  });

  it('names Kafka when it is away', async () => {
    const kafka = testKafka({ brokers: ['127.0.0.1:1'], retry: { retries: 0 } });
    await expect(endOf(kafka, ['any'])).rejects.toMatchObject({ code: 'KafkaUnavailable' });
    const positions = new Map([['any', new Map([[0, 0n]])]]);
    await expect(readTopics(kafka, positions, () => {})).rejects.toMatchObject({
      code: 'KafkaUnavailable',
    });
  });

  it('names Kafka when it went away before the end of the reading', async () => {
    const topic = await createTopic(1);
    const proxy = await KafkaProxy.start();
    const kafka = testKafka({ ...proxy.route, retry: { retries: 0 } });
    const { reading } = await readFrom(await endOf(testKafka(), [topic]), kafka);
    readings.pop();
    proxy.refusing = true;
    proxy.cut();
    await expect(reading.stop()).rejects.toMatchObject({ code: 'KafkaUnavailable' });
    await proxy.close();
  });
});
