import fc from 'fast-check';
import { ExactSum } from '../../src/kpi/exactSum';

const sum = (values: readonly number[]) =>
  values.reduce((total, value) => total.add(value), new ExactSum()).toString();

describe('an exact sum', () => {
  it.each([
    [[], '0'],
    [[0.1, 0.2], '0.3'],
    [[1e21, 1], '1000000000000000000001'],
    [[9007199254740991, 9007199254740991], '18014398509481982'],
    [[1.5, -2], '-0.5'],
    [[-0.05], '-0.05'],
    [[5e-7, -0], '0.0000005'],
    [[1e16, 1e-16, -1e16], '0.0000000000000001'],
  ])('of %j is %s', (values, expected) => {
    expect(sum(values)).toBe(expected);
  });

  it('is that of whole thousandths, counted as whole numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 })), thousandths => {
        const units = thousandths.reduce((total, unit) => total + BigInt(unit), 0n);
        const written = sum(thousandths.map(unit => unit / 1_000));
        const [whole, fraction = ''] = written.replace('-', '').split('.');
        const sign = written.startsWith('-') ? -1n : 1n;
        expect(sign * BigInt(`${whole}${fraction.padEnd(3, '0')}`)).toBe(units);
      }),
    );
  });

  it('depends neither on the order nor on the digits that cancel out', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), any, (values, extra) => {
        const there = values.reduce((total, v) => total.add(v), new ExactSum().add(extra));
        const back = there.subtract(extra).toString();
        expect(Number(back)).toBe(Number(sum([...values].reverse())));
        expect(trimmed(back)).toBe(trimmed(sum([...values].reverse())));
      }),
    );
  });

  it('refuses what is not finite', () => {
    for (const value of [Infinity, -Infinity, Number.NaN]) {
      expect(() => new ExactSum().add(value)).toThrow(RangeError);
    }
  });
});

/** Without the zeros that say only how many places there were in between. */
const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
