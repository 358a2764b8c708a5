/** What windows know of themselves, read from real Postgres: who was there, and whether all of it is counted. */
import { readKpi } from '../../src/ledger/read';
import { createDatabase, type TestDatabase } from '../support/database';
import { testKpi } from './events';
import { attemptsKpi, hour, minute, noon, query, statesOf } from './reading';
import { present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('a window', () => {
  it('is missing, and no figure is zero, while the producer is silent', async () => {
    const kpi = attemptsKpi();
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
    const kpi = attemptsKpi();
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
});

describe('a version that is rolled out later than it takes effect', () => {
  it('has no zero for the time in which no process knew it, whoever was there', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    const rollOut = noon + 2 * minute;
    const before = present('order-worker', noon - hour, rollOut);
    await beat({ ...before, goodbye: true, kpis: ['revenue@1', `${kpi.name}@2`] });
    await beat({ ...present('order-worker', rollOut, noon + hour), kpis: [`${kpi.name}@1`] });
    const read = async () =>
      statesOf((await readKpi(ledger, query(kpi.name, { until: noon + 4 * minute }))).windows);
    expect(await read()).toEqual(['missing', 'missing', 'no-traffic', 'no-traffic']);

    // As a backfill fills it in: a figure it has, but not one that somebody vouches for.
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1 }]);
    expect(await read()).toEqual(['partial', 'missing', 'no-traffic', 'no-traffic']);
  });

  it('is partial for as long as a process that does not know it works beside one that does', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 1 },
      { id: 'c', at: noon + 2 * minute, value: 1 },
    ]);
    const newOne = present('order-worker', noon - hour, noon + hour);
    await beat({ ...newOne, instance: 'new', kpis: [`${kpi.name}@1`] });
    const oldOne = present('order-worker', noon - hour, noon + 2 * minute);
    await beat({ ...oldOne, instance: 'old', goodbye: true, kpis: [] });
    const { windows } = await readKpi(ledger, query(kpi.name));
    expect(statesOf(windows)).toEqual(['partial', 'partial', 'complete']);
  });
});

describe('a KPI that nothing feeds', () => {
  it('is missing whoever is there, never zero', async () => {
    const kpi = attemptsKpi({
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

describe('a level', () => {
  it('is missing in the minutes in which its server was away, though its process was there', async () => {
    const kpi = testKpi({
      formula: '{ kind: gauge, metric: test_errors, unit: errors }',
      observes: '[{ occurrence: measured, where: { source: data-freshness }, value: amount }]',
      dimensions: '[]',
      effectiveFrom: '2020-01-01',
      target: '{ statistic: maximum, atMost: 1 }',
    });
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 0 },
      { id: 'c', at: noon + 2 * minute, value: 0 },
    ]);
    await beat(present('watcher', noon - hour, noon + hour));
    const { windows } = await readKpi(ledger, query(kpi.name));
    expect(windows.map(({ state, max }) => [state, max])).toEqual([
      ['complete', 0],
      ['missing', null],
      ['complete', 0],
    ]);
    const whole = query(kpi.name, { windowMs: hour, until: noon + hour });
    expect(statesOf((await readKpi(ledger, whole)).windows)).toEqual(['partial']);
  });
});
