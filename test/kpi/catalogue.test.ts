import { Catalogue } from '../../src/kpi/catalogue';
import { catalogueOf, definitionYaml } from './samples';

const january = '2026-01-01';
const march = '2026-03-01';
/** A KPI made of the number of events of another. */
const derivedOf = (kpi: string, dimensions = '[]') =>
  definitionYaml({
    name: 'derived-one',
    formula: `{ kind: derived, metric: m, unit: share, numerator: [{ kpi: ${kpi}, statistic: count }], denominator: [{ kpi: ${kpi}, statistic: count }] }`,
    observes: undefined,
    dimensions,
    target: '{ statistic: ratio, atMost: 1 }',
    thresholds: '[{ above: 1, windows: 1, severity: ticket }]',
  });

const justBefore = (date: string) => Date.parse(date) - 1;

describe('the catalogue', () => {
  const twoVersions = catalogueOf(
    definitionYaml({ version: '2', effectiveFrom: march }),
    definitionYaml({ version: '1', effectiveFrom: january }),
  );

  it.each([
    [justBefore(january), undefined],
    [Date.parse(january), 1],
    [justBefore(march), 1],
    [Date.parse(march), 2],
    [Date.parse('2036-01-01'), 2],
  ])('chooses the version in force at %i', (at, version) => {
    expect(twoVersions.inForce('test-errors', at)?.version).toBe(version);
  });

  it('knows when each version is in force: until the next one, and never where it ends the KPI', () => {
    const catalogue = catalogueOf(
      definitionYaml({ effectiveFrom: january }),
      definitionYaml({
        version: '2',
        effectiveFrom: march,
        retired: 'Nobody has acted on it for a whole year.',
      }),
    );
    const spanOf = (version: number) => catalogue.spanOf({ name: 'test-errors', version });
    expect(spanOf(1)).toEqual({ from: Date.parse(january), until: Date.parse(march) });
    expect(spanOf(2)).toEqual({ from: Date.parse(march), until: Date.parse(march) });
    expect(twoVersions.spanOf({ name: 'test-errors', version: 2 })).toEqual({
      from: Date.parse(march),
      until: Number.POSITIVE_INFINITY,
    });
    expect(() => spanOf(3)).toThrow('test-errors has no version 3');
  });

  it('does not know a KPI that no file defines', () => {
    expect(() => twoVersions.inForce('nothing', 0)).toThrow('There is no KPI nothing.');
  });

  it('lists each KPI once, by name', () => {
    const catalogue = catalogueOf(
      definitionYaml({ name: 'b' }),
      definitionYaml({ name: 'a' }),
      definitionYaml({ name: 'b', version: '2', effectiveFrom: march }),
    );

    expect(catalogue.names).toEqual(['a', 'b']);
    expect(catalogue.definitions).toHaveLength(3);
  });

  it('keeps every version readable, the newest first', () => {
    expect(twoVersions.versionsOf('test-errors').map(({ version }) => version)).toEqual([2, 1]);
    expect(twoVersions.find('test-errors', 1)?.effectiveFrom).toBe(january);
    expect(twoVersions.find('test-errors', 3)).toBeUndefined();
    expect(twoVersions.find('nothing', 1)).toBeUndefined();
    expect(() => twoVersions.versionsOf('nothing')).toThrow('There is no KPI nothing.');
  });

  it('lets a version retire the KPI from its time on, and still reads it', () => {
    const catalogue = catalogueOf(
      definitionYaml(),
      definitionYaml({
        version: '2',
        effectiveFrom: march,
        retired: 'Nobody has acted on it for a whole year.',
      }),
    );

    expect(catalogue.inForce('test-errors', justBefore(march))?.version).toBe(1);
    expect(catalogue.inForce('test-errors', Date.parse(march))).toBeUndefined();
    expect(catalogue.observersOf('attempt-failed', justBefore(march))).toHaveLength(1);
    expect(catalogue.observersOf('attempt-failed', Date.parse(march))).toEqual([]);
    expect(catalogue.find('test-errors', 2)?.retired).toMatch(/Nobody/);
  });

  it('names the KPIs that have events, which derived ones have not', () => {
    const catalogue = catalogueOf(definitionYaml(), derivedOf('test-errors'));

    expect(catalogue.names).toEqual(['derived-one', 'test-errors']);
    expect(catalogue.namesWithEvents).toEqual(['test-errors']);
  });

  const onlyError = '[{ name: error, from: failure, bound: 5 }]';

  it.each<[string, readonly string[], string]>([
    [
      'of a KPI that no file defines',
      [derivedOf('nothing')],
      '6: formula: there is no KPI nothing',
    ],
    ['of itself', [derivedOf('derived-one')], '6: formula: derived-one is derived itself'],
    [
      'by a dimension that its source lacks',
      [definitionYaml(), derivedOf('test-errors', '[{ name: region, bound: 5 }]')],
      '8: test-errors@1 has no dimension region',
    ],
    [
      'by a dimension that one version of its source lacks',
      [
        definitionYaml(),
        definitionYaml({ version: '2', effectiveFrom: march, dimensions: onlyError }),
        derivedOf('test-errors', '[{ name: failure, bound: 5 }]'),
      ],
      '8: test-errors@2 has no dimension failure',
    ],
  ])('refuses a KPI that is made %s, and names the line', (_, yamls, reason) => {
    expect(() => catalogueOf(...yamls)).toThrow(`${yamls.length - 1}.yaml:${reason}`);
  });

  it.each([
    ['nothing', 'counterMetric.kpis: there is no KPI nothing'],
    ['test-errors', 'test-errors can not be its own counter-metric'],
  ])('refuses %s as the counter-metric of test-errors', (kpi, reason) => {
    const counterMetric = `{ kpis: [${kpi}], because: Errors vanish where orders are rejected. }`;

    expect(() => catalogueOf(definitionYaml({ counterMetric }))).toThrow(`0.yaml:14: ${reason}`);
  });

  it('refuses the same version in two files', () => {
    expect(() => catalogueOf(definitionYaml(), definitionYaml())).toThrow(
      '0.yaml:2: version 1 of test-errors is also in 1.yaml',
    );
  });

  it.each([january, '2025-12-31'])(
    'refuses a version that takes effect at %s, no later than the one before it',
    effectiveFrom => {
      expect(() =>
        catalogueOf(definitionYaml(), definitionYaml({ version: '2', effectiveFrom })),
      ).toThrow('1.yaml:3: version 2 of test-errors must take effect after version 1');
    },
  );

  it('knows at once what nothing observes', () => {
    const catalogue = catalogueOf(definitionYaml());

    expect(catalogue.observes('attempt-failed', 'reserveStock')).toBe(true);
    expect(catalogue.observes('attempt-failed', 'announce')).toBe(false);
    expect(catalogue.observes('step-ended', 'reserveStock')).toBe(false);
    expect(new Catalogue().observes('attempt-failed', 'reserveStock')).toBe(false);
  });

  it('observes every subject where a definition names none', () => {
    const catalogue = catalogueOf(
      definitionYaml({ observes: '[{ occurrence: attempt-failed, value: 1 }]' }),
    );

    expect(catalogue.observes('attempt-failed', 'anything')).toBe(true);
  });

  it('observes what any version observes, in force or not', () => {
    const catalogue = catalogueOf(
      definitionYaml(),
      definitionYaml({
        version: '2',
        effectiveFrom: march,
        observes: '[{ occurrence: attempt-failed, where: { activity: [announce] }, value: 1 }]',
      }),
    );

    expect(catalogue.observes('attempt-failed', 'reserveStock')).toBe(true);
    expect(catalogue.observes('attempt-failed', 'announce')).toBe(true);
  });
});
