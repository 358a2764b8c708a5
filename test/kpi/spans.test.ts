import fc from 'fast-check';
import { type Span, Times } from '../../src/kpi/spans';

const span: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -2, max: 12 }))
  .map(([from, length]) => ({ from, until: from + length }));

const window = fc
  .tuple(fc.integer({ min: -2, max: 45 }), fc.integer({ min: 1, max: 20 }))
  .map(([from, length]) => ({ from, until: from + length }));

/** Moment by moment. */
const moments = ({ from, until }: Span): number[] =>
  Array.from({ length: until - from }, (_, i) => from + i);
const isIn = (spans: readonly Span[]) => (moment: number) =>
  spans.some(({ from, until }) => from <= moment && moment < until);

describe('a set of times', () => {
  it('touches and covers a span as its moments say, one by one', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), window, (spans, asked) => {
        const times = new Times(spans);
        expect(times.touch(asked)).toBe(moments(asked).some(isIn(spans)));
        expect(times.cover(asked)).toBe(moments(asked).every(isIn(spans)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes spans that meet for one', () => {
    const times = new Times([
      { from: 10, until: 20 },
      { from: 0, until: 10 },
    ]);
    expect(times.cover({ from: 5, until: 15 })).toBe(true);
  });

  it('holds spans without an end', () => {
    const times = new Times([{ from: 10, until: Number.POSITIVE_INFINITY }]);
    expect(times.cover({ from: 1e15, until: 1e15 + 1 })).toBe(true);
    expect(times.touch({ from: 0, until: 10 })).toBe(false);
  });
});
