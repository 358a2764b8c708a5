import { sendOrders } from '../../src/cli/load';
import { OrderlyError } from '../../src/errors';
import { createPublisher } from '../../src/kafka/publisher';
import type { OutgoingRecord } from '../../src/kafka/record';
import { orderReceived } from '../../src/messages/orderReceived';
import { quiet, testKafka, unique } from '../support/kafka';
import { KafkaProxy } from '../support/kafkaProxy';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';
import { runMain } from './runMain';

let proxy: KafkaProxy;
beforeAll(async () => {
  await runMain(['topics', 'create'], { KAFKA_BROKERS: testServers().kafkaBrokers.join(',') });
  proxy = await KafkaProxy.start();
});
afterAll(() => proxy?.close());

const newOrder = () => ({ ...orderReceived.example, orderId: unique('load') });

describe('the orders of a load', () => {
  it('wait no longer for a Kafka that is away once they are interrupted, and those that it has are told', async () => {
    const kafka = testKafka({ ...proxy.route, retry: { retries: 1, initialRetryTime: 20 } });
    const publisher = await createPublisher(kafka, { logger: quiet, drainMs: 100 });
    const interruption = new AbortController();
    // More than go out in one request: each further one would wait for a connection of its own.
    const total = 1_201;
    function* orders() {
      yield newOrder();
      proxy.refusing = true;
      proxy.cut();
      for (let number = 2; number <= total; number++) yield newOrder();
      interruption.abort();
    }
    const answer = sendOrders(publisher, orders(), {
      ...{ total, rate: 1_000_000, signal: interruption.signal },
    });
    const { handedOver, sent } = await answer;
    expect(handedOver).toBe(total);
    expect(sent).toBeLessThan(total);
  });

  it('are refused with the reason, however slowly the next ones come', async () => {
    const publisher = {
      publish: async ({ topic }: OutgoingRecord) => {
        throw new OrderlyError('TopicUnknown', { topic });
      },
      stop: async () => {},
    };
    const signal = new AbortController().signal;
    const orders = [newOrder(), newOrder()];
    await expect(
      sendOrders(publisher, orders, { total: 2, rate: 1 / 3_600, signal }),
    ).rejects.toMatchObject({ code: 'TopicUnknown' });
  });

  // While Kafka was away, orders were made at their rate and kept in memory without end.
  it('are made no faster than Kafka takes them, once many are under way', async () => {
    const interruption = new AbortController();
    const answers: (() => void)[] = [];
    const stop = async () => {
      for (const answer of answers.splice(0)) answer();
    };
    const publish = () =>
      new Promise<never>((_, reject) => {
        answers.push(() => reject(new OrderlyError('PublisherStopped', { topic: 'test' })));
      });
    const order = newOrder();
    let made = 0;
    function* orders() {
      for (; made < 30_000; made++) yield order;
    }
    const answer = sendOrders({ publish, stop }, orders(), {
      ...{ total: 30_000, rate: 1_000_000, signal: interruption.signal },
    });
    await waitFor(() => answers.length === 10_000);
    await new Promise(resolve => setImmediate(resolve));
    expect(made).toBe(9_999);
    interruption.abort();
    await expect(answer).resolves.toEqual({ handedOver: 10_000, sent: 0 });
  });
});
