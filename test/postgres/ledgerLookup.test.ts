import { countBatch } from '../../src/postgres/ledger';
import { eventKey, type LedgerEvent } from '../../src/postgres/ledgerEvents';
import { LedgerLookup } from '../../src/postgres/ledgerLookup';
import { seriesIds } from '../../src/postgres/ledgerSeries';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const at = Date.UTC(2026, 5, 2, 12);
const slice = { channel: 'web' };

async function count(id: string): Promise<void> {
  const series = { kpi: 'revenue', version: 1, synthetic: false, slice };
  const [seriesId, totalId] = await seriesIds(
    database.pool,
    [false, true].map(total => ({ ...series, total })),
  );
  const event: LedgerEvent = {
    ...{ key: eventKey(id), id, at, value: 500, seriesId: seriesId!, totalId: totalId! },
    ...{ provisional: false, mayReplace: false, reconciled: false, deployment: 'test' },
    late: false,
  };
  await countBatch(database.pool, { events: [event], refusals: [], progress: [] });
}

async function refuse(id: string): Promise<void> {
  const refusal = { key: eventKey(id), topic: 'Revenue', reason: 'KpiVersionUnknown' };
  await countBatch(database.pool, { events: [], refusals: [refusal], progress: [] });
}

it('finds what is counted, what was refused with the reason, and nothing of what never came', async () => {
  await count('counted');
  await refuse('refused');
  const found = await new LedgerLookup(database.pool).find(['counted', 'refused', 'never']);
  expect(Object.fromEntries(found)).toEqual({
    counted: { at, value: 500, provisional: false, synthetic: false, slice },
    refused: { refused: 'KpiVersionUnknown' },
  });
});

it.each([
  ['before', [refuse, count]],
  ['after', [count, refuse]],
])('finds an event as it counts that was refused %s it was counted', async (when, steps) => {
  for (const step of steps) await step(when);
  const found = await new LedgerLookup(database.pool).find([when]);
  expect(found.get(when)).toMatchObject({ value: 500 });
});
