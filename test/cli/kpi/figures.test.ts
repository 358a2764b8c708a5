import fc from 'fast-check';
import { percentile, SlidingWindow } from '../../../src/cli/kpi/figures';

const minute = 60_000;
const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);

describe('the nearest-rank percentile', () => {
  it.each([
    { percent: 5, expected: 15 },
    { percent: 30, expected: 20 },
    { percent: 40, expected: 20 },
    { percent: 50, expected: 35 },
    { percent: 100, expected: 50 },
  ])('$percent of 15, 20, 35, 40, 50 is $expected', ({ percent, expected }) => {
    expect(percentile([15, 20, 35, 40, 50], percent)).toBe(expected);
  });

  it('is the smallest value that at least so many do not exceed', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const answer = percentile(ascending(list), percent);
        const wanted = (percent / 100) * list.length;
        expect(list.filter(value => value <= answer).length).toBeGreaterThanOrEqual(wanted);
        expect(list.filter(value => value < answer).length).toBeLessThan(wanted);
      }),
    );
  });
});

describe('a sliding window', () => {
  const windowOf = (...events: readonly [id: string, at: number, value: number][]) => {
    const window = new SlidingWindow(15 * minute);
    for (const [id, at, value] of events) window.add({ id, at, value });
    return window;
  };

  it('gives count, average, 95th percentile and maximum', () => {
    const events = Array.from(
      { length: 100 },
      (_, n) => [`e${n}`, 0, n + 1] as [string, number, number],
    );
    expect(windowOf(...events).distribution(0)).toEqual({
      count: 100,
      average: 50.5,
      p95: 95,
      maximum: 100,
    });
  });

  it('has no distribution without events', () => {
    expect(windowOf().distribution(0)).toBeUndefined();
    expect(windowOf().sumOfLastMinute(0)).toBe(0);
  });

  it('counts an event id once, and says that it knows it', () => {
    const window = windowOf(['a', 0, 1]);
    expect(window.add({ id: 'a', at: 0, value: 1 })).toBe(false);
    expect(window.add({ id: 'b', at: 0, value: 1 })).toBe(true);
    expect(window.sumOfLastMinute(0)).toBe(2);
  });

  it('sums only the last minute', () => {
    const window = windowOf(['old', 0, 1], ['new', 1, 10], ['newest', minute, 100]);
    expect(window.sumOfLastMinute(minute)).toBe(110);
  });

  it('forgets what has left the window, in whatever order it came', () => {
    const window = windowOf(['late', 2, 5], ['early', 1, 7], ['last', 16 * minute, 9]);
    expect(window.distribution(15 * minute + 1)).toMatchObject({ count: 2, maximum: 9 });
    expect(window.distribution(31 * minute)).toBeUndefined();
  });
});
