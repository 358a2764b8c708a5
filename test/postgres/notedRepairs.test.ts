import type { Finding } from '../../src/postgres/findings';
import { notedAmong, notedRepairs, noteRepairs } from '../../src/postgres/notedRepairs';
import { saveStep } from '../../src/postgres/reconciliation';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const repair = (eventId: string): Finding => ({
  ...{ eventId, verdict: 'repaired', kpi: 'revenue', occurrence: 'milestone' },
  ...{ at: Date.parse('2026-03-01T10:00:00Z'), detail: 'it was not in the ledger' },
});

const idsOf = (repairs: readonly Finding[]) => repairs.map(({ eventId }) => eventId).sort();

it('a repair is noted once for each depth, and found by its id', async () => {
  const { pool } = database;
  await noteRepairs(pool, 'shallow', [repair('a'), repair('a'), repair('b')]);
  await noteRepairs(pool, 'shallow', [repair('b')]);
  await noteRepairs(pool, 'deep', [repair('c')]);
  expect(await notedAmong(pool, 'shallow', ['a', 'c', 'd'])).toEqual(new Map([['a', repair('a')]]));
  expect(idsOf(await notedRepairs(pool, 'shallow'))).toEqual(['a', 'b']);
});

it('a step that is saved forgets the repairs that it told, and those that came to nothing', async () => {
  const { pool } = database;
  await noteRepairs(pool, 'shallow', [repair('told'), repair('young'), repair('old')]);
  await pool.query(
    `UPDATE noted_repairs SET noted_at = now() - interval '2 hours' WHERE event_id = 'old'`,
  );
  const outcome = { parity: [], findings: [repair('told')], explained: [], revenue: [] };
  await saveStep(pool, 'shallow', { from: 0, to: 1 }, outcome);
  expect(idsOf(await notedRepairs(pool, 'shallow'))).toEqual(['a', 'b', 'young']);
  expect(idsOf(await notedRepairs(pool, 'deep'))).toEqual(['c']);

  const again = { ...outcome, findings: [repair('young')] };
  expect(await saveStep(pool, 'shallow', { from: 0, to: 1 }, again)).toBe(false);
  expect(idsOf(await notedRepairs(pool, 'shallow'))).toEqual(['a', 'b', 'young']);
});
