import { noteTold, readCheckpoint } from '../../src/postgres/checkpoint';
import {
  doubtedAmong,
  type Finding,
  saveFindings,
  takeBackDoubts,
} from '../../src/postgres/findings';
import {
  countedOffsets,
  type Outcome,
  refusalsNotedIn,
  reservedTotals,
  saveStep,
} from '../../src/postgres/reconciliation';
import { registerRefusals } from '../../src/postgres/register';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const hour = Date.parse('2026-03-01T10:00:00Z');

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  parity: [
    {
      hour,
      kpi: 'revenue',
      occurrence: 'milestone',
      matched: 3,
      repaired: 2,
      unexplained: 1,
    },
  ],
  revenue: [
    { hour, currency: 'EUR', orders: 2, ledger: 10n ** 20n, temporal: 10n ** 20n, postgres: 7n },
  ],
  findings: [],
  explained: [],
  ...changes,
});

const finding = (changes: Partial<Finding> = {}): Finding => ({
  eventId: 'revenue@1:milestone:order-a:OrderConfirmed',
  verdict: 'repaired',
  kpi: 'revenue',
  occurrence: 'milestone',
  at: hour,
  detail: 'it was not in the ledger',
  ...changes,
});

const all = async (table: string) => (await database.pool.query(`SELECT * FROM ${table}`)).rows;

describe('the standing reconciliation', () => {
  it('begins where the ledger began, and goes on where it ended, each depth by itself', async () => {
    const { pool } = database;
    const [generation] = await all('ledger_generations');
    const begin = (await readCheckpoint(pool, 'shallow')).comparedUntil;
    expect(begin).toBe(generation.created_at.getTime());
    expect(await saveStep(pool, 'shallow', { from: begin, to: hour }, outcome())).toBe(true);
    expect((await readCheckpoint(pool, 'shallow')).comparedUntil).toBe(hour);
    expect((await readCheckpoint(pool, 'deep')).comparedUntil).toBe(begin);
  });

  it('keeps what a step came to until it is told, and nothing of one that came to nothing', async () => {
    const { pool } = database;
    const { comparedUntil: from, untold } = await readCheckpoint(pool, 'shallow');
    const { parity } = outcome();
    expect(untold).toMatchObject({ to: from, parity });
    await noteTold(pool, 'shallow', { comparedUntil: from - 1, untold });
    expect((await readCheckpoint(pool, 'shallow')).untold).toEqual(untold);
    await noteTold(pool, 'shallow', { comparedUntil: from, untold });
    expect(await readCheckpoint(pool, 'shallow')).toEqual({ comparedUntil: from, untold: null });

    const to = from + 1;
    await saveStep(pool, 'shallow', { from, to }, outcome({ parity: [], revenue: [] }));
    expect(await readCheckpoint(pool, 'shallow')).toEqual({ comparedUntil: to, untold: null });
  });

  it('adds the figures of each span once, though two processes compared it', async () => {
    const { pool } = database;
    const span = { from: (await readCheckpoint(pool, 'shallow')).comparedUntil, to: hour + 60_000 };
    const saved = await Promise.all([1, 2].map(() => saveStep(pool, 'shallow', span, outcome())));
    expect(saved.sort()).toEqual([false, true]);
    expect(await all('kpi_parity')).toEqual([
      {
        depth: 'shallow',
        hour: new Date(hour),
        kpi: 'revenue',
        occurrence: 'milestone',
        matched: 6,
        repaired: 4,
        unexplained: 2,
      },
    ]);
    expect(await all('revenue_parity')).toEqual([
      {
        depth: 'shallow',
        hour: new Date(hour),
        currency: 'EUR',
        orders: 4,
        ledger: '200000000000000000000',
        temporal: '200000000000000000000',
        postgres: '14',
      },
    ]);
  });

  it('keeps each finding once, as it was last seen', async () => {
    await saveFindings(database.pool, 'shallow', [finding(), finding()]);
    const again = finding({ verdict: 'unexplained', detail: 'the value is another' });
    await saveFindings(database.pool, 'deep', [again, finding({ eventId: 'other' })]);
    const rows = await all('reconciliation_findings');
    expect(rows.map(row => [row.event_id, row.verdict, row.depth, row.detail])).toEqual(
      expect.arrayContaining([
        [again.eventId, 'unexplained', 'deep', 'the value is another'],
        ['other', 'repaired', 'deep', 'it was not in the ledger'],
      ]),
    );
    expect(rows).toHaveLength(2);
  });
});

