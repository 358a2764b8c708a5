import { untilCounted } from '../../src/watcher/ledgerProgress';
import { produce } from '../support/consumers';
import { createDatabase, type TestDatabase } from '../support/database';
import { createTopic, testKafka } from '../support/kafka';

/** As Kafka does once their time has come. */
async function removeRecords(topic: string): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  // Asking for its offsets makes the client know the topic.
  const partitions = await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions });
  await admin.disconnect();
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

it('the ledger has caught up once every partition is counted to where it ended', async () => {
  const { pool } = database;
  const [topic, empty] = await Promise.all([createTopic(2), createTopic(2)]);
  await produce(topic, 2, 3);
  const count = (partition: number, nextOffset: number) =>
    pool.query(
      `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
       VALUES (1, $1, $2, $3, now())
       ON CONFLICT (generation, topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
      [topic, partition, nextOffset],
    );
  await count(0, 3);
  await count(1, 2);
  const kafka = testKafka();
  await expect(untilCounted(kafka, pool, [topic, empty], 300)).rejects.toMatchObject({
    code: 'LedgerBehind',
    transient: true,
    parameters: { topic },
  });
  const counted = untilCounted(kafka, pool, [topic, empty]);
  await count(1, 3);
  await expect(counted).resolves.toBeUndefined();
  // An empty topic has nothing to wait for, and neither has one whose records are gone.
  const gone = await createTopic(1);
  await produce(gone, 1, 3);
  await removeRecords(gone);
  await expect(untilCounted(kafka, pool, [empty, gone], 0)).resolves.toBeUndefined();
});
