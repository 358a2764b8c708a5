import { Convoy } from '../../src/ledger/convoy';
import { gate } from '../support/consumers';
import { waitFor } from '../support/waitFor';

const put =
  (item: number, most = 100) =>
  (batch: number[]) => {
    batch.push(item);
    return { isFull: batch.length >= most };
  };

describe('a convoy', () => {
  it('gives all of a batch one promise, and gathers the next while one is under way', async () => {
    const held = gate();
    const left: number[][] = [];
    const convoy = new Convoy<number[]>(
      () => [],
      async batch => {
        left.push([...batch]);
        await held.opened;
      },
    );
    const first = [convoy.add(put(1)), convoy.add(put(2))];
    expect(first[1]).toBe(first[0]);
    await waitFor(() => left.length === 1);
    const second = [convoy.add(put(3)), convoy.add(put(4))];
    expect(second[0]).not.toBe(first[0]);
    expect(second[1]).toBe(second[0]);
    held.open();
    await second[0];
    expect(left).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('begins another batch when one is full, and keeps their order', async () => {
    const left: number[][] = [];
    const convoy = new Convoy<number[]>(
      () => [],
      async batch => void left.push(batch),
    );
    await Promise.all([1, 2, 3, 4, 5].map(item => convoy.add(put(item, 2))));
    expect(left).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('lets nothing pass a batch that failed', async () => {
    const left: number[][] = [];
    const convoy = new Convoy<number[]>(
      () => [],
      async batch => {
        left.push(batch);
        throw new Error('stopped');
      },
    );
    const batches = [1, 2].map(item => convoy.add(put(item, 1)));
    for (const batch of batches) await expect(batch).rejects.toThrow('stopped');
    await expect(convoy.add(put(3))).rejects.toThrow('stopped');
    expect(left).toEqual([[1]]);
  });
});
