import fc from 'fast-check';
import { median, quantile, summary } from '../../bench/support/statistics';

const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 50 });

describe('the figures of the bench', () => {
  it('take the middle of an odd number of values, and the mean of the two in the middle of an even one', () => {
    expect(median([30, 10, 20])).toBe(20);
    expect(median([40, 10, 20, 30])).toBe(25);
  });

  it('take the smallest value that a share of all do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('take a quantile that the share of values reaches and no smaller value does', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
        const found = quantile(all, share);
        const shareUpTo = (limit: (value: number) => boolean) =>
          all.filter(limit).length / all.length;
        expect(shareUpTo(value => value <= found)).toBeGreaterThanOrEqual(share - 1e-9);
        expect(shareUpTo(value => value < found)).toBeLessThan(share);
      }),
    );
  });

  it('lie between the lowest and the highest', () => {
    fc.assert(
      fc.property(values, all => {
        const { value, min, max } = summary(all);
        expect(min).toBeLessThanOrEqual(value);
        expect(value).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('leave the values in their order', () => {
    const given = [3, 1, 2];
    median(given);
    quantile(given, 0.5);
    expect(given).toEqual([3, 1, 2]);
  });
});
