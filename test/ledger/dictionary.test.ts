import type { KpiDefinition } from '../../src/kpi/definition';
import { Dictionary } from '../../src/ledger/dictionary';
import type { Particulars } from '../../src/ledger/readEvent';
import { createDatabase, type TestDatabase } from '../support/database';
import { type TestKpi, testKpi } from './events';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const definitionOf = (kpi: TestKpi): KpiDefinition => kpi.catalogue.definitions[0]!;

function read(kpi: TestKpi, slice: Particulars['slice'], synthetic = false) {
  return {
    particulars: { definition: definitionOf(kpi), deployment: 'test', synthetic, slice },
  };
}

async function slices(kpi: TestKpi): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT slice FROM kpi_series WHERE kpi = $1 AND NOT total
     ORDER BY slice ->> 'channel', slice ->> 'failure'`,
    [kpi.name],
  );
  return rows.map(row => row.slice);
}

describe('the dictionary of series', () => {
  it('gives one slice one number, in every process, and an absent dimension none of its own', async () => {
    const kpi = testKpi();
    const events = [
      read(kpi, ['x', 'web']),
      read(kpi, [undefined, 'web']),
      read(kpi, ['x', 'web']),
    ];
    const [first, second, third] = await new Dictionary(database.pool).placesOf(events);
    expect(third).toEqual(first);
    expect(second!.seriesId).not.toBe(first!.seriesId);
    expect(second!.totalId).toBe(first!.totalId);
    expect(await new Dictionary(database.pool).placesOf(events)).toEqual([first, second, third]);
    expect(await slices(kpi)).toEqual([{ failure: 'x', channel: 'web' }, { channel: 'web' }]);
  });

  it('keeps test orders apart, with a total of their own', async () => {
    const kpi = testKpi();
    const [real, synthetic] = await new Dictionary(database.pool).placesOf([
      read(kpi, ['x', 'web']),
      read(kpi, ['x', 'web'], true),
    ]);
    expect(new Set(Object.values({ ...real, isOther: 0 })).size).toBe(3);
    expect([real!.seriesId, real!.totalId]).not.toContain(synthetic!.seriesId);
    expect([real!.seriesId, real!.totalId]).not.toContain(synthetic!.totalId);
  });

  it('calls a value other once the dimension is full, for ever and in every process', async () => {
    const kpi = testKpi();
    const dictionary = new Dictionary(database.pool);
    const channels = ['a', 'b', 'c', 'd', 'e', 'b'];
    const places = await dictionary.placesOf(channels.map(c => read(kpi, [undefined, c])));
    expect(places.map(({ isOther }) => isOther)).toEqual([false, false, false, true, true, false]);
    expect(places[4]!.seriesId).toBe(places[3]!.seriesId);
    expect(await slices(kpi)).toEqual(['a', 'b', 'c', 'other'].map(channel => ({ channel })));
    const again = await new Dictionary(database.pool).placesOf(
      ['e', 'c'].map(c => read(kpi, [undefined, c])),
    );
    expect(again).toEqual([places[4], places[2]]);
  });

  it('does not give a place to a value that calls itself other', async () => {
    const kpi = testKpi();
    const places = await new Dictionary(database.pool).placesOf(
      ['other', 'a', 'b', 'c', 'd'].map(c => read(kpi, [undefined, c])),
    );
    expect(places.map(({ isOther }) => isOther)).toEqual([false, false, false, false, true]);
    expect(places[4]!.seriesId).toBe(places[0]!.seriesId);
  });

  it('gives the last places away once, when many processes ask at the same time', async () => {
    const kpi = testKpi();
    const processes = Array.from(
      { length: 6 },
      () => new Dictionary(database.openPool({ max: 1 })),
    );
    await Promise.all(
      processes.map((dictionary, i) =>
        dictionary.placesOf([read(kpi, [undefined, `p${i}`]), read(kpi, [undefined, 'shared'])]),
      ),
    );
    const kept = await slices(kpi);
    expect(kept).toHaveLength(4);
    expect(kept).toContainEqual({ channel: 'other' });
  });

  it('tells numbers, flags and texts apart', async () => {
    const kpi = testKpi();
    const places = await new Dictionary(database.pool).placesOf(
      [1, '1', true].map(c => read(kpi, [undefined, c])),
    );
    expect(new Set(places.map(({ seriesId }) => seriesId)).size).toBe(3);
    expect(places.some(({ isOther }) => isOther)).toBe(false);
  });

  it('keeps in a total the dimensions without which no figure can be told', async () => {
    const kpi = testKpi({
      dimensions:
        '[{ name: channel, bound: 3, apart: true }, { name: outcome, bound: 3 }, { name: region, bound: 3 }]',
      observes: '[{ occurrence: milestone, value: 1 }]',
      formula: '{ kind: count, metric: test_errors, unit: errors, good: { outcome: [confirmed] } }',
      target: '{ statistic: ratio, atLeast: 0.9 }',
      thresholds: '[{ below: 0.5, windows: 3, severity: page }]',
    });
    await new Dictionary(database.pool).placesOf([read(kpi, ['web', 'confirmed', 'DE'])]);
    const { rows } = await database.pool.query(
      'SELECT slice FROM kpi_series WHERE kpi = $1 AND total',
      [kpi.name],
    );
    expect(rows).toEqual([{ slice: { channel: 'web', outcome: 'confirmed' } }]);
  });
});
