/** The demo's check of the ledger's figures, on real Kafka and Postgres. */
import { differingFigures } from '../../../src/cli/demo/ledgerFigures';
import { createPublisher, type Publisher } from '../../../src/kafka/publisher';
import { LedgerLookup } from '../../../src/postgres/ledgerLookup';
import { readTotals } from '../../../src/postgres/ledgerTotals';
import {
  asIncoming,
  eventRecord,
  type TestEvent,
  type TestKpi,
  testKpi,
} from '../../ledger/events';
import { station } from '../../ledger/station';
import { createDatabase, type TestDatabase } from '../../support/database';
import { createTopicAs, quiet, testKafka } from '../../support/kafka';

jest.setTimeout(60_000);

const kafka = testKafka();
const noon = Date.parse('2026-01-31T12:00:00Z');

let database: TestDatabase;
let publisher: Publisher;
let kpi: TestKpi;
let handleEvent: ReturnType<typeof station>['handleEvent'];
beforeEach(async () => {
  database = await createDatabase();
  publisher = await createPublisher(kafka, { logger: quiet });
  kpi = testKpi();
  await createTopicAs({ topic: kpi.topic, numPartitions: 2, replicationFactor: 1 });
  ({ handleEvent } = station(database, kpi.catalogue));
});
afterEach(async () => {
  await publisher?.stop();
  await database?.drop();
});

/** On its topic, and counted from there. */
async function happen(
  event: TestEvent,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const record = eventRecord(kpi, event, changes);
  const { partition, offset } = await publisher.publish(record);
  await handleEvent(asIncoming(record, { partition, offset }));
}

const differing = async (
  before: Awaited<ReturnType<typeof readTotals>>,
  signal = new AbortController().signal,
) => {
  const { pool } = database;
  const servers = { kafka, pool, ledger: new LedgerLookup(pool), catalogue: kpi.catalogue };
  return differingFigures(servers, before, signal);
};

describe('the figures of the ledger', () => {
  it('are those of the events on the topics since the run began, each once, to the last digit', async () => {
    await happen({ id: 'before', at: noon, value: 7 });
    const before = await readTotals(database.pool);
    await happen({ id: 'a', at: noon, value: 0.1, channel: 'web' });
    await happen({ id: 'b', at: noon, value: 0.4, synthetic: true });
    await happen({ id: 'b', at: noon, value: 0.4, synthetic: true });
    await happen({ id: 'wrong', at: noon, value: 1 }, { unit: 'parsecs' });
    expect(await differing(before)).toEqual([]);
    expect((await readTotals(database.pool, before.totals)).totals).toEqual([
      { kpi: kpi.name, version: 1, count: 2, sum: '0.5' },
    ]);
  });

  it('are found out where they are others, with both sides', async () => {
    const before = await readTotals(database.pool);
    await happen({ id: 'a', at: noon, value: 0.1 });
    await database.pool.query('UPDATE kpi_minutes SET sum = sum + 0.001');
    expect(await differing(before)).toEqual([
      `${kpi.name}@1: 1 events with the sum 0.101, and 1 events with the sum 0.1 on its topic`,
    ]);
    await database.pool.query('DELETE FROM kpi_minutes');
    expect(await differing(before)).toEqual([
      `${kpi.name}@1: 0 events with the sum 0, and 1 events with the sum 0.1 on its topic`,
    ]);
  });

  it('are not called others where the reading was interrupted', async () => {
    const before = await readTotals(database.pool);
    await happen({ id: 'a', at: noon, value: 0.1 });
    await expect(differing(before, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
