import fc from 'fast-check';
import { receivedAt } from '../../src/intake/receivedAt';

const now = Date.parse('2026-01-31T09:30:00Z');
const minute = 60_000;

describe('The time at which an order was received', () => {
  it.each([
    ['now', now],
    ['years ago', Date.parse('2015-01-31T09:30:00Z')],
    ['of a clock that runs a little ahead', now + 5 * minute],
  ])('is that of its record: %s', (_, timestamp) => {
    expect(receivedAt({ timestamp }, now)).toBe(timestamp);
  });

  it.each([
    ['none at all', -1],
    ['the epoch', 0],
    ['before there was Kafka', Date.parse('2010-12-31T23:59:59Z')],
    ['still to come', now + 6 * minute],
    ['microseconds', now * 1_000],
    ['not a number', Number.NaN],
  ])('is when it is read where that of its record can not be right: %s', (_, timestamp) => {
    expect(receivedAt({ timestamp }, now)).toBe(now);
  });

  it('can be told whatever number of 64 bits a record bears', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), bits => {
        const at = new Date(receivedAt({ timestamp: Number(bits) }, now)).toISOString();
        expect(at).toMatch(/^20[12]\d-/);
      }),
    );
  });
});
