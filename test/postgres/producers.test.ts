import type { KpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { readTestimony } from '../../src/postgres/ledgerReport';
import { noteHeartbeats } from '../../src/postgres/producers';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const begin = Date.parse('2026-01-31T09:00:00Z');
const at = (seconds: number): string => new Date(begin + seconds * 1_000).toISOString();
let producers = 0;

/** A kind of producer of the test's own; its heartbeats by the second in which they are sent. */
function testProducer() {
  const producer = `producer-${++producers}`;
  const topic = `Topic${producers}`;
  const beat = (
    sequence: number,
    second: number,
    changes: Partial<KpiHeartbeat> = {},
  ): KpiHeartbeat => ({
    ...kpiHeartbeat.example,
    producer,
    startedAt: at(0),
    sequence,
    sentAt: at(second),
    settledAt: at(second),
    acknowledged: [],
    ...changes,
  });
  const acknowledged = (offset: number, partition = 0, of = topic) => ({
    topic: of,
    partition,
    offset,
  });
  const read = (of = topic, from = begin, until = begin + 3_600_000, version = 'order-latency@1') =>
    readTestimony(database.pool, [producer], { topic: of, version }, { from, until });
  /** Whether each life knows a version. */
  const knows = async (version: string) =>
    (await read(topic, begin, begin + 3_600_000, version)).lives.map(life => life.knows);
  const countedUntil = async (of = topic) =>
    (await read(of)).lives.map(life => (life.countedUntil - begin) / 1_000);
  return { producer, topic, beat, acknowledged, read, knows, countedUntil };
}

/** As the ledger notes that it has counted so far. */
async function count(topic: string, partition: number, nextOffset: number, generation = 1) {
  await database.pool.query(
    `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
     VALUES ($1, $2, $3, $4, now())
     ON CONFLICT (generation, topic, partition) DO UPDATE SET next_offset = $4`,
    [generation, topic, partition, nextOffset],
  );
}

const pendingOf = async (producer: string): Promise<number> => {
  const { rows } = await database.pool.query(
    'SELECT count(*)::integer AS pending FROM kpi_heartbeats WHERE producer = $1',
    [producer],
  );
  return rows[0].pending;
};

describe('noting heartbeats', () => {
  it('makes one life of one process, which lasts until its lease ends', async () => {
    const { producer, beat, read } = testProducer();
    await noteHeartbeats(database.pool, [beat(1, 0)]);
    await noteHeartbeats(database.pool, [beat(2, 5)]);
    expect(await read()).toEqual({
      lives: [
        {
          producer,
          knows: true,
          from: begin,
          until: begin + 25_000,
          heardAt: begin + 5_000,
          goodbye: false,
          countedUntil: begin + 5_000,
        },
      ],
      drops: [],
    });
  });

  it('tells lives of one name by their start, and finds only those that reach into a time', async () => {
    const { beat, read } = testProducer();
    await noteHeartbeats(database.pool, [
      beat(1, 0, { goodbye: true }),
      beat(1, 60, { startedAt: at(60) }),
    ]);
    expect((await read()).lives.map(({ from, goodbye }) => [from - begin, goodbye]).sort()).toEqual(
      [
        [0, true],
        [60_000, false],
      ],
    );
    expect((await read(undefined, begin + 20_000, begin + 60_000)).lives).toEqual([]);
  });

  it('lets nothing old undo what is new, in one batch or in several', async () => {
    const { beat, read } = testProducer();
    await noteHeartbeats(database.pool, [beat(3, 10), beat(2, 5), beat(3, 10)]);
    await noteHeartbeats(database.pool, [beat(1, 0)]);
    await noteHeartbeats(database.pool, [beat(3, 10)]);
    expect((await read()).lives).toMatchObject([{ heardAt: begin + 10_000 }]);
  });

  it('knows the versions that the newest heartbeat names, and all where it names none', async () => {
    const { beat, knows } = testProducer();
    await noteHeartbeats(database.pool, [beat(1, 0, { kpis: ['a@1', 'b@2'] })]);
    expect(await knows('b@2')).toEqual([true]);
    expect(await knows('b@1')).toEqual([false]);
    await noteHeartbeats(database.pool, [beat(3, 10, { kpis: [] })]);
    await noteHeartbeats(database.pool, [beat(2, 5, { kpis: ['b@2'] })]);
    expect(await knows('b@2')).toEqual([false]);
    await noteHeartbeats(database.pool, [beat(4, 15, { kpis: undefined })]);
    expect(await knows('b@2')).toEqual([true]);
  });

  it('notes between which heartbeats events were lost, once', async () => {
    const { producer, beat, read } = testProducer();
    await noteHeartbeats(database.pool, [beat(1, 0, { dropped: 0 })]);
    await noteHeartbeats(database.pool, [beat(2, 5, { dropped: 3 })]);
    await noteHeartbeats(database.pool, [beat(2, 5, { dropped: 3 })]);
    await noteHeartbeats(database.pool, [beat(3, 10, { dropped: 3 })]);
    await noteHeartbeats(database.pool, [beat(4, 15, { dropped: 4 })]);
    const expected = [
      { producer, from: begin, until: begin + 5_000 },
      { producer, from: begin + 10_000, until: begin + 15_000 },
    ];
    const { drops } = await read();
    expect([...drops].sort((a, b) => a.from - b.from)).toEqual(expected);
    const { rows } = await database.pool.query(
      'SELECT sum(events)::integer AS events FROM kpi_drops WHERE producer = $1',
      [producer],
    );
    expect(rows).toEqual([{ events: 4 }]);
  });

  it('takes events that were lost before the first heartbeat heard for lost since the start', async () => {
    const { beat, read, producer } = testProducer();
    await noteHeartbeats(database.pool, [beat(7, 30, { dropped: 2 })]);
    expect((await read()).drops).toEqual([{ producer, from: begin, until: begin + 30_000 }]);
  });

  it('vouches for what the ledger has counted, and no more', async () => {
    const { topic, beat, acknowledged, countedUntil } = testProducer();
    await noteHeartbeats(database.pool, [beat(1, 5, { acknowledged: [acknowledged(9)] })]);
    expect(await countedUntil()).toEqual([0]);
    await count(topic, 0, 9);
    expect(await countedUntil()).toEqual([0]);
    await count(topic, 0, 10);
    expect(await countedUntil()).toEqual([5]);
  });

  it('needs every partition', async () => {
    const { topic, beat, acknowledged, countedUntil } = testProducer();
    const both = [acknowledged(1, 0), acknowledged(4, 1)];
    await noteHeartbeats(database.pool, [beat(1, 5, { acknowledged: both })]);
    await count(topic, 0, 2);
    expect(await countedUntil()).toEqual([0]);
    await count(topic, 1, 5);
    expect(await countedUntil()).toEqual([5]);
  });

  it('does not let one topic hold back another', async () => {
    const { topic, beat, acknowledged, countedUntil } = testProducer();
    const stuck = `${topic}Stuck`;
    const both = [acknowledged(1), acknowledged(1, 0, stuck)];
    await noteHeartbeats(database.pool, [beat(1, 5, { acknowledged: both })]);
    await count(topic, 0, 2);
    expect(await countedUntil()).toEqual([5]);
    expect(await countedUntil(stuck)).toEqual([0]);
  });

  it('moves on heartbeat by heartbeat, and forgets those that are counted', async () => {
    const { producer, topic, beat, acknowledged, countedUntil } = testProducer();
    for (let sequence = 1; sequence <= 4; sequence++) {
      const places = [acknowledged(sequence)];
      await noteHeartbeats(database.pool, [beat(sequence, 5 * sequence, { acknowledged: places })]);
    }
    await count(topic, 0, 3);
    expect(await countedUntil()).toEqual([10]);
    await noteHeartbeats(database.pool, [beat(5, 25, { acknowledged: [acknowledged(5)] })]);
    expect(await pendingOf(producer)).toBe(3);
    expect(await countedUntil()).toEqual([10]);
    await count(topic, 0, 6);
    await noteHeartbeats(database.pool, [beat(6, 30)]);
    expect(await pendingOf(producer)).toBe(0);
    expect(await countedUntil()).toEqual([30]);
  });

  it('believes only the generation that is live', async () => {
    const { topic, beat, acknowledged, countedUntil } = testProducer();
    await database.pool.query(
      `INSERT INTO ledger_generations (generation, state) VALUES (2, 'building') ON CONFLICT DO NOTHING`,
    );
    await noteHeartbeats(database.pool, [beat(1, 5, { acknowledged: [acknowledged(1)] })]);
    await count(topic, 0, 2, 2);
    expect(await countedUntil()).toEqual([0]);
  });

  it('is settled up to the time that the heartbeat names, not to when it was sent', async () => {
    const { beat, countedUntil } = testProducer();
    await noteHeartbeats(database.pool, [beat(1, 5, { settledAt: at(2) })]);
    expect(await countedUntil()).toEqual([2]);
  });

  it('takes the same heartbeats from several processes at once', async () => {
    const { beat, read, producer } = testProducer();
    const instances = ['a', 'b', 'c', 'd'];
    const all = Array.from({ length: 20 }, (_, i) =>
      instances.map(instance => beat(i + 1, 5 * (i + 1), { instance, dropped: i })),
    );
    const pools = Array.from({ length: 4 }, () => database.openPool());
    await Promise.all(
      pools.map(async (pool, turn) => {
        for (const batch of turn % 2 === 0 ? all : [...all].reverse()) {
          await noteHeartbeats(pool, turn < 2 ? batch : [...batch].reverse());
        }
      }),
    );
    const { lives } = await read();
    expect(lives.map(({ heardAt }) => heardAt - begin)).toEqual(instances.map(() => 100_000));
    expect(await pendingOf(producer)).toBe(0);
  });
});
