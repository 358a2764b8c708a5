import { feedOf } from '../../src/kpi/feed';
import { producersOf, versionsCapturedBy } from '../../src/kpi/producers';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { catalogueOf, definitionYaml } from './samples';

const producersOfYaml = (observes: string): string[] => {
  const [definition] = catalogueOf(definitionYaml({ observes, dimensions: '[]' })).definitions;
  return producersOf(definition!);
};

describe('the producers that feed a KPI', () => {
  it('are those that capture what it observes, each once', () => {
    expect(
      producersOfYaml('[{ occurrence: attempt-failed, where: { failure: x }, value: 1 }]'),
    ).toEqual(['order-worker']);
    expect(
      producersOfYaml(
        '[{ occurrence: order-refused, value: 1 }, { occurrence: milestone, value: 1 }, { occurrence: step-ended, value: 1 }]',
      ),
    ).toEqual(['intake', 'order-worker']);
  });

  it('are known for every KPI that is fed and made of events', () => {
    const catalogue = readKpiCatalogue();
    const fed = catalogue.definitions.filter(
      definition => definition.formula.kind !== 'derived' && feedOf(catalogue, definition).fed,
    );
    expect(fed.length).toBeGreaterThan(0);
    for (const definition of fed) {
      expect({ name: definition.name, producers: producersOf(definition) }).not.toEqual({
        name: definition.name,
        producers: [],
      });
    }
  });
});

describe('the versions that a producer captures events for', () => {
  it('are all those that observe what it sees, in force or not, but those that end a KPI', () => {
    const observes = '[{ occurrence: order-refused, value: 1 }]';
    const refusals = { name: 'refusals', observes, dimensions: '[]' };
    const { definitions } = catalogueOf(
      definitionYaml({ ...refusals, effectiveFrom: '2020-01-01' }),
      definitionYaml({ ...refusals, version: '2', effectiveFrom: '2999-01-01' }),
      definitionYaml({
        ...refusals,
        version: '3',
        effectiveFrom: '2999-01-02',
        retired: 'Nobody has asked for it in years.',
      }),
    );
    expect(versionsCapturedBy('intake', definitions).sort()).toEqual(['refusals@1', 'refusals@2']);
    expect(versionsCapturedBy('order-worker', definitions)).toEqual([]);
  });
});
