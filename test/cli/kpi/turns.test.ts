import { turnLines } from '../../../src/cli/kpi/turns';
import { catalogueOf, definitionYaml } from '../../kpi/samples';

const dayMs = 86_400_000;
const march = Date.parse('2026-03-01');
const milestones = '[{ occurrence: milestone, value: 1 }]';
const closings = '[{ occurrence: workflow-closed, value: 1 }]';

/** A KPI whose second version takes effect in March, and what is said of one of its versions. */
function linesOf(version: number, observes: string, from: number, until: number): string[] {
  const changes = { observes, dimensions: '[]' };
  const catalogue = catalogueOf(
    definitionYaml(changes),
    definitionYaml({ ...changes, version: '2', effectiveFrom: '2026-03-01' }),
  );
  return turnLines(catalogue, catalogue.find('test-errors', version)!, { from, until });
}

describe('what is said of figures near the turn of a version', () => {
  const took =
    'Version 2 took effect at 2026-03-01 00:00 UTC; what ends of orders that began before is not in it.';

  it.each([
    { about: 'the turn itself', from: march - dayMs, until: march + dayMs, lines: [took] },
    { about: 'days after it', from: march + 13 * dayMs, until: march + 15 * dayMs, lines: [took] },
    { about: 'weeks after it', from: march + 14 * dayMs, until: march + 15 * dayMs, lines: [] },
    { about: 'the time before it', from: march - dayMs, until: march, lines: [] },
  ])('tells of what the new one lacks, over $about: $lines.length', ({ from, until, lines }) => {
    expect(linesOf(2, closings, from, until)).toEqual(lines);
  });

  it('tells that the old one has ended, and what still comes of it', () => {
    expect(linesOf(1, closings, march, march + dayMs)).toEqual([
      'Version 1 ended at 2026-03-01 00:00 UTC; only orders that began before are in it since.',
    ]);
    expect(linesOf(1, closings, march - dayMs, march)).toEqual([]);
  });

  it('has less to tell of what counts by its own time', () => {
    expect(linesOf(2, milestones, march, march + dayMs)).toEqual([]);
    expect(linesOf(1, milestones, march, march + dayMs)).toEqual([
      'Version 1 ended at 2026-03-01 00:00 UTC; nothing is in it since.',
    ]);
  });
});
