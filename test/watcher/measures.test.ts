import { dataFreshness, intakeLag, kpiCoverage } from '../../src/watcher/measures';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { createDatabase, type TestDatabase } from '../support/database';
import { createTopic, testKafka, unique, withAdmin } from '../support/kafka';

async function send(topic: string, records: number): Promise<void> {
  const producer = testKafka().producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: Array.from({ length: records }, (_, n) => ({
      key: `${n}`,
      value: '{}',
      partition: n % 2,
    })),
  });
  await producer.disconnect();
}

describe('the lag of the intake', () => {
  it('is what its group has not committed, over all partitions, whether it runs or not', async () => {
    const [topic, group] = [await createTopic(2), unique('intake')];
    const commit = (offset: string) =>
      withAdmin(admin =>
        admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset }] }),
      );
    await send(topic, 5);

    await commit('0');
    expect(await intakeLag(testKafka(), group, topic)).toEqual([
      { source: 'intake-lag', amount: 5 },
    ]);

    await commit('3');
    expect(await intakeLag(testKafka(), group, topic)).toEqual([
      { source: 'intake-lag', amount: 2 },
    ]);
  });
});

describe('the freshness of the figures', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const counted = (topic: string, partition: number, next: number) =>
    database.pool.query(
      `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
       VALUES (1, $1, $2, $3, now())`,
      [topic, partition, next],
    );

  it('is told only once the ledger has counted all that was there', async () => {
    const topic = await createTopic(2);
    await send(topic, 4);
    await counted(topic, 0, 2);
    let told = false;
    const freshness = dataFreshness(testKafka(), database.pool, [topic]).finally(() => {
      told = true;
    });
    // Long enough for an answer that does not wait: a whole measurement of a topic that is counted.
    await dataFreshness(testKafka(), database.pool, [await createTopic(1)]);
    expect(told).toBe(false);

    await counted(topic, 1, 2);
    const [measured] = await freshness;
    expect(measured).toEqual({ source: 'data-freshness', amount: expect.any(Number) });
    expect(measured?.amount).toBeGreaterThan(0);
  });

  it('is what was waited for, where the ledger does not come', async () => {
    const topic = await createTopic(1);
    const producer = testKafka().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '{}' }] });
    await producer.disconnect();

    const [measured] = await dataFreshness(testKafka(), database.pool, [topic]);

    expect(measured?.amount).toBeGreaterThanOrEqual(30);
  });
});

describe('the coverage of what runs', () => {
  it('counts the types of each kind by whether a definition observes them', () => {
    expect(kpiCoverage(catalogueOf(definitionYaml()), Date.UTC(2026, 5, 1))).toEqual([
      { source: 'kpi-coverage', kind: 'activity', result: 'observed', amount: 1 },
      { source: 'kpi-coverage', kind: 'activity', result: 'unobserved', amount: 10 },
      { source: 'kpi-coverage', kind: 'workflow', result: 'observed', amount: 0 },
      { source: 'kpi-coverage', kind: 'workflow', result: 'unobserved', amount: 2 },
    ]);
  });
});
