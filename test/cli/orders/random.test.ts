import fc from 'fast-check';
import { between, chance, createRandom, pick } from '../../../src/cli/orders/random';

const seed = fc.integer();
const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);

describe('randomness', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(times(5, createRandom(7))).toEqual(times(5, createRandom(7)));
    expect(times(5, createRandom(7))).not.toEqual(times(5, createRandom(8)));
  });

  it('lies in [0, 1)', () => {
    fc.assert(
      fc.property(seed, from => {
        for (const value of times(100, createRandom(from))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(1);
        }
      }),
    );
  });

  it('is spread evenly: each tenth gets about a tenth', () => {
    const random = createRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (const value of times(100_000, random)) counts[Math.floor(value * 10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('reaches both ends of a range, and nothing beyond', () => {
    const random = createRandom(1);
    expect(new Set(times(200, () => between(random, 3, 5)))).toEqual(new Set([3, 4, 5]));
  });

  it('picks each of several, and refuses to pick from nothing', () => {
    const random = createRandom(1);
    expect(new Set(times(200, () => pick(random, ['a', 'b'])))).toEqual(new Set(['a', 'b']));
    expect(() => pick(random, [])).toThrow(RangeError);
  });

  it('happens always at 1 and never at 0', () => {
    const random = createRandom(1);
    expect(times(50, () => chance(random, 1))).not.toContain(false);
    expect(times(50, () => chance(random, 0))).not.toContain(true);
  });
});
