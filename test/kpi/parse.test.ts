import { OrderlyError } from '../../src/errors';
import { parseDefinition } from '../../src/kpi/parse';
import { definitionYaml } from './samples';

const observes = (observation: string) => ({ observes: `[${observation}]` });

/** In `definitionYaml` every field has its own line, in this order. */
const line = {
  name: 1,
  version: 2,
  effectiveFrom: 3,
  title: 4,
  formula: 6,
  window: 7,
  observes: 8,
  dimensions: 9,
  target: 10,
  thresholds: 11,
  owner: 12,
  counterMetric: 14,
  justification: 15,
  reviewBy: 16,
  /** Of a field that the sample lacks. */
  added: 17,
};

const derived = {
  formula:
    '{ kind: derived, metric: m, unit: share, numerator: [{ kpi: a, statistic: count }], denominator: [{ kpi: b, statistic: sum }] }',
  observes: undefined,
  dimensions: '[]',
  target: '{ statistic: ratio, atMost: 1 }',
  thresholds: '[{ above: 1, windows: 1, severity: ticket }]',
};

const ratio = {
  formula: '{ kind: ratio, metric: m, unit: share }',
  target: '{ statistic: ratio, atLeast: 0.99 }',
  thresholds: '[{ below: 0.9, windows: 1, severity: ticket }]',
};

