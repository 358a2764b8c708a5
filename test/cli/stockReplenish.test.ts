import { endOf, readTopics } from '../../src/kafka/reader';
import { stockReplenished } from '../../src/messages/stockReplenished';
import { createDatabase, type TestDatabase } from '../support/database';
import { testKafka, unique } from '../support/kafka';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';
import { runMain } from './runMain';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const orderly = (...args: string[]) =>
  runMain(args, {
    KAFKA_BROKERS: testServers().kafkaBrokers.join(','),
    DATABASE_URL: database.url,
  });

describe('orderly stock replenish', () => {
  it('reports each call over Kafka as a delivery of its own', async () => {
    await orderly('topics', 'create');
    const kafka = testKafka();
    const from = await endOf(kafka, [stockReplenished.topic]);
    const productCode = unique('R');
    await orderly('stock', 'set', productCode, '0', '--price', '1.00', '--currency', 'EUR');
    const call = ['stock', 'replenish', productCode, '40', '--location', 'north', '--json'];
    const answers = [await orderly(...call), await orderly(...call)];
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0]);

    const ids = new Set<string>();
    const reading = await readTopics(kafka, from, ({ key, value, headers }) => {
      if (String(key) !== productCode) return;
      ids.add(String(headers.ce_id));
      const data = stockReplenished.schema.parse(JSON.parse(String(value)));
      expect(data).toMatchObject({ productCode, quantity: 40, location: 'north' });
    });
    await waitFor(() => ids.size === 2, 'both deliveries, each with its id');
    await reading.stop();
  });

  it('refuses a product that nobody sells, and says how to create it', async () => {
    const { exitCode, stdout, stderr } = await orderly('stock', 'replenish', 'NOBODY', '40');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(
      'There is no product NOBODY. Create it with: orderly stock set NOBODY',
    );
  });

  it('refuses what the schema of the message refuses, and sends nothing', async () => {
    for (const wrong of [
      ['no product!', '1'],
      ['TEA-100', '0'],
      ['TEA-100', '1000001'],
    ]) {
      expect(await orderly('stock', 'replenish', ...wrong)).toMatchObject({ exitCode: 2 });
    }
  });
});