describe('a doubt', () => {
  const doubt = (eventId: string) => finding({ eventId, verdict: 'unexplained' });
  const ids = ['seen-shallow', 'seen-deep', 'repaired'];
  const standing = async () =>
    (await all('reconciliation_findings'))
      .map(({ event_id }) => event_id)
      .filter(id => ids.includes(id))
      .sort();

  it('is taken back by a comparison that looks as deep, and a repair by none', async () => {
    const { pool } = database;
    await saveFindings(pool, 'shallow', [doubt('seen-shallow'), finding({ eventId: 'repaired' })]);
    await saveFindings(pool, 'deep', [doubt('seen-deep')]);
    expect(await doubtedAmong(pool, 'shallow', ids)).toEqual(new Set(['seen-shallow']));
    expect(await doubtedAmong(pool, 'deep', ids)).toEqual(new Set(['seen-shallow', 'seen-deep']));
    await takeBackDoubts(pool, 'shallow', ids);
    expect(await standing()).toEqual(['repaired', 'seen-deep']);
    const span = { from: (await readCheckpoint(pool, 'deep')).comparedUntil, to: hour };
    await saveStep(pool, 'deep', span, outcome({ parity: [], revenue: [], explained: ids }));
    expect(await standing()).toEqual(['repaired']);
  });

  it('stays where the comparison that explains the event doubts it all the same', async () => {
    const { pool } = database;
    const again = { findings: [doubt('seen-deep')], explained: ['seen-deep'] };
    const span = { from: hour, to: hour + 1 };
    await saveStep(pool, 'deep', span, outcome({ parity: [], revenue: [], ...again }));
    expect(await standing()).toEqual(['repaired', 'seen-deep']);
  });
});

it('refusals are found by when they were noted, not by the age of their record', async () => {
  const { pool } = database;
  const old = { originDigest: 'old', kind: 'NotJson', synthetic: false, at: hour };
  const before = Date.now();
  await registerRefusals(pool, [old]);
  const noted = (from: number, to: number) => refusalsNotedIn(pool, { from, to });
  expect(await noted(before - 60_000, Date.now() + 60_000)).toEqual([old]);
  expect(await noted(hour, hour + 1)).toEqual([]);
});

it('the worth of an order is that of its reservation, however it stands by now', async () => {
  const { pool } = database;
  await pool.query(
    `INSERT INTO reservations (order_id, status, outcome) VALUES
       ('a', 'reserved', '{"status": "reserved", "total": 1900}'),
       ('b', 'released', '{"status": "reserved", "total": 500}'),
       ('c', 'short', '{"status": "short"}'), ('d', 'released', NULL)`,
  );
  expect(await reservedTotals(pool, ['a', 'b', 'c', 'd', 'e'])).toEqual(
    new Map([
      ['a', 1900],
      ['b', 500],
    ]),
  );
});

it('how far partitions are counted is that of the live generation', async () => {
  const { pool } = database;
  await pool.query(`INSERT INTO ledger_generations (generation, state) VALUES (9, 'building')`);
  await pool.query(
    `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time) VALUES
       (1, 'Revenue', 0, 7, now()), (9, 'Revenue', 0, 99, now()), (1, 'Revenue', 1, 3, now())`,
  );
  expect(await countedOffsets(pool)).toEqual(
    new Map([
      ['Revenue/0', 7],
      ['Revenue/1', 3],
    ]),
  );
});
