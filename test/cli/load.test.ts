import { sendOrders } from '../../src/cli/load';
import { createPublisher } from '../../src/kafka/publisher';
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
    async function* orders() {
      yield newOrder();
      await waitFor(() => publisher.queued === 0);
      proxy.refusing = true;
      proxy.cut();
      yield newOrder();
      yield newOrder();
      interruption.abort();
    }
    await expect(sendOrders(publisher, orders(), 3, interruption.signal)).resolves.toEqual({
      handedOver: 3,
      sent: 1,
    });
  });
});
