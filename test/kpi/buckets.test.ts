import fc from 'fast-check';
import { bucketOf, middleOf } from '../../src/kpi/buckets';

/** Numbers with all their digits, of any size and sign. */
const normal = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter(value => Math.abs(value) >= 2 ** -1022);

describe('exponential buckets', () => {
  it('hold what the formula says: 2^((b - 34370) / 32) < v <= 2^((b - 34369) / 32)', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), value => {
        const exact = Math.log2(value) * 32 + 34_369;
        expect(bucketOf(value)).toBeGreaterThanOrEqual(exact - 1e-9);
        expect(bucketOf(value)).toBeLessThan(exact + 1 + 1e-9);
      }),
    );
  });

  it('end with their upper bound: powers of two lie in the bucket below', () => {
    for (const power of [-1074, -1023, -1022, -10, 0, 1, 10, 1023]) {
      expect(bucketOf(2 ** power)).toBe(32 * power + 34_369);
    }
    expect(bucketOf(1 + Number.EPSILON)).toBe(34_370);
    expect(bucketOf(1 - Number.EPSILON)).toBe(34_369);
  });

  it('have the order of their values', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(bucketOf(low)).toBeLessThanOrEqual(bucketOf(high));
      }),
    );
  });

  it('know a value to 1.1 %, whatever its size', () => {
    fc.assert(
      fc.property(normal, value => {
        expect(Math.abs(middleOf(bucketOf(value)) / value - 1)).toBeLessThan(0.011);
      }),
    );
  });

  it('keep zero, the infinities and the smallest number as they are', () => {
    for (const value of [0, Number.MIN_VALUE, Infinity, -Number.MIN_VALUE, -Infinity]) {
      expect(middleOf(bucketOf(value))).toBe(value);
    }
    expect(bucketOf(-0)).toBe(0);
    expect(bucketOf(Number.MIN_VALUE)).toBe(1);
  });

  it('give a negative value the bucket of its absolute value, with a minus', () => {
    fc.assert(
      fc.property(normal, value => {
        expect(bucketOf(-value)).toBe(-bucketOf(value));
      }),
    );
  });

  it('tell the largest number from infinity', () => {
    expect(bucketOf(Number.MAX_VALUE)).toBe(bucketOf(Infinity) - 1);
    expect(middleOf(bucketOf(Number.MAX_VALUE))).toBeLessThanOrEqual(Number.MAX_VALUE);
  });

  it('refuse what is not a number', () => {
    expect(() => bucketOf(Number.NaN)).toThrow(RangeError);
  });
});