describe('a KPI definition', () => {
  it('is read from YAML', () => {
    expect(parseDefinition(definitionYaml(), 'test.yaml')).toMatchObject({
      file: 'test.yaml',
      definition: {
        name: 'test-errors',
        version: 1,
        observes: [{ occurrence: 'attempt-failed', where: { activity: 'reserveStock' }, value: 1 }],
      },
    });
  });

  it('is kept as it was written, beside what its defaults make of it', () => {
    const { definition, written } = parseDefinition(definitionYaml(), 'test.yaml');

    expect(definition.counterMetric.kpis).toEqual([]);
    expect(written).toMatchObject({ counterMetric: { because: expect.any(String) } });
    expect(written).not.toHaveProperty('counterMetric.kpis');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['made of others', derived],
    ['a share with an error budget', { ...ratio, slo: '{ period: 28d }' }],
    [
      'a level that a process measures',
      {
        formula: '{ kind: gauge, metric: m, unit: orders }',
        observes: '[{ occurrence: measured, where: { source: intake-lag }, value: amount }]',
        dimensions: '[]',
        target: '{ statistic: maximum, atMost: 5 }',
      },
    ],
    [
      'a distribution with good slices',
      {
        formula: '{ kind: distribution, metric: m, unit: seconds, good: { outcome: [completed] } }',
        observes: '[{ occurrence: step-ended, value: seconds }]',
        dimensions: '[{ name: outcome, bound: 3 }]',
        target: '{ statistic: p95, atMost: 1 }',
        thresholds: '[{ statistic: ratio, below: 0.97, windows: 3, severity: page }]',
      },
    ],
    [
      'attempts that failed in a way that is known, whatever is kept of them',
      {
        observes: '[{ occurrence: attempt-failed, where: { failure: NoStock }, value: 1 }]',
        dimensions: '[{ name: activity, bound: 5 }]',
      },
    ],
    [
      'attempts among what else has a field for the dimension of their failure',
      {
        observes:
          '[{ occurrence: order-refused, value: 1 }, { occurrence: attempt-failed, value: 1 }]',
        dimensions: '[{ name: error, from: [kind, failure], bound: 5 }]',
      },
    ],
    ['retired', { retired: 'Nobody has read it since the spring of 2026.' }],
    ['judged by windows of a week', { window: '7d' }],
  ])('may be %s', (_, changes) => {
    expect(() => parseDefinition(definitionYaml(changes), 'test.yaml')).not.toThrow();
  });

  it.each<[string, Record<string, string | undefined>, number, RegExp]>([
    ['a missing field', { title: undefined }, line.name, /^title: /],
    ['an unknown field', { colour: 'red' }, line.added, /^colour: unknown field$/],
    [
      'a misspelt field inside another',
      { owner: '{ business: Head of Supply, tech: Platform }' },
      line.owner,
      /^owner\./,
    ],
    [
      'a name that is not kebab-case',
      { name: 'Test Errors' },
      line.name,
      /^name: a kebab-case name/,
    ],
    ['a version that is no whole number', { version: '1.5' }, line.version, /^version: /],
    [
      'a day that does not exist',
      { effectiveFrom: '2026-02-30' },
      line.effectiveFrom,
      /^effectiveFrom: must be a day that there is \(2026-01-31\) or a UTC time/,
    ],
    [
      'a time without a time zone',
      { effectiveFrom: '2026-01-01T00:00:00' },
      line.effectiveFrom,
      /^effectiveFrom: /,
    ],
    ['a window that is no duration', { window: 'a minute' }, line.window, /^window: a duration/],
    ['a window of seconds', { window: '30s' }, line.window, /^window: a duration/],
    [
      'a window that no day is made of',
      { window: '7m' },
      line.window,
      /^window: must fit into a day/,
    ],
    [
      'a window of a day and a half',
      { window: '36h' },
      line.window,
      /^window: must fit into a day/,
    ],
    [
      'an occurrence that does not exist',
      observes('{ occurrence: order-lost, value: 1 }'),
      line.observes,
      /^observes\.0\.occurrence: /,
    ],
    ['no occurrence at all', { observes: '[]' }, line.observes, /^observes: name at least one/],
    [
      'observations of a derived KPI',
      { ...derived, observes: '[{ occurrence: order-refused, value: 1 }]' },
      line.observes,
      /^observes: a derived KPI is made of others/,
    ],
    [
      'a source of its own for a dimension of a derived KPI',
      { ...derived, dimensions: '[{ name: region, from: kind, bound: 5 }]' },
      line.dimensions - 1,
      /^dimensions\.0\.from: a derived KPI has the dimensions/,
    ],
    [
      'a derived KPI without a denominator',
      {
        ...derived,
        formula:
          '{ kind: derived, metric: m, unit: share, numerator: [{ kpi: a, statistic: sum }] }',
      },
      line.formula,
      /^formula\.denominator: /,
    ],
    [
      'a kind of formula that does not exist',
      { formula: '{ kind: guess, metric: m, unit: u }' },
      line.formula,
      /^formula\.kind: /,
    ],
    [
      'good slices of what is no dimension',
      { formula: '{ kind: count, metric: m, unit: u, good: { outcome: [completed] } }' },
      line.formula,
      /^formula\.good\.outcome: outcome is not a dimension$/,
    ],
    [
      'good slices of a level',
      { formula: '{ kind: gauge, metric: m, unit: u, good: { failure: [x] } }' },
      line.formula,
      /^formula\.good: unknown field$/,
    ],
    [
      'a filter on a field that the occurrence lacks',
      observes('{ occurrence: attempt-failed, where: { outcome: failed }, value: 1 }'),
      line.observes,
      /attempt-failed has no field outcome$/,
    ],
    [
      'a filter on what every object inherits',
      observes('{ occurrence: attempt-failed, where: { constructor: x }, value: 1 }'),
      line.observes,
      /attempt-failed has no field constructor$/,
    ],
    [
      'a filter on an id',
      observes('{ occurrence: attempt-failed, where: { runId: x }, value: 1 }'),
      line.observes,
      /attempt-failed has no field runId$/,
    ],
    [
      'a number where the field is a text',
      observes('{ occurrence: attempt-failed, where: { activity: 5 }, value: 1 }'),
      line.observes,
      /activity is a text$/,
    ],
    [
      'atLeast where the field is a text',
      observes('{ occurrence: attempt-failed, where: { activity: { atLeast: 5 } }, value: 1 }'),
      line.observes,
      /activity is a text$/,
    ],
    [
      'a count of something other than 1',
      observes('{ occurrence: attempt-failed, value: attempt }'),
      line.observes,
      /^observes\.0\.value: a count takes the value 1/,
    ],
    [
      'a value that the occurrence lacks',
      {
        formula: '{ kind: sum, metric: m, unit: u }',
        ...observes('{ occurrence: attempt-failed, value: seconds }'),
      },
      line.observes,
      /attempt-failed has no field seconds that is a number$/,
    ],
    [
      'a value that is a text',
      {
        formula: '{ kind: sum, metric: m, unit: u }',
        ...observes('{ occurrence: attempt-failed, value: failure }'),
      },
      line.observes,
      /attempt-failed has no field failure that is a number$/,
    ],
    [
      'a fixed value for what is no dimension',
      observes('{ occurrence: attempt-failed, value: 1, set: { colour: red } }'),
      line.observes,
      /colour is not a dimension$/,
    ],
    [
      'a dimension that no occurrence observed has',
      { dimensions: '[{ name: region, bound: 5 }]' },
      line.dimensions,
      /has the field region$/,
    ],
    [
      'a dimension that is a number',
      { dimensions: '[{ name: attempt, bound: 5 }]' },
      line.dimensions,
      /attempt is a number/,
    ],
    [
      'a dimension without bound',
      { dimensions: '[{ name: failure }]' },
      line.dimensions,
      /^dimensions\.0\.bound: /,
    ],
    [
      'a dimension twice',
      { dimensions: '[{ name: failure, bound: 5 }, { name: failure, bound: 5 }]' },
      line.dimensions,
      /two dimensions failure/,
    ],
    [
      'a dimension that is always there',
      { dimensions: '[{ name: synthetic, bound: 2 }]' },
      line.dimensions,
      /carries synthetic already$/,
    ],
    [
      'more series than anybody can read',
      { dimensions: '[{ name: failure, bound: 1000 }, { name: activity, bound: 1000 }]' },
      line.dimensions,
      /multiply to 1000000 series/,
    ],
    [
      'a filter on failures that may turn out otherwise',
      observes('{ occurrence: attempt-failed, where: { failure: unknown }, value: 1 }'),
      line.observes,
      /^observes\.0\.where\.failure: an attempt that was unknown would count still/,
    ],
    [
      'a filter on such failures among others',
      observes('{ occurrence: attempt-failed, where: { failure: [x, unknown] }, value: 1 }'),
      line.observes,
      /^observes\.0\.where\.failure: /,
    ],
    [
      'attempts without a dimension for their failure',
      { dimensions: '[{ name: activity, bound: 5 }]' },
      line.dimensions,
      /^dimensions: attempts need a dimension that takes their failure/,
    ],
    [
      'attempts with a dimension that takes another field of theirs before the failure',
      { dimensions: '[{ name: error, from: [activity, failure], bound: 5 }]' },
      line.dimensions,
      /^dimensions: attempts need a dimension/,
    ],
    [
      'attempts whose failure is covered by a fixed value',
      observes('{ occurrence: attempt-failed, value: 1, set: { failure: any } }'),
      line.dimensions,
      /^dimensions: attempts need a dimension/,
    ],
    [
      'a target both ways',
      { target: '{ statistic: p95, atMost: 1, atLeast: 1 }' },
      line.target,
      /atMost or atLeast/,
    ],
    [
      'a threshold within the target',
      { thresholds: '[{ above: 0.5, windows: 3, severity: page }]' },
      line.thresholds,
      /^thresholds\.0: must be above 1 or more, where the target is missed$/,
    ],
    [
      'a threshold on the wrong side of the target',
      { thresholds: '[{ below: 0.5, windows: 3, severity: page }]' },
      line.thresholds,
      /^thresholds\.0: must be above 1 or more, where the target is missed$/,
    ],
    [
      'a threshold both ways',
      { thresholds: '[{ above: 5, below: 1, windows: 3, severity: page }]' },
      line.thresholds,
      /above or below/,
    ],
    [
      'a threshold in no window',
      { thresholds: '[{ above: 5, windows: 0, severity: page }]' },
      line.thresholds,
      /^thresholds\.0\.windows: /,
    ],
    [
      'a severity that nobody knows',
      { thresholds: '[{ above: 5, windows: 1, severity: shout }]' },
      line.thresholds,
      /^thresholds\.0\.severity: /,
    ],
    ['no threshold at all', { thresholds: '[]' }, line.thresholds, /^thresholds: /],
    [
      'a percentile of a count',
      { target: '{ statistic: p95, atMost: 1 }' },
      line.target,
      /^target\.statistic: a count has no p95$/,
    ],
    [
      'a threshold on a figure that the formula does not give',
      { thresholds: '[{ statistic: ratio, below: 0.9, windows: 1, severity: page }]' },
      line.thresholds,
      /^thresholds\.0\.statistic: a count has no ratio$/,
    ],
    [
      'an error budget without a share to keep',
      { slo: '{ period: 28d }' },
      line.added,
      /^slo: needs a target of a ratio/,
    ],
    [
      'an error budget of nothing',
      {
        ...ratio,
        target: '{ statistic: ratio, atLeast: 1 }',
        slo: '{ period: 28d }',
      },
      line.added,
      /^slo: needs a target of a ratio that is at least something below 1/,
    ],
    [
      // 1 - 1 / (0.02 x 28 x 24) = 0.9256: the facts' 13.44 for 28 days.
      'an error budget that no failure could burn fast enough to page',
      { ...ratio, target: '{ statistic: ratio, atLeast: 0.925 }', slo: '{ period: 28d }' },
      line.added,
      /aim above 0\.9255/,
    ],
    [
      'a counter-metric without a reason',
      { counterMetric: '{ kpis: [a] }' },
      line.counterMetric,
      /^counterMetric\.because: /,
    ],
    ['no date of review', { reviewBy: 'soon' }, line.reviewBy, /^reviewBy: /],
    [
      'a justification of a single word',
      { justification: '{ clear: yes }' },
      line.justification,
      /^justification\.clear: /,
    ],
    ['a field twice', { title: 'Test errors\ntitle: again' }, 5, /keys must be unique/],
    ['a bracket that is never closed', { dimensions: '[' }, 10, /./],
  ])('is refused with file and line for %s', (_, changes, at, reason) => {
    const parsing = () => parseDefinition(definitionYaml(changes), 'kpis/test.yaml');

    expect(parsing).toThrow(OrderlyError);
    const error = thrownBy(parsing);
    expect(error).toMatchObject({
      code: 'KpiDefinitionInvalid',
      parameters: { file: 'kpis/test.yaml', line: at, detail: expect.stringMatching(reason) },
    });
    expect(String(error)).toContain(`kpis/test.yaml:${at}: `);
  });

  it.each(['', '# nothing', 'a text', '[1, 2]', '42', 'null'])(
    'is refused when the file holds %j',
    text => {
      expect(thrownBy(() => parseDefinition(text, 'x.yaml'))).toMatchObject({
        code: 'KpiDefinitionInvalid',
      });
    },
  );

  it('is refused at the line of the fault inside a block, not of the block', () => {
    const text = definitionYaml({
      observes:
        '\n  - occurrence: attempt-failed\n    where:\n      activity: reserveStock\n      colour: red\n    value: 1',
    });

    expect(thrownBy(() => parseDefinition(text, 'x.yaml'))).toMatchObject({
      parameters: { line: line.observes + 4 },
    });
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
