import fc from 'fast-check';
import { OffsetTracker } from '../../src/kafka/offsetTracker';

describe('OffsetTracker', () => {
  test('holds the watermark at the lowest record that is not done', () => {
    const tracker = new OffsetTracker(10n);
    for (const offset of [10n, 11n, 12n]) tracker.begin(offset);
    tracker.finish(11n);
    tracker.finish(12n);
    expect(tracker.watermark).toBe(10n);
    tracker.finish(10n);
    expect(tracker.watermark).toBe(13n);
  });

  test('lets gaps pass: only delivered records hold the watermark', () => {
    const tracker = new OffsetTracker(0n);
    tracker.begin(3n);
    tracker.begin(7n);
    tracker.passTo(10n);
    tracker.finish(3n);
    expect(tracker.watermark).toBe(7n);
    tracker.finish(7n);
    expect(tracker.watermark).toBe(10n);
  });

  test('refuses a record behind those that were handed off', () => {
    const tracker = new OffsetTracker(5n);
    tracker.begin(5n);
    expect(() => tracker.begin(5n)).toThrow(RangeError);
    expect(() => tracker.passTo(4n)).toThrow(RangeError);
  });

  const step = fc.record({
    deliver: fc.boolean(),
    gap: fc.integer({ min: 0, max: 3 }),
    pick: fc.nat(),
  });

  test('commits exactly what is contiguous, whatever the order of finishing', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), fc.array(step, { maxLength: 200 }), (start, steps) => {
        const tracker = new OffsetTracker(BigInt(start));
        let next = start;
        const open: number[] = [];
        let before = tracker.watermark;
        for (const { deliver, gap, pick } of steps) {
          if (deliver) {
            next += gap;
            tracker.begin(BigInt(next));
            open.push(next);
            next++;
          } else if (open.length > 0) {
            tracker.finish(BigInt(open.splice(pick % open.length, 1)[0]!));
          }
          const expected = open.length === 0 ? next : Math.min(...open);
          expect(tracker.watermark).toBe(BigInt(expected));
          expect(tracker.end).toBe(BigInt(next));
          expect(tracker.watermark >= before).toBe(true);
          before = tracker.watermark;
        }
      }),
    );
  });
});
