import { markStarted, registerBatch, registerRefusals } from '../../src/postgres/register';
import { countRegister, findOrder } from '../../src/postgres/registerReport';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const receivedAt = Date.parse('2026-01-31T09:30:01.500Z');

const entry = (orderId: string) => ({
  orderId,
  origin: `origin of ${orderId}`,
  digestVersion: 1,
  digestFor: () => 'digest',
  receivedAt,
});

describe('the report on the register', () => {
  it('finds an order, and whether its workflow was started', async () => {
    const { pool } = database;
    await registerBatch(pool, [entry('find-1'), entry('find-2')]);
    await markStarted(pool, ['find-2']);
    expect(await findOrder(pool, 'find-1')).toEqual({
      receivedAt: new Date(receivedAt),
      startedAt: null,
    });
    expect((await findOrder(pool, 'find-2'))?.startedAt).toBeInstanceOf(Date);
    expect(await findOrder(pool, 'find-3')).toBeUndefined();
  });

  it('counts orders and refusals under a prefix, which is no pattern', async () => {
    const { pool } = database;
    await registerBatch(pool, [entry('run_1-a'), entry('run_1-b'), entry('runx1-c')]);
    const noted = { kind: 'DuplicateOrder', synthetic: false, at: receivedAt };
    await registerRefusals(pool, [
      { ...noted, originDigest: '1', orderId: 'run_1-a' },
      { ...noted, originDigest: '2', orderId: 'run_1-b' },
      { ...noted, originDigest: '3', kind: 'ConflictingOrder', orderId: 'run_1-a' },
      { ...noted, originDigest: '4', orderId: 'runx1-c' },
      { ...noted, originDigest: '5', kind: 'NotJson' },
    ]);
    expect(await countRegister(pool, 'run_1-')).toEqual({
      registered: 2,
      refused: { DuplicateOrder: 2, ConflictingOrder: 1 },
    });
    expect(await countRegister(pool, 'nobody-')).toEqual({ registered: 0, refused: {} });
  });
});
