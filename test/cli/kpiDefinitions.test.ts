import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outdatedPages } from '../../src/cli/kpi/pages';
import { errorCatalogue } from '../../src/errors';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { jsonLines, runMain } from './runMain';

const catalogue = readKpiCatalogue();

describe('orderly kpi check', () => {
  it('says what a person should know of definitions that are right', async () => {
    const { exitCode, stdout, stderr } = await runMain(['kpi', 'check']);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(
      `${catalogue.names.length} KPIs in ${catalogue.definitions.length} versions, all as they were released.\n`,
    );
    expect(stdout).toMatch(/^Observed: 11 of 11 activity types, 2 of 2 workflow types\.$/m);
    expect(stdout).toMatch(
      /^Not fed yet: notification-delivery: nothing produces measured notification /m,
    );
  });

  it('prints JSON for scripts', async () => {
    const { exitCode, stdout } = await runMain(['kpi', 'check', '--json']);
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      {
        kpis: catalogue.names.length,
        versions: catalogue.definitions.length,
        observed: { activityTypes: { total: expect.any(Number) }, workflowTypes: { observed: 2 } },
        notFed: expect.arrayContaining([
          { kpi: 'notification-delivery', why: expect.stringContaining('nothing produces') },
        ]),
        noRunbook: [],
        reviewDue: [],
        written: [],
      },
    ]);
  });

  it('finds the pages of docs/kpis as the definitions say', () => {
    expect(outdatedPages(catalogue, join(__dirname, '../../docs/kpis'))).toEqual([]);
  });
});

describe('orderly kpi list', () => {
  it('shows each KPI with its version, whether it is fed, and its target', async () => {
    const { exitCode, stdout } = await runMain(['kpi', 'list']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^KPI +VERSION +STANDING +FED +TARGET$/m);
    expect(stdout).toMatch(
      /^order-latency +1 +in force +yes +95th percentile at most 2 seconds in 1 minute$/m,
    );
    expect(stdout).toMatch(
      /^notification-delivery +1 +in force +not yet +share at least 99\.5 % in 5 minutes$/m,
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(catalogue.definitions.length + 1);
  });

  it('prints JSON for scripts', async () => {
    const { stdout } = await runMain(['kpi', 'list', '--json']);
    const [kpis] = jsonLines(stdout) as [Record<string, unknown>[]];

    expect(kpis.find(({ name }) => name === 'order-success')).toMatchObject({
      version: 2,
      standing: 'in force',
      fed: true,
      topic: 'OrderSuccess',
      kind: 'ratio',
      target: { statistic: 'ratio', atLeast: 0.99 },
    });
    expect(kpis.find(({ name }) => name === 'cost-per-order')).not.toHaveProperty('topic');
    expect(kpis.find(({ name }) => name === 'notification-delivery')).toMatchObject({
      fed: false,
      why: 'nothing produces measured notification yet',
    });
  });
});

describe('orderly kpi explain', () => {
  it('says what a KPI is in plain words', async () => {
    const { exitCode, stdout } = await runMain(['kpi', 'explain', 'order-success']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Order success \(order-success, version 2, in force, from 2026-11-01\)$/m,
    );
    expect(stdout).toContain(
      '- a workflow of type order closes with outcome confirmed, completed, rejected or cancelled: counts for the share',
    );
  });

  it('prints JSON for scripts', async () => {
    const { stdout } = await runMain(['kpi', 'explain', 'notification-delivery', '--json']);
    expect(jsonLines(stdout)).toMatchObject([
      {
        ...{ name: 'notification-delivery', version: 1, standing: 'in force', fed: false },
        why: 'nothing produces measured notification yet',
        sections: expect.arrayContaining([
          { heading: 'How it counts', sentences: expect.any(Array), items: expect.any(Array) },
        ]),
      },
    ]);
  });

  it('says of a KPI that is not fed what is lacking', async () => {
    const { stdout } = await runMain(['kpi', 'explain', 'notification-delivery']);

    expect(stdout).toContain('Not fed yet: nothing produces measured notification yet.');
  });

  it.each([
    [['happiness'], 'There is no KPI happiness.'],
    [['revenue', '--version', '9'], 'KPI revenue has no version 9.'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await runMain(['kpi', 'explain', ...args]);

    expect(exitCode).toBe(2);
    expect(stderr).toBe(`${message} ${errorCatalogue.KpiUnknown.next}\n`);
  });
});

describe('orderly kpi diff', () => {
  it('says so where there is nothing to compare with', async () => {
    const { exitCode, stdout } = await runMain(['kpi', 'diff', 'revenue']);

    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'There is no version of revenue before 1.\n',
    });
  });

  it.each([
    [['revenue', '--from', '2'], 'KPI revenue has no version 2.'],
    [['happiness'], 'There is no KPI happiness.'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await runMain(['kpi', 'diff', ...args]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('docs/runbooks', () => {
  it('holds no page that no definition opens', () => {
    const opened = new Set(catalogue.definitions.map(({ runbook }) => runbook));
    const pages = readdirSync(join(__dirname, '../../docs/runbooks'));

    expect(pages.filter(page => !opened.has(`docs/runbooks/${page}`))).toEqual([]);
  });
});
