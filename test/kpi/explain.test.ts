import { explain } from '../../src/kpi/explain';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { catalogueOf, definitionYaml } from './samples';

const explained = (changes: Readonly<Record<string, string | undefined>>, heading: string) => {
  const [definition] = catalogueOf(definitionYaml(changes)).definitions;
  const section = explain(definition!).find(each => each.heading === heading);
  return [section?.sentences.join(' '), ...(section?.items ?? [])];
};

describe('a definition in plain words', () => {
  it('says what is counted, of whom, and as what', () => {
    expect(
      explained(
        {
          observes:
            '[{ occurrence: attempt-failed, where: { activity: [reserveStock, releaseStock], attempt: { atLeast: 2 } }, value: 1 }, { occurrence: order-refused, value: 1, set: { failure: refused } }]',
        },
        'How it counts',
      ),
    ).toEqual([
      'It counts errors.',
      'an attempt of reserveStock or releaseStock fails with attempt of at least 2: adds 1',
      'the intake refuses a message: adds 1, as failure refused',
    ]);
  });

  it('says what counts for a share and what against it', () => {
    expect(
      explained(
        {
          formula: '{ kind: ratio, metric: m, unit: share }',
          observes:
            '[{ occurrence: step-ended, where: { step: pay, outcome: completed }, value: 1 }, { occurrence: step-ended, where: { step: pay }, value: 0 }]',
          dimensions: '[]',
          target: '{ statistic: ratio, atLeast: 0.99 }',
          thresholds: '[{ below: 0.9, windows: 1, severity: ticket }]',
        },
        'How it counts',
      ),
    ).toEqual([
      'It is a share: what counts for it, of all that counts for or against it.',
      'the step pay ends with outcome completed: counts for the share',
      'the step pay ends: counts against the share',
    ]);
  });

  it('says which slices are good', () => {
    expect(
      explained(
        {
          formula:
            '{ kind: distribution, metric: m, unit: seconds, good: { outcome: [completed, cancelled] } }',
          observes: '[{ occurrence: step-ended, value: seconds }]',
          dimensions: '[{ name: outcome, bound: 3 }]',
          target: '{ statistic: p95, atMost: 1 }',
        },
        'How it counts',
      ),
    ).toEqual([
      'It collects values in seconds and tells their number, average, extremes and percentiles. Good are those with outcome completed or cancelled; their share is told, too.',
      'any step ends: takes its seconds',
    ]);
  });

  it('says of what others a figure is made', () => {
    const cost = readKpiCatalogue().find('cost-per-order', 1);
    const [text] = explain(cost!).find(({ heading }) => heading === 'How it counts')!.sentences;

    expect(text).toBe(
      'It is computed from other KPIs, in USD: the number of events of order-duration times 0.0001, the number of events of step-performance times 0.00005, the number of events of failed-attempts times 0.00005 and the sum of compute-time times 0.0000125, divided by the number of events of order-duration.',
    );
  });

  it('says how far it can be split, and what never adds up', () => {
    expect(
      explained(
        { dimensions: '[{ name: failure, bound: 50, apart: true }]' },
        'How it can be split',
      )[1],
    ).toBe('failure, up to 50; its values are never added together');
    const observes = '[{ occurrence: milestone, value: 1 }]';
    expect(explained({ observes, dimensions: '[]' }, 'How it can be split')).toEqual([
      'Not at all.',
    ]);
  });

  it('says when somebody is told', () => {
    expect(
      explained(
        {
          formula: '{ kind: ratio, metric: m, unit: share }',
          window: '5m',
          target: '{ statistic: ratio, atLeast: 0.99 }',
          slo: '{ period: 28d }',
          thresholds:
            '[{ below: 0.97, windows: 3, severity: page }, { below: 0.99, windows: 12, severity: ticket }]',
        },
        'When it is out of bounds',
      ),
    ).toEqual([
      "It is judged in windows of 5 minutes. Its share should be at least 99 %. This is a service level objective over 28 days: 1 % of that time's events may fail before its error budget is spent.",
      'below 97 % for 3 windows in a row (15 minutes): somebody is woken',
      'below 99 % for 12 windows in a row (1 hour): a ticket is opened',
    ]);
  });

  it('says which figure a threshold compares where it is not the one of the target', () => {
    expect(
      explained(
        {
          formula: '{ kind: sum, metric: m, unit: EUR }',
          target: '{ statistic: sum, atMost: 9 }',
          thresholds: '[{ statistic: count, above: 1, windows: 1, severity: ticket }]',
        },
        'When it is out of bounds',
      )[1],
    ).toBe('number of events above 1 events in a window of 1 minute: a ticket is opened');
  });

  it.each(readKpiCatalogue().definitions.map(d => [d.name, d] as const))(
    'leaves out no dimension, number or name of %s',
    (_, definition) => {
      const text = JSON.stringify(explain(definition));
      const { dimensions, owner, runbook, counterMetric, observes, reviewBy } = definition;
      const names = [
        ...dimensions.flatMap(({ name, bound }) => [name, `${bound}`]),
        ...observes.flatMap(({ where = {} }) => Object.values(where).flat()),
        ...counterMetric.kpis,
        ...Object.values(owner),
        runbook,
        reviewBy,
      ].filter(part => typeof part === 'string');

      for (const name of names) expect(text).toContain(name);
      expect(text).not.toMatch(/undefined|\[object|NaN| {2}/);
    },
  );
});
