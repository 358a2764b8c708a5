import fc from 'fast-check';
import { backoffMs } from '../../src/kafka/backoff';

describe('backoffMs', () => {
  test('doubles from 100 ms to 5 s', () => {
    expect([1, 2, 3, 7, 100].map(attempt => backoffMs(attempt, 1))).toEqual([
      100, 200, 400, 5_000, 5_000,
    ]);
  });

  test('is spread over the upper half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, random) => {
          const wait = backoffMs(n, random);
          expect(wait).toBeGreaterThanOrEqual(backoffMs(n, 1) / 2);
          expect(wait).toBeLessThanOrEqual(backoffMs(n, 1));
        },
      ),
    );
  });
});
