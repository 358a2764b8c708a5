import { Batcher } from '../src/batcher';

/** A batch handler whose batches end when told. */
function heldRuns() {
  const batches: { items: readonly number[]; finish: () => void; fail: (e: Error) => void }[] = [];
  const run = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      batches.push({ items, finish: () => resolve(items.map(i => i * 10)), fail: reject });
    });
  return { batches, run };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

describe('A batcher', () => {
  it('hands a lone call over in the same turn and answers it', async () => {
    const { batches, run } = heldRuns();
    const answer = new Batcher({ run, maxItems: 10 }).add(1);
    await turn();
    expect(batches.map(b => b.items)).toEqual([[1]]);
    batches[0]!.finish();
    await expect(answer).resolves.toBe(10);
  });

  it('gathers what arrives while its lane is busy, up to the largest batch', async () => {
    const { batches, run } = heldRuns();
    const batcher = new Batcher({ run, maxItems: 3 });
    const first = batcher.add(1);
    await turn();
    const rest = [2, 3, 4, 5].map(i => batcher.add(i));
    await turn();
    expect(batches).toHaveLength(1);
    batches[0]!.finish();
    await first;
    expect(batches.map(b => b.items)).toEqual([[1], [2, 3, 4]]);
    batches[1]!.finish();
    await rest[2];
    batches[2]!.finish();
    await expect(Promise.all(rest)).resolves.toEqual([20, 30, 40, 50]);
  });

  it('fails every call of a batch that throws, and goes on', async () => {
    const { batches, run } = heldRuns();
    const batcher = new Batcher({ run, maxItems: 2 });
    const failing = [batcher.add(1), batcher.add(2)].map(p => p.catch((e: Error) => e.message));
    await turn();
    batches[0]!.fail(new Error('away'));
    await expect(Promise.all(failing)).resolves.toEqual(['away', 'away']);
    const next = batcher.add(3);
    await turn();
    batches[1]!.finish();
    await expect(next).resolves.toBe(30);
  });

  it('runs as many batches at once as it has lanes', async () => {
    const { batches, run } = heldRuns();
    const batcher = new Batcher({ run, maxItems: 1, lanes: 2 });
    const answers = [1, 2, 3].map(i => batcher.add(i));
    await turn();
    expect(batches.map(b => b.items)).toEqual([[1], [2]]);
    expect(batcher.queued).toBe(1);
    batches[0]!.finish();
    await answers[0];
    for (const batch of batches.slice(1)) batch.finish();
    await Promise.all(answers);
  });

  it('flushes what lingers, and resolves once all of it is answered', async () => {
    const { batches, run } = heldRuns();
    const batcher = new Batcher({ run, maxItems: 10, lingerMs: 1_000_000 });
    const answer = batcher.add(7);
    const flushed = batcher.flush();
    expect(batches.map(b => b.items)).toEqual([[7]]);
    batches[0]!.finish();
    await flushed;
    await expect(answer).resolves.toBe(70);
    await batcher.flush();
  });
});
