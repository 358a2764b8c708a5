/** A KPI over a whole time, on real Postgres: against its target, and against the time before. */
import { compareKpi } from '../../src/ledger/compare';
import { createDatabase, type TestDatabase } from '../support/database';
import { testKpi } from './events';
import { attemptsKpi, hour, minute, noon, query } from './reading';
import { present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('comparing a KPI', () => {
  const kpi = attemptsKpi({
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
      dimensions: '[{ name: failure, bound: 9 }]',
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

  it('judges a sum over as long a time as its target is for, and over no other', async () => {
    const perHour = testKpi({
      formula: '{ kind: count, metric: test_errors, unit: errors }',
      observes: '[{ occurrence: attempt-failed, value: 1 }]',
      dimensions: '[{ name: failure, bound: 9 }]',
      window: '1h',
      effectiveFrom: '2020-01-01',
      target: '{ statistic: sum, atMost: 1 }',
      thresholds: '[{ above: 1, windows: 1, severity: page }]',
    });
    const { ledger, publish, beat } = station(database, perHour.catalogue);
    await publish(perHour.name, [
      { id: 'a', at: noon, value: 1 },
      { id: 'b', at: noon + hour, value: 1 },
    ]);
    await beat(present('order-worker', noon - hour, noon + 3 * hour));
    const compared = (hours: number, windowMs: number) =>
      compareKpi(ledger, query(perHour.name, { until: noon + hours * hour, windowMs }));
    expect(await compared(1, minute)).toMatchObject([{ value: 1, met: true }]);
    expect(await compared(2, minute)).toMatchObject([{ value: 2, met: null }]);
    expect(await compared(2, hour)).toMatchObject([{ value: 2, met: null }]);
  });
});
