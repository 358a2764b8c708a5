/** Reading on real Postgres: whatever was counted, windows say what happened, and what they know of it. */
import fc from 'fast-check';
import { Catalogue } from '../../src/kpi/catalogue';
import { parseDefinition } from '../../src/kpi/parse';
import { compareKpi } from '../../src/ledger/compare';
import type { KpiWindow } from '../../src/ledger/figures';
import { type KpiQuery, readKpi } from '../../src/ledger/read';
import { type Finding, saveFindings } from '../../src/postgres/reconciliation';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { createDatabase, type TestDatabase } from '../support/database';
import { type TestKpi, testKpi } from './events';
import { graceMs, type PublishedEvent, present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.parse('2026-01-31T12:00:00Z');

/** A KPI of failed attempts by channel, fed by the order workers alone. */
const latency = (changes: Readonly<Record<string, string>> = {}): TestKpi =>
  testKpi({
    observes: '[{ occurrence: attempt-failed, value: attempt }]',
    dimensions: '[{ name: failure, bound: 50 }, { name: channel, from: taskQueue, bound: 20 }]',
    effectiveFrom: '2020-01-01',
    target: '{ statistic: p95, atMost: 2 }',
    thresholds: '[{ above: 5, windows: 1, severity: page }]',
    ...changes,
  });

const query = (kpi: string, changes: Partial<KpiQuery> = {}): KpiQuery => ({
  kpi,
  from: noon,
  until: noon + 3 * minute,
  windowMs: minute,
  now: noon + day,
  ...changes,
});

const statesOf = (windows: readonly KpiWindow[]) => windows.map(({ state }) => state);

const finding = (id: string, at: number, verdict: Finding['verdict']): Finding => ({
  ...{ eventId: id, verdict, kpi: id.split('@')[0]!, occurrence: 'milestone', at },
  detail: "it is not in its workflow's history",
});

describe('reading a KPI', () => {
  it('answers in the documented shape', async () => {
    const kpi = latency();
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
    const kpi = latency();
    const { ledger, publish } = station(database, kpi.catalogue);
    const until = noon + 10_001 * minute;
    const numbers = [0, 4_999, 5_000, 5_001, 10_000];
    await publish(
      kpi.name,
      numbers.map(n => ({ id: `e${n}`, at: noon + n * minute, value: n, channel: 'web' })),
    );
    const { windows } = await readKpi(ledger, query(kpi.name, { until, now: until }));
    expect(windows).toHaveLength(10_001);
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
          const kpi = latency();
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
    const kpi = latency();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1, channel: 'web', synthetic: true }]);
    await beat(present('order-worker', noon - hour, noon + day));
    for (const by of [undefined, 'channel']) {
      const asked = query(kpi.name, by === undefined ? {} : { by });
      const { windows } = await readKpi(ledger, asked);
      expect(statesOf(windows)).toEqual(['no-traffic', 'no-traffic', 'no-traffic']);
    }
  });

  it('is missing, and no figure is zero, while the producer is silent', async () => {
    const kpi = latency();
    const { ledger, publish, beat, newestOffset } = station(database, kpi.catalogue);
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1 }]);
    const acknowledged = [{ topic: kpi.topic, partition: 0, offset: newestOffset() }];
    // Heard last two minutes past noon; its lease of 20 seconds reaches a little further.
    await beat({ ...present('order-worker', noon - hour, noon + 2 * minute), acknowledged });
    const { windows } = await readKpi(ledger, query(kpi.name, { until: noon + 5 * minute }));
    expect(statesOf(windows)).toEqual(['complete', 'partial', 'partial', 'missing', 'missing']);
    const { state, start, end, slice, revision, ...figures } = windows[3]!;
    expect(new Set(Object.values(figures))).toEqual(new Set([null]));

    await beat({ ...present('order-worker', noon - hour, noon + hour), acknowledged });
    const again = await readKpi(ledger, query(kpi.name, { until: noon + 5 * minute }));
    expect(statesOf(again.windows).slice(1)).toEqual(Array(4).fill('no-traffic'));
  });

  it('vouches for nothing that the ledger has not counted yet', async () => {
    const kpi = latency();
    const { ledger, publish, beat, newestOffset } = station(database, kpi.catalogue);
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1 }]);
    const next = { topic: kpi.topic, partition: 0, offset: newestOffset() + 1 };
    await beat({ ...present('order-worker', noon - hour, noon + hour), acknowledged: [next] });
    const before = await readKpi(ledger, query(kpi.name));
    expect(statesOf(before.windows)).toEqual(['partial', 'partial', 'partial']);
    await publish(kpi.name, [{ id: 'b', at: noon + minute, value: 1 }]);
    const after = await readKpi(ledger, query(kpi.name));
    expect(statesOf(after.windows)).toEqual(['complete', 'complete', 'no-traffic']);
  });

  it('counts what comes late, across the end of a day, as a new revision of its window', async () => {
    const kpi = latency();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    const midnight = noon + 12 * hour;
    await publish(kpi.name, [
      { id: 'a', at: midnight - second, value: 1 },
      { id: 'b', at: midnight, value: 5 },
    ]);
    await beat(present('order-worker', noon - day, midnight + 2 * day));
    const days = query(kpi.name, {
      from: midnight - day,
      until: midnight + day,
      windowMs: day,
      now: midnight + 3 * day,
    });
    const figures = async () =>
      (await readKpi(ledger, days)).windows.map(({ count, sum, revision, state }) => ({
        count,
        sum,
        revision,
        state,
      }));
    const first = { state: 'complete', count: 1, sum: 1, revision: 0 };
    const other = { state: 'complete', count: 1, sum: 5, revision: 0 };
    expect(await figures()).toEqual([first, other]);
    const late: PublishedEvent = {
      id: 'late',
      at: midnight - 1,
      value: 2,
      publishedAt: midnight + hour,
    };
    await publish(kpi.name, [late]);
    await publish(kpi.name, [late]);
    expect(await figures()).toEqual([{ ...first, count: 2, sum: 3, revision: 1 }, other]);
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'])(
    'has days of 24 hours of UTC in %s, also where its clocks change',
    async zone => {
      const kpi = latency();
      const { pool } = database;
      const elsewhere = database.openPool({ options: `-c TimeZone=${zone}` });
      const { ledger, publish, beat } = station({ pool: elsewhere }, kpi.catalogue);
      expect((await elsewhere.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: zone }]);
      // In 2026 the clocks change on 29 March in Berlin, on 8 March in New York.
      for (const change of ['2026-03-08T00:00:00Z', '2026-03-29T00:00:00Z']) {
        const begin = Date.parse(change);
        const everyHour = Array.from({ length: 72 }, (_, i) => ({
          id: `${change}-${i}`,
          at: begin - day + i * hour,
          value: 1,
        }));
        await publish(kpi.name, everyHour);
        await beat({ ...present('order-worker', begin - 2 * day, begin + 3 * day) });
        const days = {
          from: begin - day,
          until: begin + 2 * day,
          windowMs: day,
          now: begin + 9 * day,
        };
        const { windows } = await readKpi(ledger, query(kpi.name, days));
        expect(windows.map(({ start, count, state }) => [start, count, state])).toEqual(
          [-1, 0, 1].map(i => [new Date(begin + i * day).toISOString(), 24, 'complete']),
        );
        expect(await readKpi({ ...ledger, pool }, query(kpi.name, days))).toEqual(
          await readKpi(ledger, query(kpi.name, days)),
        );
      }
    },
  );

  it('shows the windows that the time touches, and the one under way as partial', async () => {
    const kpi = latency();
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

  it('never adds values that are to be kept apart', async () => {
    const kpi = latency({
      formula: '{ kind: sum, metric: test_errors, unit: errors }',
      dimensions:
        '[{ name: channel, from: taskQueue, bound: 20, apart: true }, { name: failure, bound: 9 }]',
      target: '{ statistic: sumPerMinute, atMost: 1 }',
      thresholds: '[{ above: 5, windows: 1, severity: page }]',
    });
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 5, channel: 'EUR', failure: 'x' },
      { id: 'b', at: noon, value: 7, channel: 'USD', failure: 'x' },
      { id: 'c', at: noon, value: 1, channel: 'USD', failure: 'y' },
    ]);
    const figures = async (by?: string) => {
      const asked = { until: noon + minute, ...(by !== undefined && { by }) };
      const { windows } = await readKpi(ledger, query(kpi.name, asked));
      return windows.map(({ slice, sum }) => ({ ...slice, sum }));
    };
    expect(await figures()).toEqual([
      { channel: 'EUR', sum: 5 },
      { channel: 'USD', sum: 8 },
    ]);
    expect(await figures('failure')).toEqual([
      { channel: 'EUR', failure: 'x', sum: 5 },
      { channel: 'USD', failure: 'x', sum: 7 },
      { channel: 'USD', failure: 'y', sum: 1 },
    ]);
  });

  it('shows the slices of which something was counted in the time, and no other', async () => {
    const kpi = latency();
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'before', at: noon - 1, value: 1, channel: 'past' },
      { id: 'a', at: noon, value: 1, channel: 'web' },
      { id: 'after', at: noon + 3 * minute, value: 1, channel: 'future' },
    ]);
    const { windows } = await readKpi(ledger, query(kpi.name, { by: 'channel' }));
    expect(windows.map(({ slice }) => slice)).toEqual(Array(3).fill({ channel: 'web' }));
  });

  it('tells the share of good ones, of all and by another dimension', async () => {
    const kpi = latency({
      formula:
        '{ kind: distribution, metric: test_errors, unit: errors, good: { failure: [none] } }',
    });
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 5, channel: 'web', failure: 'none' },
      { id: 'b', at: noon, value: 7, channel: 'web', failure: 'none' },
      { id: 'c', at: noon, value: 1, channel: 'shop', failure: 'x' },
      { id: 'd', at: noon, value: 1, channel: 'web', failure: 'x' },
    ]);
    const whole = await readKpi(ledger, query(kpi.name, { until: noon + minute }));
    expect(whole.windows).toMatchObject([{ slice: {}, count: 4, ratio: 0.5 }]);
    const sliced = await readKpi(ledger, query(kpi.name, { until: noon + minute, by: 'channel' }));
    expect(sliced.windows.map(({ slice, ratio }) => [slice.channel, ratio]).sort()).toEqual([
      ['shop', 0],
      ['web', 2 / 3],
    ]);
  });

  it('tells the share of good ones by their values where values are added up', async () => {
    const kpi = latency({
      formula: '{ kind: sum, metric: test_errors, unit: errors, good: { failure: [none] } }',
      target: '{ statistic: ratio, atLeast: 0.5 }',
      thresholds: '[{ below: 0.2, windows: 1, severity: page }]',
    });
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 7, channel: 'web', failure: 'none' },
      { id: 'b', at: noon, value: 1, channel: 'web', failure: 'x' },
      { id: 'c', at: noon, value: 2, channel: 'shop', failure: 'x' },
      { id: 'd', at: noon + minute, value: 0, channel: 'web', failure: 'x' },
    ]);
    const ratios = async (changes: Partial<KpiQuery>) => {
      const { windows } = await readKpi(ledger, query(kpi.name, changes));
      return windows.map(({ slice, ratio }) => [slice.channel, ratio]).sort();
    };
    expect(await ratios({ until: noon + minute })).toEqual([[undefined, 0.7]]);
    expect(await ratios({ until: noon + hour, windowMs: hour, by: 'channel' })).toEqual([
      ['shop', 0],
      ['web', 7 / 8],
    ]);
    expect(await ratios({ from: noon + minute, until: noon + 2 * minute })).toEqual([
      [undefined, null],
    ]);
    expect(await ratios({ until: noon + minute, by: 'failure' })).toEqual([
      [undefined, 0],
      [undefined, 1],
    ]);
  });

  it('answers the greatest number there is for a sum beyond it', async () => {
    const kpi = latency({
      formula: '{ kind: sum, metric: test_errors, unit: errors, good: { failure: [none] } }',
      target: '{ statistic: ratio, atLeast: 0.5 }',
      thresholds: '[{ below: 0.2, windows: 1, severity: page }]',
    });
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 1, failure: 'none' },
      { id: 'b', at: noon + minute, value: 1, failure: 'none' },
    ]);
    for (const sum of ['3.4e308', '-3.4e308']) {
      await database.pool.query('UPDATE kpi_minutes SET sum = $1', [sum]);
      const [first] = (await readKpi(ledger, query(kpi.name))).windows;
      expect(first!.sum).toBe(Math.sign(Number(sum)) * Number.MAX_VALUE);
      const asked = query(kpi.name, { until: noon + hour, windowMs: hour });
      const [whole] = (await readKpi(ledger, asked)).windows;
      expect(whole).toMatchObject({ count: 2, sum: first!.sum, ratio: 1 });
    }
  });

  it('reads a version that is no longer in force, where it is asked for', async () => {
    const name = latency().name;
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
    expect((await readKpi(ledger, query(name, { until: noon + minute }))).version).toBe(1);
  });

  it.each([
    { changes: { kpi: 'happiness' }, code: 'KpiUnknown' },
    { changes: { version: 7 }, code: 'KpiVersionUnknown' },
    { changes: { by: 'colour' }, code: 'UsageInvalid' },
    { changes: { from: 0 }, code: 'UsageInvalid' },
  ])('refuses $changes with $code', async ({ changes, code }) => {
    const kpi = latency();
    const { ledger } = station(database, kpi.catalogue);
    await expect(readKpi(ledger, query(kpi.name, changes))).rejects.toMatchObject({ code });
  });
});

