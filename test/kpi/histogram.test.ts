import fc from 'fast-check';
import { Histogram } from '../../src/kpi/histogram';

const value = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter(v => v === 0 || Math.abs(v) > 1e-300),
  fc.constantFrom(0, 1, -1, 60),
);
const values = fc.array(value, { maxLength: 60 });
const shares = [0.01, 0.5, 0.9, 0.95, 0.99, 1] as const;

/** Nearest rank over all values: what percentiles are without any buckets. */
function rankOf(all: readonly number[], share: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * all.length) - 1)]!;
}

const near = (estimate: number, exact: number) =>
  Math.abs(estimate - exact) <= Math.abs(exact) * 0.011;

describe('a histogram', () => {
  it('tells percentiles to 1.1 % of the nearest rank over all values', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), all => {
        const estimates = Histogram.of(all).quantiles(shares);
        shares.forEach((share, i) => {
          expect([estimates[i], near(estimates[i]!, rankOf(all, share))]).toEqual([
            estimates[i],
            true,
          ]);
        });
      }),
    );
  });

  it('adds up to the histogram of all values, in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), groups => {
        const sum = groups.map(Histogram.of).reduce((a, b) => b.plus(a), Histogram.empty);
        expect(sum).toEqual(Histogram.of(groups.flat().reverse()));
        expect(sum.count).toBe(groups.flat().length);
      }),
    );
  });

  it('gives back what was taken away', () => {
    fc.assert(
      fc.property(values, values, (kept, gone) => {
        const all = Histogram.of([...gone, ...kept]);
        expect(all.minus(Histogram.of(gone))).toEqual(Histogram.of(kept));
      }),
    );
  });

  it('refuses to take away what it never had', () => {
    expect(() => Histogram.of([1, 2]).minus(Histogram.of([3]))).toThrow(RangeError);
  });

  it('is read as it was written, alone or one after the other', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), groups => {
        const encoded = groups.map(group => Histogram.of(group).encode());
        expect(Histogram.decode(encoded[0]!)).toEqual(Histogram.of(groups[0]!));
        expect(Histogram.decodeSum(Buffer.concat(encoded))).toEqual(Histogram.of(groups.flat()));
      }),
    );
  });

  it('has the same quantiles where it is read in one go', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), groups => {
        fc.pre(groups.some(group => group.length > 0));
        const shares = [0.01, 0.5, 0.9, 0.99, 1];
        const encoded = Buffer.concat(groups.map(group => Histogram.of(group).encode()));
        const others = Histogram.of([1, 2, 3]).encode();
        const part = {
          bytes: Buffer.concat([others, encoded, others]),
          begin: others.length,
          end: others.length + encoded.length,
        };
        const all = groups.flat();
        expect(Histogram.quantilesOf(part, all.length, shares)).toEqual(
          Histogram.of(all).quantiles(shares),
        );
      }),
    );
  });

  it('is read as it was written where the counts exceed 32 bits', () => {
    let many = Histogram.of([5, -5]);
    for (let doubling = 0; doubling < 40; doubling++) many = many.plus(many);
    expect(Histogram.decode(many.encode()).count).toBe(2 ** 41);
  });

  it('takes a few bytes per value that is kept apart', () => {
    const spread = Array.from({ length: 100 }, (_, i) => 0.01 * 1.1 ** i);
    expect(Histogram.of(spread).encode().length).toBeLessThan(100 * 2 + 5);
  });

  it('refuses bytes that end too early', () => {
    const bytes = Histogram.of([1, 2, 3]).encode();
    expect(() => Histogram.decode(bytes.subarray(0, -1))).toThrow(RangeError);
  });

  it('has no percentiles where there are no values', () => {
    expect(Histogram.empty.quantiles([0.5])).toEqual([Number.NaN]);
  });
});
