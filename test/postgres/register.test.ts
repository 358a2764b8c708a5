import fc from 'fast-check';
import {
  type Entry,
  markStarted,
  registerBatch,
  registerRefusals,
  type Verdict,
} from '../../src/postgres/register';
import { createDatabase, type TestDatabase } from '../support/database';

const entry = (orderId: string, origin: string, content = 'content'): Entry => ({
  orderId,
  origin,
  digestVersion: 1,
  digestFor: version => `${content}/${version}`,
  receivedAt: Date.UTC(2025, 0, 31, 12, 0, 0, 123),
});

describe('the register of orders', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => database.pool.query('TRUNCATE orders, refusals'));

  const register = (...entries: Entry[]) => registerBatch(database.pool, entries);
  const kinds = (verdicts: Verdict[]) => verdicts.map(verdict => verdict.kind);

  it('takes an order that it does not know, with the time at which it was received', async () => {
    expect(await register(entry('a', 'o1'), entry('b', 'o2'))).toEqual([
      { kind: 'new' },
      { kind: 'new' },
    ]);
    const { rows } = await database.pool.query('SELECT * FROM orders ORDER BY order_id');
    expect(rows[0]).toEqual({
      order_id: 'a',
      origin: 'o1',
      digest: 'content/1',
      digest_version: 1,
      received_at: new Date('2025-01-31T12:00:00.123Z'),
      started_at: null,
    });
    expect(rows).toHaveLength(2);
  });

  it('answers an empty batch with no verdicts', async () => {
    expect(await register()).toEqual([]);
  });

  it('tells a redelivery, and whether its workflow was started', async () => {
    await register(entry('a', 'o1'), entry('b', 'o2'));
    await markStarted(database.pool, ['b', 'unknown']);
    expect(await register(entry('b', 'o2'), entry('a', 'o1'))).toEqual([
      { kind: 'redelivery', started: true },
      { kind: 'redelivery', started: false },
    ]);
  });

  it('tells the same content from another origin: a duplicate', async () => {
    await register(entry('a', 'o1'));
    expect(await register(entry('a', 'o2'))).toEqual([{ kind: 'duplicate' }]);
  });

  it('tells other content: a conflict, whatever its origin', async () => {
    await register(entry('a', 'o1'));
    expect(kinds(await register(entry('a', 'o2', 'other')))).toEqual(['conflict']);
    expect(kinds(await register(entry('a', 'o1', 'other')))).toEqual(['conflict']);
  });

  it('settles repeated orders within a batch: the first counts', async () => {
    const verdicts = await register(
      entry('a', 'o1'),
      entry('b', 'o2'),
      entry('a', 'o1'),
      entry('a', 'o3'),
      entry('a', 'o4', 'other'),
    );
    expect(verdicts).toEqual([
      { kind: 'new' },
      { kind: 'new' },
      { kind: 'redelivery', started: false },
      { kind: 'duplicate' },
      { kind: 'conflict' },
    ]);
  });

  it('compares by the field list of the version that the row names', async () => {
    await register(entry('a', 'o1'));
    const newer = { ...entry('a', 'o1'), digestVersion: 2 };
    expect(kinds(await register(newer))).toEqual(['redelivery']);
    const changed = {
      ...newer,
      digestFor: (version: number) => (version === 2 ? 'content/2' : 'otherwise'),
    };
    expect(kinds(await register(changed))).toEqual(['conflict']);
  });

  it('keeps the first time at which an order was started', async () => {
    await register(entry('a', 'o1'));
    const startedAt = async () =>
      (await database.pool.query('SELECT started_at FROM orders')).rows[0].started_at as Date;
    await markStarted(database.pool, ['a']);
    const first = await startedAt();
    expect(first).toBeInstanceOf(Date);
    await markStarted(database.pool, ['a']);
    expect(await startedAt()).toEqual(first);
  });

  it('gives an order to one of several intakes that register it at once, in any order', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `order-${i}`);
    const intakes = [1, 2, 3, 4].map(intake => ({
      pool: database.openPool(),
      entries: [...ids]
        .sort(() => (intake % 2 === 0 ? 1 : -1))
        .map(id => entry(id, `intake ${intake}`)),
    }));
    const verdicts = await Promise.all(
      intakes.map(({ pool, entries }) => registerBatch(pool, entries)),
    );
    await Promise.all(intakes.map(({ pool, entries }) => markStarted(pool, entries.map(idOf))));
    const news = intakes.flatMap(({ entries }, i) =>
      entries.filter((_, j) => verdicts[i]?.[j]?.kind === 'new').map(idOf),
    );
    expect(news.sort()).toEqual([...ids].sort());
    const others = verdicts.flat().filter(verdict => verdict.kind !== 'new');
    expect(new Set(kinds(others))).toEqual(new Set(['duplicate']));
  });

  it('answers alike however a stream is cut into batches', async () => {
    const arbitraryEntry = fc
      .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('o1', 'o2'), fc.constantFrom('x', 'y'))
      .map(([orderId, origin, content]) => entry(orderId, origin, content));
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryEntry, { maxLength: 8 }), fc.nat(8), async (all, cut) => {
        await database.pool.query('TRUNCATE orders');
        const oneByOne: Verdict[] = [];
        for (const single of all) oneByOne.push(...(await register(single)));
        await database.pool.query('TRUNCATE orders');
        const inTwo = [
          ...(await register(...all.slice(0, cut))),
          ...(await register(...all.slice(cut))),
        ];
        expect(inTwo).toEqual(oneByOne);
      }),
      { numRuns: 50 },
    );
  });

  it('notes each refused message once, and answers with what was first noted', async () => {
    const refusal = {
      originDigest: 'd1',
      kind: 'DuplicateOrder',
      orderId: 'a',
      synthetic: true,
      at: 1_000,
    };
    const nameless = { originDigest: 'd2', kind: 'NotJson', synthetic: false, at: 2_000 };
    const noted = await registerRefusals(database.pool, [nameless, refusal, nameless]);
    expect(noted.map(({ kind, at }) => [kind, at])).toEqual([
      ['NotJson', 2_000],
      ['DuplicateOrder', 1_000],
      ['NotJson', 2_000],
    ]);
    const later = { ...refusal, kind: 'later', synthetic: false, at: 3_000 };
    expect(await registerRefusals(database.pool, [later])).toEqual([
      { kind: 'DuplicateOrder', synthetic: true, at: 1_000 },
    ]);
    const { rows } = await database.pool.query(
      `SELECT origin_digest, kind, order_id, synthetic, at,
              noted_at BETWEEN now() - interval '5 minutes' AND now() AS "justNow"
       FROM refusals ORDER BY origin_digest`,
    );
    const first = { origin_digest: 'd1', kind: 'DuplicateOrder', order_id: 'a', synthetic: true };
    const second = { origin_digest: 'd2', kind: 'NotJson', order_id: null, synthetic: false };
    expect(rows).toEqual([
      { ...first, at: new Date(1_000), justNow: true },
      { ...second, at: new Date(2_000), justNow: true },
    ]);
  });
});

const idOf = (e: Entry): string => e.orderId;
