import { Catalogue } from '../../src/kpi/catalogue';
import { catalogueOf, definitionYaml } from './samples';

const january = '2026-01-01';
const march = '2026-03-01';
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

  it('refuses the same version in two files', () => {
    expect(() => catalogueOf(definitionYaml(), definitionYaml())).toThrow(
      '0.yaml:1: version 1 of test-errors is also in 1.yaml',
    );
  });

  it.each([january, '2025-12-31'])(
    'refuses a version that takes effect at %s, no later than the one before it',
    effectiveFrom => {
      expect(() =>
        catalogueOf(definitionYaml(), definitionYaml({ version: '2', effectiveFrom })),
      ).toThrow('1.yaml:1: version 2 of test-errors must take effect after version 1');
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
