import { feedOf } from '../../src/kpi/feed';
import { producersOf } from '../../src/kpi/producers';
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
