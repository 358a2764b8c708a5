import { paced } from '../../../src/cli/terminal/paced';

const never = new AbortController().signal;

describe('pacing', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const collect = (rate: number, items: Iterable<number>, signal = never) => {
    const taken: { item: number; at: number }[] = [];
    const begin = performance.now();
    const done = (async () => {
      for await (const item of paced(items, rate, signal)) {
        taken.push({ item, at: performance.now() - begin });
      }
    })();
    return { taken, done };
  };

  it('yields every item, in order, at the rate', async () => {
    const { taken, done } = collect(10, [1, 2, 3]);
    await jest.advanceTimersByTimeAsync(1_000);
    await done;
    expect(taken).toEqual([
      { item: 1, at: 0 },
      { item: 2, at: 100 },
      { item: 3, at: 200 },
    ]);
  });

  it('catches up after its consumer was late', async () => {
    const times: number[] = [];
    const begin = performance.now();
    const done = (async () => {
      for await (const item of paced([1, 2, 3, 4], 10, never)) {
        if (item === 1) await new Promise(resolve => setTimeout(resolve, 250));
        times.push(performance.now() - begin);
      }
    })();
    await jest.advanceTimersByTimeAsync(1_000);
    await done;
    expect(times).toEqual([250, 250, 250, 300]);
  });

  it('ends at once when it is interrupted', async () => {
    const interruption = new AbortController();
    const { taken, done } = collect(1, [1, 2, 3], interruption.signal);
    await jest.advanceTimersByTimeAsync(1_500);
    interruption.abort();
    await done;
    expect(taken.map(({ item }) => item)).toEqual([1, 2]);
  });
});