describe('a KPI that nothing feeds', () => {
  it('is missing whoever is there, never zero', async () => {
    const kpi = latency({
      observes: '[{ occurrence: step-ended, where: { step: flyToTheMoon }, value: 1 }]',
      dimensions: '[]',
    });
    const { ledger, beat } = station(database, kpi.catalogue);
    await beat(present('order-worker', noon - hour, noon + hour));
    const { windows } = await readKpi(ledger, query(kpi.name));
    expect(windows.map(({ state, count }) => [state, count])).toEqual(
      Array(3).fill(['missing', null]),
    );
  });
});

describe('a derived KPI', () => {
  const catalogue = catalogueOf(
    definitionYaml({ name: 'bad', dimensions: '[{ name: channel, from: failure, bound: 9 }]' }),
    definitionYaml({
      name: 'all',
      observes: '[{ occurrence: order-refused, value: 1 }]',
      dimensions: '[{ name: channel, from: kind, bound: 9 }]',
    }),
    definitionYaml({
      name: 'share',
      formula:
        '{ kind: derived, metric: m, unit: share, numerator: [{ kpi: bad, statistic: sum, times: 0.5 }], denominator: [{ kpi: all, statistic: count }] }',
      observes: undefined,
      dimensions: '[{ name: channel, bound: 9 }]',
      target: '{ statistic: ratio, atMost: 0.1 }',
      thresholds: '[{ above: 0.2, windows: 1, severity: page }]',
    }),
  );
  const event = (id: string, at: number, channel: string) => ({ id, at, value: 1, channel });

  it('divides sums over the same windows and slices, and is as good as the worst of them', async () => {
    const { ledger, publish, beat } = station(database, catalogue);
    await publish('bad', [event('a', noon, 'web'), event('b', noon, 'shop')]);
    await publish('all', [
      ...['c', 'd', 'e'].map(id => event(id, noon, 'web')),
      event('f', noon + minute, 'shop'),
      event('late', noon, 'shop'),
    ]);
    await beat(present('order-worker', noon - hour, noon + hour));
    await beat(present('intake', noon - hour, noon + 3 * minute));
    const asked = query('share', { until: noon + 5 * minute });
    const whole = await readKpi(ledger, asked);
    expect(whole.windows.map(({ state, ratio, count }) => [state, ratio, count])).toEqual([
      ['complete', 0.25, null],
      ['complete', 0, null],
      ['partial', null, null],
      ['partial', null, null],
      ['missing', null, null],
    ]);
    const { windows } = await readKpi(ledger, { ...asked, until: noon + minute, by: 'channel' });
    expect(windows.map(({ slice, ratio }) => [slice.channel, ratio]).sort()).toEqual([
      ['shop', 0.5],
      ['web', 0.5 / 3],
    ]);
  });

  it('is doubted where one of those that it is made of is', async () => {
    const { ledger } = station(database, catalogue);
    await saveFindings(database.pool, 'deep', [
      finding('bad@1:milestone:order-a:OrderRejected', noon, 'unexplained'),
    ]);
    const { unexplained } = await readKpi(ledger, query('share'));
    expect(unexplained).toMatchObject([{ start: '2026-01-31T12:00:00.000Z', events: 1 }]);
  });

  it('is without traffic where there is nothing to divide by', async () => {
    const { ledger, beat } = station(database, catalogue);
    await beat(present('order-worker', noon - hour, noon + hour));
    await beat(present('intake', noon - hour, noon + hour));
    const { windows } = await readKpi(ledger, query('share'));
    expect(windows.map(({ state, ratio }) => [state, ratio])).toEqual(
      Array(3).fill(['no-traffic', null]),
    );
  });
});

