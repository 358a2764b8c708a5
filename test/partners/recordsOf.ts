/** What Kafka has of one order: all tests of partners share the topics, and names tell them apart. */
import { randomUUID } from 'node:crypto';
import { decode } from '../../src/kafka/cloudEvents';
import { type Consumption, consume } from '../../src/kafka/consumer';
import { ensureTopics } from '../../src/kafka/topics';
import { quiet, testKafka, unique } from '../support/kafka';

export interface Heard {
  readonly id: string;
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An order id that no other test uses. */
export const anOrder = (): string => `P-${randomUUID()}`;

/** Creates the topics where they are missing. */
export const haveTopics = (...names: readonly string[]): Promise<void> =>
  ensureTopics(
    testKafka(),
    names.map(name => ({ name, partitions: 3, replicationFactor: 1, config: {} })),
    quiet,
  );

/** Hears what a topic gets from one partner from now on; other tests have partners of the same topics. */
export async function listen(topic: string, partner: string) {
  const heard: Heard[] = [];
  const consumption: Consumption = await consume(testKafka(), {
    group: unique('listener'),
    topics: [topic],
    fromBeginning: false,
    maxInFlight: 50,
    logger: quiet,
    onRecord: async record => {
      const { event, data } = decode(record, 100_000);
      if (event?.source !== `urn:${partner}`) return;
      heard.push({ id: event.id, source: event.source, data: data as Heard['data'] });
    },
  });
  return {
    all: () => heard,
    of: (orderId: string) => heard.filter(({ data }) => data.orderId === orderId),
    stop: () => consumption.stop(),
  };
}
