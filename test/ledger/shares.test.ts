/** The share of good events, read from real Postgres. */
import { type KpiQuery, readKpi } from '../../src/ledger/read';
import { createDatabase, type TestDatabase } from '../support/database';
import { attemptsKpi, hour, minute, noon, query } from './reading';
import { station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('a KPI that knows good events', () => {
  it('tells the share of good ones, of all and by another dimension', async () => {
    const kpi = attemptsKpi({
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
    const kpi = attemptsKpi({
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
    const kpi = attemptsKpi({
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
});
