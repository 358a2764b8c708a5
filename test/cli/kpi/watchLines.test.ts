import { watchLines } from '../../../src/cli/kpi/watchLines';
import type { KpiDefinition } from '../../../src/kpi/definition';
import type { KpiWindow } from '../../../src/ledger/figures';
import { catalogueOf, definitionYaml } from '../../kpi/samples';

const [definition] = catalogueOf(
  definitionYaml({
    name: 'revenue',
    formula: '{ kind: sum, metric: revenue, unit: cents }',
    observes: '[{ occurrence: milestone, value: total }]',
    dimensions: '[{ name: currency, bound: 9, apart: true }]',
    target: '{ statistic: sumPerMinute, atLeast: 5 }',
    thresholds: '[{ below: 1, windows: 1, severity: page }]',
  }),
).definitions;

const minute = (state: KpiWindow['state'], sum: number | null, currency = 'EUR'): KpiWindow => ({
  ...{ start: '2026-01-31T12:00:00.000Z', end: '2026-01-31T12:01:00.000Z', revision: 0 },
  ...{ state, sum, slice: { currency }, count: sum === null ? null : Math.sign(sum) },
  ...{ min: null, max: null, avg: null, p50: null, p90: null, p95: null, p99: null, ratio: null },
});

describe('what orderly kpi watch shows', () => {
  it('is a line per KPI and value that is kept apart, as of the last minute that is over', () => {
    const windows = [
      ...[minute('missing', null), minute('no-traffic', 0), minute('complete', 8)],
      ...[minute('complete', 4), minute('partial', 1)],
      ...[minute('complete', 3, 'USD'), minute('partial', 0, 'USD')],
    ];
    const lines = watchLines([{ definition: definition!, fed: true, windows }]);
    expect(lines[1]).toMatch(/^revenue EUR +4 cents +>= 5 cents +complete +×·█▅▂$/);
    expect(lines[2]).toMatch(/^revenue USD +3 cents +>= 5 cents +complete +█·$/);
  });

  it.each([
    [
      'is the open minute of a system that has just been started',
      ['missing', 'partial'],
      'partial',
    ],
    ['is missing where nobody has been there since', ['complete', 'missing', 'empty'], 'missing'],
    [
      'is the minute before where nobody says yet that this one is over',
      ['complete', 'partial'],
      'complete',
    ],
  ] as const)('%s', (_, minutes, shown) => {
    const sums = { missing: null, complete: 8, partial: 3, empty: 0 };
    const windows = minutes.map(state =>
      minute(state === 'empty' ? 'partial' : state, sums[state]),
    );
    const lines = watchLines([{ definition: definition!, fed: true, windows }]);
    expect(lines[1]).toContain(` ${shown} `);
  });

  it('is the open minute of one that is made of others, too', () => {
    const target = { statistic: 'ratio', atMost: 2 } as const;
    const formula: KpiDefinition['formula'] = {
      ...({ kind: 'derived', metric: 'cost', unit: 'USD' } as const),
      ...{ numerator: [], denominator: [] },
    };
    const windows = [
      minute('missing', null),
      { ...minute('partial', null), ratio: 1.5 },
      minute('partial', null),
    ];
    const [, line] = watchLines([
      { definition: { ...definition!, target, formula }, fed: true, windows },
    ]);
    expect(line).toMatch(/^revenue EUR +1\.5 .* partial +×/);
  });

  it('leaves out the oldest minutes where a line has no room for them', () => {
    const windows = [
      ...Array.from({ length: 20 }, () => minute('missing', null)),
      ...Array.from({ length: 10 }, () => minute('complete', 8)),
    ];
    const kpi = { definition: definition!, fed: true, windows };
    const [, line] = watchLines([kpi], 60);
    expect(line).toHaveLength(60);
    expect(line).toMatch(/ ×+█{10}$/);
    const [head, narrow] = watchLines([kpi], 50);
    expect([head, narrow].map(text => text!.length)).toEqual([50, 50]);
    expect(head).toMatch(/ MI/);
    expect(watchLines([kpi], 20)[1]).toMatch(/ complete$/);
  });

  it('says of a target for a sum how long a time it is for: the minutes beside it are not that', () => {
    const target = { statistic: 'sum', atMost: 20 } as const;
    const perHour = { ...definition!, target, window: '1h' };
    const [, line] = watchLines([
      { definition: perHour, fed: true, windows: [minute('complete', 8)] },
    ]);
    expect(line).toMatch(/^revenue EUR +8 cents +<= 20 cents in 1 hour +complete +/);
  });

  it('says what is not fed yet', () => {
    const lines = watchLines([{ definition: definition!, fed: false, windows: [] }]);
    expect(lines[1]).toMatch(/^revenue +- +>= 5 cents +not fed yet$/);
  });
});
