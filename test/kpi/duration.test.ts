import { durationMs, isDuration } from '../../src/kpi/duration';

describe('a duration', () => {
  it.each([
    ['1m', 60_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['28d', 2_419_200_000],
  ])('of %s is %i ms', (text, ms) => {
    expect(isDuration(text)).toBe(true);
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '0m', '01m', '1', 'm', '1s', '-1m', '1.5h', '1m ', '99999m'])('is not %j', text => {
    expect(isDuration(text)).toBe(false);
    expect(() => durationMs(text)).toThrow(RangeError);
  });
});
