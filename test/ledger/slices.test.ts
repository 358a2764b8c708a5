/** Slices, read from real Postgres: what is told apart, and what is never added up. */
import { readKpi } from '../../src/ledger/read';
import { createDatabase, type TestDatabase } from '../support/database';
import { attemptsKpi, minute, noon, query } from './reading';
import { station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('the slices of a KPI', () => {
  it('never adds values that are to be kept apart', async () => {
    const kpi = attemptsKpi({
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
    const kpi = attemptsKpi();
    const { ledger, publish } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'before', at: noon - 1, value: 1, channel: 'past' },
      { id: 'a', at: noon, value: 1, channel: 'web' },
      { id: 'after', at: noon + 3 * minute, value: 1, channel: 'future' },
    ]);
    const { windows } = await readKpi(ledger, query(kpi.name, { by: 'channel' }));
    expect(windows.map(({ slice }) => slice)).toEqual(Array(3).fill({ channel: 'web' }));
  });
});
