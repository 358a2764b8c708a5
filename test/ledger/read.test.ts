/** Reading on real Postgres: windows hold what was counted, whatever the time, the window and the order. */
import fc from 'fast-check';
import { Catalogue } from '../../src/kpi/catalogue';
import { parseDefinition } from '../../src/kpi/parse';
import type { KpiWindow } from '../../src/ledger/figures';
import { readKpi } from '../../src/ledger/read';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { createDatabase, type TestDatabase } from '../support/database';
import { attemptsKpi, day, hour, minute, noon, query, second, statesOf } from './reading';
import { graceMs, type PublishedEvent, present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('reading a KPI', () => {
  it('answers in the documented shape', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 1, channel: 'web' },
      { id: 'b', at: noon + 59_999, value: 3, channel: 'shop' },
    ]);
    await beat(present('order-worker', noon - hour, noon + day));
    const nearlyThree = expect.closeTo(3, 1);
    expect(await readKpi(ledger, query(kpi.name, { until: noon + 2 * minute }))).toEqual({
      kpi: kpi.name,
      version: 1,
      unit: 'errors',
      windows: [
        {
          start: '2026-01-31T12:00:00.000Z',
          end: '2026-01-31T12:01:00.000Z',
          state: 'complete',
          revision: 0,
          slice: {},
          count: 2,
          sum: 4,
          min: 1,
          max: 3,
          avg: 2,
          p50: 1,
          p90: nearlyThree,
          p95: nearlyThree,
          p99: nearlyThree,
          ratio: null,
        },
        {
          start: '2026-01-31T12:01:00.000Z',
          end: '2026-01-31T12:02:00.000Z',
          state: 'no-traffic',
          revision: 0,
          slice: {},
          count: 0,
          sum: 0,
          min: null,
          max: null,
          avg: null,
          p50: null,
          p90: null,
          p95: null,
          p99: null,
          ratio: null,
        },
      ],
    });
  });

  it('puts each of a great many windows where it belongs, at the edges and in the middle', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish } = station(database, kpi.catalogue);
    const until = noon + 15_001 * minute;
    const numbers = [0, 7_199, 7_200, 7_201, 14_399, 14_400, 15_000];
    const outside = [-1, 15_001];
    await publish(
      kpi.name,
      [...numbers, ...outside].map(n => ({
        ...{ id: `e${n}`, at: noon + n * minute, value: Math.abs(n), channel: 'web' },
      })),
    );
    const { windows } = await readKpi(ledger, query(kpi.name, { until, now: until }));
    expect(windows).toHaveLength(15_001);
    const filled = windows.flatMap(({ start, sum, count }) => (count ? [{ start, sum }] : []));
    expect(filled).toEqual(
      numbers.map(n => ({ start: new Date(noon + n * minute).toISOString(), sum: n })),
    );
    for (const [n, { start, end }] of windows.entries()) {
      if (start === new Date(noon + n * minute).toISOString()) continue;
      throw new Error(`window ${n} begins at ${start} and ends at ${end}`);
    }
  });

  it('gives the figures of brute force over the events, whatever the windows, slices and order', async () => {
    const event = fc.record({
      at: fc.integer({ min: -3 * hour, max: 3 * hour - 1 }).map(offset => midnight + offset),
      value: fc.integer({ min: 0, max: 400 }).map(eighths => eighths / 8),
      channel: fc.constantFrom('web', 'shop', undefined),
      synthetic: fc.boolean(),
      delay: fc.constantFrom(0, 0, minute, minute + graceMs, 2 * minute, day),
    });
    const midnight = noon + 12 * hour;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 60 }),
        fc.constantFrom(minute, hour, day),
        fc.constantFrom(undefined, 'channel'),
        fc.boolean(),
        async (drawn, windowMs, by, repeated) => {
          const kpi = attemptsKpi();
          const { ledger, publish } = station(database, kpi.catalogue);
          const events = drawn.map(({ delay, channel, ...rest }, i) => ({
            ...rest,
            ...(channel !== undefined && { channel }),
            id: `e${i}`,
            publishedAt: rest.at + delay,
          }));
          await publish(kpi.name, repeated ? [...events, ...[...events].reverse()] : events);
          const { windows } = await readKpi(
            ledger,
            query(kpi.name, {
              from: midnight - 3 * hour,
              until: midnight + 3 * hour,
              windowMs,
              ...(by !== undefined && { by }),
            }),
          );
          const real = events.filter(({ synthetic }) => !synthetic);
          for (const window of windows) expectFigures(window, real, by);
          const total = windows.reduce((sum, { count }) => sum + (count ?? 0), 0);
          expect(total).toBe(real.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keeps test orders out of every figure', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1, channel: 'web', synthetic: true }]);
    await beat(present('order-worker', noon - hour, noon + day));
    for (const by of [undefined, 'channel']) {
      const asked = query(kpi.name, by === undefined ? {} : { by });
      const { windows } = await readKpi(ledger, asked);
      expect(statesOf(windows)).toEqual(['no-traffic', 'no-traffic', 'no-traffic']);
    }
  });

  it('shows the windows that the time touches, and the one under way as partial', async () => {
    const kpi = attemptsKpi();
    const { ledger, beat } = station(database, kpi.catalogue);
    await beat(present('order-worker', noon - hour, noon + 90 * second));
    const { windows } = await readKpi(
      ledger,
      query(kpi.name, { from: noon + 1, until: noon + minute + 1, now: noon + 91 * second }),
    );
    expect(windows.map(({ start, state }) => [start, state])).toEqual([
      ['2026-01-31T12:00:00.000Z', 'no-traffic'],
      ['2026-01-31T12:01:00.000Z', 'partial'],
    ]);
  });

  it('reads a version that is no longer in force, where it is asked for', async () => {
    const name = attemptsKpi().name;
    const yaml = (version: string, effectiveFrom: string) =>
      parseDefinition(definitionYaml({ name, version, effectiveFrom }), `${version}.yaml`);
    const catalogue = new Catalogue([yaml('1', '2020-01-01'), yaml('2', '2026-01-31T12:01:00Z')]);
    const { ledger, publish, beat } = station(database, catalogue);
    await beat(present('order-worker', noon - hour, noon + hour));
    await publish(name, [{ id: 'a', at: noon, value: 1 }]);
    const newest = await readKpi(ledger, query(name));
    expect(newest.version).toBe(2);
    expect(statesOf(newest.windows)).toEqual(['missing', 'no-traffic', 'no-traffic']);
    const first = await readKpi(ledger, query(name, { version: 1 }));
    expect(first.version).toBe(1);
    expect(first.windows[0]).toMatchObject({ state: 'complete', count: 1 });
    expect(statesOf(first.windows)).toEqual(['complete', 'missing', 'missing']);
    expect((await readKpi(ledger, query(name, { until: noon + minute }))).version).toBe(1);
  });

  it('shows no zero of a KPI that has ended, and what its last runs still came to as partial', async () => {
    const name = attemptsKpi().name;
    const ended = { version: '2', effectiveFrom: '2026-01-31T12:01:00Z' };
    const catalogue = catalogueOf(
      definitionYaml({ name, effectiveFrom: '2020-01-01' }),
      definitionYaml({ name, ...ended, retired: 'Nobody has acted on it for a whole year.' }),
    );
    const { ledger, publish, beat } = station(database, catalogue);
    await beat(present('order-worker', noon - hour, noon + hour));
    await publish(name, [{ id: 'a', at: noon + minute, value: 1 }]);
    const { version, windows } = await readKpi(ledger, query(name));
    expect(version).toBe(1);
    expect(statesOf(windows)).toEqual(['no-traffic', 'partial', 'missing']);
    const end = await readKpi(ledger, query(name, { version: 2 }));
    expect(statesOf(end.windows)).toEqual(['missing', 'missing', 'missing']);
  });

  it.each([
    { changes: { kpi: 'happiness' }, code: 'KpiUnknown' },
    { changes: { version: 7 }, code: 'KpiVersionUnknown' },
    { changes: { by: 'colour' }, code: 'UsageInvalid' },
    { changes: { from: 0 }, code: 'UsageInvalid' },
  ])('refuses $changes with $code', async ({ changes, code }) => {
    const kpi = attemptsKpi();
    const { ledger } = station(database, kpi.catalogue);
    await expect(readKpi(ledger, query(kpi.name, changes))).rejects.toMatchObject({ code });
  });
});

/** What a window must say of these events, by looking at each of them. */
function expectFigures(
  window: KpiWindow,
  events: readonly PublishedEvent[],
  by: string | undefined,
): void {
  const from = Date.parse(window.start);
  const until = Date.parse(window.end);
  const own = events.filter(
    ({ at, channel }) =>
      from <= at && at < until && (by === undefined || channel === window.slice[by]),
  );
  const values = own.map(({ value }) => value).sort((a, b) => a - b);
  if (values.length === 0) {
    expect(window.count ?? 0).toBe(0);
    return;
  }
  const sum = values.reduce((total, value) => total + value, 0);
  expect(window).toMatchObject({
    count: values.length,
    sum,
    min: values[0],
    max: values.at(-1),
    avg: sum / values.length,
  });
  for (const percent of [50, 90, 95, 99] as const) {
    const exact = values[Math.ceil((percent / 100) * values.length) - 1]!;
    expect(Math.abs(window[`p${percent}`]! - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.011);
  }
  const endOfMinute = (at: number) => Math.floor(at / minute) * minute + minute;
  const late = own.filter(({ at, publishedAt }) => publishedAt! > endOfMinute(at) + graceMs);
  expect(window.revision).toBe(late.length);
}
