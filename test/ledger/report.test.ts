/** All that there is to say of a KPI, on real Postgres. */
import { Catalogue } from '../../src/kpi/catalogue';
import { parseDefinition } from '../../src/kpi/parse';
import { reportKpi } from '../../src/ledger/report';
import { definitionYaml } from '../kpi/samples';
import { createDatabase, type TestDatabase } from '../support/database';
import { attemptsKpi, hour, minute, noon, query, second } from './reading';
import { present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('the report of a KPI', () => {
  it('has the target, how the whole time compares with it and with before, and the windows', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    await publish(kpi.name, [
      { id: 'before', at: noon - minute, value: 1 },
      { id: 'a', at: noon, value: 3 },
    ]);
    await beat(present('order-worker', noon - hour, noon + hour));
    const report = await reportKpi(ledger, query(kpi.name));
    expect(report).toMatchObject({
      ...{ kpi: kpi.name, version: 1, fed: true, target: { statistic: 'p95', atMost: 2 } },
      comparisons: [{ slice: {}, state: 'complete', value: 3, met: false, previous: 1, delta: 2 }],
    });
    expect(report.windows).toHaveLength(3);
    expect(report).not.toHaveProperty('unexplained');
  });

  it('is of one version throughout, also where another one takes over within the last window', async () => {
    const { name } = attemptsKpi();
    const of = (version: string, effectiveFrom: string, atMost: number) =>
      parseDefinition(
        definitionYaml({
          ...{ name, version, effectiveFrom },
          target: `{ statistic: sumPerMinute, atMost: ${atMost} }`,
          thresholds: '[{ above: 9, windows: 1, severity: page }]',
        }),
        `${version}.yaml`,
      );
    const takesOver = new Date(noon + 90 * second).toISOString();
    const catalogue = new Catalogue([of('1', '2020-01-01', 1), of('2', takesOver, 2)]);
    const { ledger } = station(database, catalogue);
    const report = await reportKpi(ledger, query(name, { until: noon + 80 * second }));
    expect(report).toMatchObject({ version: 2, target: { atMost: 2 } });
    const before = await reportKpi(ledger, query(name, { until: noon + minute }));
    expect(before).toMatchObject({ version: 1, target: { atMost: 1 } });
  });

  it('says of a KPI that nothing feeds what is missing, and compares nothing', async () => {
    const kpi = attemptsKpi({
      observes: '[{ occurrence: step-ended, where: { step: flyToTheMoon }, value: 1 }]',
      dimensions: '[]',
    });
    const { ledger } = station(database, kpi.catalogue);
    expect(await reportKpi(ledger, query(kpi.name))).toMatchObject({
      ...{ fed: false, why: 'nothing produces step-ended flyToTheMoon yet', comparisons: [] },
      windows: Array(3).fill({ state: 'missing', count: null }),
    });
  });
});
