import { OrderlyError } from '../../src/errors';
import { groupCommit } from '../../src/postgres/groupCommit';

describe('group commit', () => {
  const batches: string[][] = [];
  beforeEach(() => batches.splice(0));

  const commit = (failing: (item: string) => Error | undefined) =>
    groupCommit(async (items: readonly string[]) => {
      batches.push([...items]);
      for (const item of items) {
        const error = failing(item);
        if (error !== undefined) throw error;
      }
      return items.map(item => item.toUpperCase());
    });
  const settle = (call: (item: string) => Promise<string>, ...items: string[]) =>
    Promise.allSettled(items.map(call));

  it('runs concurrent calls as one batch and gives each its own answer', async () => {
    const settled = await settle(
      commit(() => undefined),
      'a',
      'b',
      'c',
    );
    expect(settled).toMatchObject([{ value: 'A' }, { value: 'B' }, { value: 'C' }]);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('runs a batch again one by one where it fails for good, so that only the bad one fails', async () => {
    const bad = new Error('bad');
    const settled = await settle(
      commit(item => (item === 'b' ? bad : undefined)),
      'a',
      'b',
      'c',
    );
    expect(settled).toMatchObject([{ value: 'A' }, { reason: bad }, { value: 'C' }]);
    expect(batches).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  it('fails every call of a batch at once where the trouble is transient', async () => {
    const away = new OrderlyError('PostgresUnavailable', { detail: 'away' });
    const settled = await settle(
      commit(() => away),
      'a',
      'b',
    );
    expect(settled).toMatchObject([{ reason: away }, { reason: away }]);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('does not repeat a bad call that was alone', async () => {
    const bad = new Error('bad');
    await expect(commit(() => bad)('a')).rejects.toBe(bad);
    expect(batches).toEqual([['a']]);
  });
});
