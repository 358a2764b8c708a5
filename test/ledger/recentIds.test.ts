import { RecentIds } from '../../src/ledger/recentIds';

describe('recent ids', () => {
  it('remember at least as many as asked for, and forget what is older', () => {
    const recent = new RecentIds(3);
    const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`);
    for (const id of ids) recent.add(id);
    expect(ids.slice(-3).every(id => recent.has(id))).toBe(true);
    expect(ids.filter(id => recent.has(id)).length).toBeLessThanOrEqual(6);
    expect(recent.has('id-0')).toBe(false);
  });
});
