import { coverageOf } from '../../src/kpi/coverage';
import { feedOf, unproducedBy } from '../../src/kpi/feed';
import { activityTypes } from '../../src/kpi/produced';
import { catalogueOf, definitionYaml } from './samples';

const unfed = definitionYaml({
  name: 'unfed',
  observes: '[{ occurrence: milestone, where: { name: OrderForgotten }, value: 1 }]',
  dimensions: '[]',
});

const derivedOf = (numerator: string, denominator: string) =>
  definitionYaml({
    name: 'derived-one',
    formula: `{ kind: derived, metric: m, unit: share, numerator: [{ kpi: ${numerator}, statistic: count }], denominator: [{ kpi: ${denominator}, statistic: count }] }`,
    observes: undefined,
    dimensions: '[]',
    target: '{ statistic: ratio, atMost: 1 }',
    thresholds: '[{ above: 1, windows: 1, severity: ticket }]',
  });

const feedIn = (name: string, ...yamls: readonly string[]) => {
  const catalogue = catalogueOf(...yamls);
  return feedOf(catalogue, catalogue.versionsOf(name)[0]!);
};

describe('a KPI', () => {
  it.each([
    [
      'one subject that is produced',
      '[{ occurrence: attempt-failed, where: { activity: reserveStock, failure: x }, value: 1 }]',
    ],
    [
      'one of several',
      '[{ occurrence: milestone, where: { name: [OrderForgotten, OrderConfirmed] }, value: 1 }]',
    ],
    ['anything of a kind', '[{ occurrence: step-ended, value: 1 }]'],
    [
      'two kinds, one of them produced',
      '[{ occurrence: measured, where: { source: nothing }, value: 1 }, { occurrence: workflow-closed, where: { workflowType: order }, value: 1 }]',
    ],
  ])('is fed that observes %s', (_, observes) => {
    expect(feedIn('test-errors', definitionYaml({ observes, dimensions: '[]' }))).toEqual({
      fed: true,
    });
  });

  it('is not fed while nothing produces what it observes, and says what that is', () => {
    expect(feedIn('unfed', unfed)).toEqual({
      fed: false,
      why: 'nothing produces milestone OrderForgotten yet',
    });
  });

  it('that is fed tells what else it observes and nothing produces, each once', () => {
    const observes =
      '[{ occurrence: milestone, where: { name: [OrderForgotten, OrderConfirmed] }, value: 1 }, { occurrence: milestone, where: { name: [OrderForgotten, OrderLost] }, value: 1 }]';
    const [definition] = catalogueOf(definitionYaml({ observes, dimensions: '[]' })).definitions;
    expect(unproducedBy(definition!)).toEqual(['milestone OrderForgotten', 'milestone OrderLost']);
    expect(unproducedBy(catalogueOf(definitionYaml()).definitions[0]!)).toEqual([]);
  });

  it.each(['unfed', 'test-errors'])(
    'that is divided by %s is fed only if both its parts are',
    by => {
      expect(feedIn('derived-one', definitionYaml(), unfed, derivedOf('test-errors', by))).toEqual(
        by === 'test-errors'
          ? { fed: true }
          : { fed: false, why: 'unfed: nothing produces milestone OrderForgotten yet' },
      );
    },
  );
});

describe('coverage', () => {
  const at = Date.UTC(2026, 5, 1);
  const observedIn = (...yamls: readonly string[]) =>
    coverageOf(catalogueOf(...yamls), at)
      .filter(({ observed }) => observed)
      .map(({ name }) => name);

  it('lists every activity and workflow there is', () => {
    expect(coverageOf(catalogueOf(), at)).toEqual([
      ...activityTypes.map(name => ({ kind: 'activity', name, observed: false })),
      { kind: 'workflow', name: 'order', observed: false },
      { kind: 'workflow', name: 'shipment', observed: false },
    ]);
  });

  it('counts what a definition in force observes, by name or by leaving the name open', () => {
    expect(observedIn(definitionYaml())).toEqual(['reserveStock']);
    expect(
      observedIn(
        definitionYaml({ observes: '[{ occurrence: step-ended, value: 1 }]', dimensions: '[]' }),
      ),
    ).toEqual([...activityTypes]);
    expect(
      observedIn(
        definitionYaml({
          observes: '[{ occurrence: workflow-closed, where: { workflowType: order }, value: 1 }]',
          dimensions: '[]',
        }),
      ),
    ).toEqual(['order']);
  });

  it('does not count what only a planned or a retired version observes', () => {
    expect(observedIn(definitionYaml({ effectiveFrom: '2027-01-01' }))).toEqual([]);
    expect(observedIn(definitionYaml({ retired: 'Nobody has looked at it for a year.' }))).toEqual(
      [],
    );
  });
});