describe('comparing a KPI', () => {
  const kpi = latency({
    target: '{ statistic: average, atMost: 4 }',
    thresholds: '[{ above: 5, windows: 1, severity: page }]',
  });

  it('holds the whole time against the target and against as much time before', async () => {
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'before', at: noon - 3 * minute, value: 9 },
      { id: 'long-before', at: noon - 3 * minute - 1, value: 100 },
      { id: 'a', at: noon, value: 1, channel: 'web' },
      { id: 'b', at: noon + 3 * minute - 1, value: 4, channel: 'shop' },
    ]);
    await beat(present('order-worker', noon - hour, noon + hour));
    expect(await compareKpi(ledger, query(kpi.name))).toEqual([
      { slice: {}, state: 'complete', value: 2.5, met: true, previous: 9, delta: -6.5 },
    ]);
    const sliced = await compareKpi(ledger, query(kpi.name, { by: 'channel' }));
    expect(sliced).toContainEqual({
      slice: { channel: 'web' },
      state: 'complete',
      value: 1,
      met: true,
      previous: null,
      delta: null,
    });
  });

  it('knows nothing where nobody was there', async () => {
    const { ledger } = station(database, kpi.catalogue);
    expect(await compareKpi(ledger, query(kpi.name))).toEqual([
      { slice: {}, state: 'missing', value: null, met: null, previous: null, delta: null },
    ]);
  });

  it('counts per minute only the minutes that there have been', async () => {
    const perMinute = testKpi({
      formula: '{ kind: sum, metric: test_errors, unit: errors }',
      observes: '[{ occurrence: attempt-failed, value: attempt }]',
      dimensions: '[]',
      effectiveFrom: '2020-01-01',
      target: '{ statistic: sumPerMinute, atLeast: 2 }',
      thresholds: '[{ below: 1, windows: 1, severity: page }]',
    });
    const { ledger, publish, beat } = station(database, perMinute.catalogue);
    await publish(perMinute.name, [{ id: 'a', at: noon, value: 6 }]);
    await beat(present('order-worker', noon - hour, noon + hour));
    const asked = query(perMinute.name, { until: noon + hour, windowMs: hour });
    expect(await compareKpi(ledger, { ...asked, now: noon + 2 * minute })).toMatchObject([
      { value: 3, met: true },
    ]);
    expect(await compareKpi(ledger, asked)).toMatchObject([{ value: 0.1, met: false }]);
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

describe('what reconciliation could not explain', () => {
  it('is told by window, of this version alone', async () => {
    const kpi = testKpi();
    const { ledger } = station(database, kpi.catalogue);
    const own = `${kpi.name}@1:milestone:order`;
    await saveFindings(database.pool, 'deep', [
      finding(`${own}-a:OrderConfirmed`, noon, 'unexplained'),
      finding(`${own}-b:OrderConfirmed`, noon + minute - 1, 'unexplained'),
      finding(`${own}-c:OrderConfirmed`, noon + 2 * minute, 'unexplained'),
      finding(`${own}-d:OrderConfirmed`, noon + minute, 'repaired'),
      finding(`${own}-e:OrderConfirmed`, noon - 1, 'unexplained'),
      finding(`${kpi.name}@12:milestone:order-f:OrderConfirmed`, noon, 'unexplained'),
      finding(`a${own}-g:OrderConfirmed`, noon, 'unexplained'),
    ]);
    const { unexplained } = await readKpi(ledger, query(kpi.name, { until: noon + 3 * minute }));
    expect(unexplained).toEqual([
      { start: '2026-01-31T12:00:00.000Z', end: '2026-01-31T12:01:00.000Z', events: 2 },
      { start: '2026-01-31T12:02:00.000Z', end: '2026-01-31T12:03:00.000Z', events: 1 },
    ]);
    const minuteLater = query(kpi.name, { from: noon + minute, until: noon + 2 * minute });
    expect(await readKpi(ledger, minuteLater)).not.toHaveProperty('unexplained');
  });
});
