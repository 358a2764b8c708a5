import fc from 'fast-check';
import type { Span } from '../../src/kpi/spans';
import { type Drop, judge, type Life, type WindowState } from '../../src/kpi/windows';

/**
 * A small world, told second by second: processes that capture, publish, beat, crash and leave, some of
 * which do not know what is to be captured, and a ledger that is behind. What a state promises is held against what really happened.
 */
describe('the state of a window, in any world,', () => {
  const seconds = 120;
  const grace = 5;
  const lease = 6;

  const always: Span = { from: 0, until: Number.POSITIVE_INFINITY };

  interface Captured {
    readonly happened: number;
    readonly captured: number;
    /** When Kafka had it; never, where it was lost. */
    readonly acknowledged: number;
    readonly dropped: boolean;
  }
  interface Process {
    readonly begin: number;
    readonly end: number;
    readonly goodbye: boolean;
    readonly knows: boolean;
    readonly beatEvery: number;
    /** What happened to it; who does not know what to capture, captures none of it. */
    readonly events: readonly Captured[];
  }

  const process: fc.Arbitrary<Process> = fc
    .record({
      begin: fc.integer({ min: 0, max: seconds }),
      length: fc.integer({ min: 1, max: seconds }),
      goodbye: fc.boolean(),
      knows: fc.integer({ min: 0, max: 5 }).map(one => one > 0),
      beatEvery: fc.integer({ min: 1, max: lease }),
      events: fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: seconds }),
          delay: fc.integer({ min: 0, max: grace - 1 }),
          wait: fc.integer({ min: 0, max: 9 }),
          dropped: fc.boolean(),
        }),
        { maxLength: 8 },
      ),
      drops: fc.boolean(),
    })
    .map(({ begin, length, goodbye, knows, beatEvery, events, drops }) => {
      const end = Math.min(begin + length, seconds);
      const captured = events.flatMap(({ at, delay, wait, dropped }) => {
        const capturedAt = at + delay;
        if (capturedAt < begin || capturedAt >= end) return [];
        const isDropped = knows && drops && dropped;
        const acknowledged = isDropped ? Number.POSITIVE_INFINITY : capturedAt + wait;
        // Who leaves with a goodbye waits for what is under way; who crashes takes it along.
        const arrives = goodbye ? Math.min(acknowledged, end) : acknowledged;
        const reaches = knows && arrives <= end ? arrives : Number.POSITIVE_INFINITY;
        return [
          {
            happened: at,
            captured: capturedAt,
            acknowledged: isDropped ? Number.POSITIVE_INFINITY : reaches,
            dropped: isDropped,
          },
        ];
      });
      return { begin, end, goodbye, knows, beatEvery, events: captured };
    });

  /** The heartbeats of a process: when it was sent, and up to when all captured before was settled. */
  function beatsOf({ begin, end, goodbye, knows, beatEvery, events }: Process) {
    const times: number[] = [];
    for (let at = begin; at < end; at += beatEvery) times.push(at);
    if (goodbye) times.push(end);
    return times.map(sentAt => {
      const open = events.filter(
        e => knows && !e.dropped && e.captured < sentAt && e.acknowledged > sentAt,
      );
      const lost = events.filter(e => e.dropped && e.captured < sentAt).length;
      return { sentAt, lost, settledAt: Math.min(sentAt, ...open.map(e => e.captured)) };
    });
  }

  /** What the ledger knows at `now` when it has counted all that was acknowledged by `countedTo`. */
  function testimonyOf(processes: readonly Process[], now: number, countedTo: number) {
    const lives: Life[] = [];
    const drops: Drop[] = [];
    for (const one of processes) {
      const beats = beatsOf(one).filter(({ sentAt }) => sentAt <= now);
      const newest = beats.at(-1);
      if (newest === undefined) continue;
      const counted = beats.filter(({ sentAt }) =>
        one.events.every(e => e.acknowledged > sentAt || e.acknowledged <= countedTo),
      );
      lives.push({
        producer: 'order-worker',
        knows: one.knows,
        from: one.begin,
        until: newest.sentAt + lease,
        heardAt: newest.sentAt,
        goodbye: one.goodbye && newest.sentAt === one.end,
        countedUntil: Math.max(one.begin, ...counted.map(({ settledAt }) => settledAt)),
      });
      beats.forEach(({ sentAt, lost }, i) => {
        const before = beats[i - 1];
        if (lost > (before?.lost ?? 0)) {
          drops.push({
            producer: 'order-worker',
            from: before?.sentAt ?? one.begin,
            until: sentAt,
          });
        }
      });
    }
    return { lives, drops };
  }

  const isIn =
    ({ from, until }: Span) =>
    (time: number) =>
      from <= time && time < until;

  const world = fc.record({
    processes: fc.array(process, { maxLength: 4 }),
    now: fc.integer({ min: 0, max: 3 * seconds }),
    behind: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
    from: fc.integer({ min: 0, max: seconds }),
    length: fc.integer({ min: 1, max: 30 }),
  });

  it('promises what really happened: complete holds all of it, missing means that nobody who knew was there', () => {
    const seen: Record<WindowState, number> = {
      complete: 0,
      'no-traffic': 0,
      partial: 0,
      missing: 0,
    };
    fc.assert(
      fc.property(world, ({ processes, now, behind, from, length }) => {
        const asked = { from, until: from + length };
        const countedTo = now - behind;
        const happened = processes
          .flatMap(({ events }) => events)
          .filter(event => event.captured <= now && isIn(asked)(event.happened));
        const counted = happened.filter(({ acknowledged }) => acknowledged <= countedTo).length;
        const judged = judge(testimonyOf(processes, now, countedTo), {
          producers: ['order-worker'],
          inForce: always,
          everyMinute: false,
          graceMs: grace,
          now,
        });
        const state = judged(asked, counted);
        seen[state]++;
        if (state === 'complete' || state === 'no-traffic') expect(counted).toBe(happened.length);
        if (state === 'no-traffic') expect(happened).toEqual([]);
        if (state === 'complete') expect(counted).toBeGreaterThan(0);
        if (state === 'missing') {
          expect(counted).toBe(0);
          const there = processes.filter(
            ({ begin, end, knows }) => knows && begin < asked.until && asked.from < end,
          );
          const heard = there.filter(one => beatsOf(one).some(({ sentAt }) => sentAt <= now));
          expect(heard).toEqual([]);
        }
      }),
      { numRuns: 5_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
  });

  it('is never partial for ever where nobody crashed, nothing was dropped, and all is counted', () => {
    const orderly = process.map(one => ({
      ...one,
      begin: 0,
      end: seconds,
      goodbye: true,
      knows: true,
      events: one.events
        .filter(({ dropped }) => !dropped)
        .map(e => ({ ...e, acknowledged: e.captured })),
    }));
    fc.assert(
      fc.property(
        fc.array(orderly, { minLength: 1, maxLength: 3 }),
        fc.nat(seconds - 10),
        (all, from) => {
          const now = 2 * seconds;
          const judged = judge(testimonyOf(all, now, now), {
            producers: ['order-worker'],
            inForce: always,
            everyMinute: false,
            graceMs: grace,
            now,
          });
          expect(judged({ from, until: from + 10 }, 0)).toBe('no-traffic');
          expect(judged({ from, until: from + 10 }, 1)).toBe('complete');
        },
      ),
    );
  });
});
