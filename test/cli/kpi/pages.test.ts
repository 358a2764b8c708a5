import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkedAt, report } from '../../../src/cli/kpi/check';
import { describeVersions } from '../../../src/cli/kpi/diff';
import { kpiPage } from '../../../src/cli/kpi/page';
import { outdatedPages, writePages } from '../../../src/cli/kpi/pages';
import { standingOf } from '../../../src/cli/kpi/standing';
import type { Catalogue } from '../../../src/kpi/catalogue';
import { catalogueOf, definitionYaml } from '../../kpi/samples';

const march = '2026-03-01';
const may = '2026-05-01';
const catalogue = catalogueOf(
  definitionYaml({ name: 'another', title: 'Another' }),
  definitionYaml(),
  definitionYaml({
    version: '2',
    effectiveFrom: march,
    thresholds: '[{ above: 7, windows: 3, severity: page }]',
  }),
  definitionYaml({
    version: '3',
    effectiveFrom: may,
    retired: 'Nobody has acted on it for a whole year.',
  }),
);
const [third, second, first] = catalogue.versionsOf('test-errors');

describe('the generated pages', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pages-'));
    writeFileSync(join(folder, 'README.md'), '# written by hand\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are one per KPI, beside what is written by hand', () => {
    expect(writePages(catalogue, folder)).toEqual(['another.md', 'test-errors.md']);
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'another.md', 'test-errors.md']);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('# written by hand\n');
    expect(outdatedPages(catalogue, folder)).toEqual([]);
  });

  it('are named where one is missing, changed or left over, and mended', () => {
    writePages(catalogue, folder);
    rmSync(join(folder, 'another.md'));
    writeFileSync(join(folder, 'test-errors.md'), 'changed');
    writeFileSync(join(folder, 'forgotten.md'), 'left over');

    const outdated = ['another.md', 'forgotten.md', 'test-errors.md'];
    expect(outdatedPages(catalogue, folder)).toEqual(outdated);
    expect(writePages(catalogue, folder)).toEqual(outdated);
    expect(outdatedPages(catalogue, folder)).toEqual([]);
  });

  it('tell the newest version, and what each version changed', () => {
    const page = kpiPage(catalogue, 'test-errors');

    expect(page).toContain('# Test errors\n');
    expect(page).toContain('It is retired: Nobody has acted on it for a whole year.');
    expect(page).toContain('  - thresholds.0.above: 5 -> 7\n');
    expect(page).toContain('- 1, from 2026-01-01: the first.');
  });
});

describe('a version', () => {
  it.each([
    ['2026-02-01', ['in force', 'planned', 'planned']],
    ['2026-04-01', ['superseded', 'in force', 'planned']],
    ['2026-06-01', ['superseded', 'superseded', 'retired']],
  ])('stands at %s as its times say', (day, standings) => {
    const at = Date.parse(day);

    expect([first, second, third].map(each => standingOf(catalogue, each!, at))).toEqual(standings);
  });

  it('is compared with another field by field', () => {
    expect(describeVersions(first!, second!)).toEqual([
      'test-errors, version 1 -> 2',
      'effectiveFrom\n  - "2026-01-01"\n  + "2026-03-01"',
      'thresholds.0.above\n  - 5\n  + 7',
    ]);
  });
});

describe('the report of a check', () => {
  const reportOf = (of: Catalogue, day: string, hasPage = true) =>
    report({ ...checkedAt(of, Date.parse(day), () => hasPage), written: [] });
  const reportAt = (day: string) => reportOf(catalogue, day);

  it('names what is due for review, but not what is retired', () => {
    const lines = reportAt('2027-02-01');

    expect(lines).toContain('To be reviewed: another, by 2027-01-31.');
    expect(lines.join('\n')).not.toContain('test-errors');
    expect(reportAt('2026-12-31').join('\n')).not.toContain('reviewed');
  });

  it('names what a KPI observes that nothing produces, while it counts something else', () => {
    const observes =
      '[{ occurrence: milestone, where: { name: OrderRejectd }, value: 1 }, { occurrence: milestone, where: { name: OrderConfirmed }, value: 1 }]';
    const misspelled = catalogueOf(definitionYaml({ observes, dimensions: '[]' }));
    const lines = reportOf(misspelled, '2026-12-31');

    expect(lines).toContain(
      'Nothing produces milestone OrderRejectd: test-errors counts without; is the name right?',
    );
    expect(reportAt('2026-12-31').join('\n')).not.toContain('Nothing produces');
  });

  it('names a runbook that nobody could open, but not of what is retired', () => {
    const missing = reportOf(catalogue, '2026-12-31', false).filter(line =>
      line.includes('runbook'),
    );

    expect(missing).toEqual(['There is no docs/kpis/test.md#runbook, the runbook of another.']);
    expect(reportAt('2026-12-31').join('\n')).not.toContain('runbook');
  });
});
