/** KPIs that are made of others, read from real Postgres. */
import { readKpi } from '../../src/ledger/read';
import { saveFindings } from '../../src/postgres/findings';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { createDatabase, type TestDatabase } from '../support/database';
import { finding, hour, minute, noon, query } from './reading';
import { present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

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
