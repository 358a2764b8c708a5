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
  owner: 13,
  justification: 16,
};

describe('a KPI definition', () => {
  it('is read from YAML', () => {
    expect(parseDefinition(definitionYaml(), 'test.yaml')).toMatchObject({
      name: 'test-errors',
      version: 1,
      observes: [{ occurrence: 'attempt-failed', where: { activity: 'reserveStock' }, value: 1 }],
    });
  });

  it.each<[string, Record<string, string | undefined>, number, RegExp]>([
    ['a missing field', { title: undefined }, line.name, /^title: /],
    ['an unknown field', { severity: 'page\ncolour: red' }, 13, /^colour: unknown field$/],
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
      /^effectiveFrom: /,
    ],
    [
      'a time without a time zone',
      { effectiveFrom: '2026-01-01T00:00:00' },
      line.effectiveFrom,
      /^effectiveFrom: /,
    ],
    ['a window that is no duration', { window: 'a minute' }, line.window, /^window: a duration/],
    [
      'an occurrence that does not exist',
      observes('{ occurrence: order-lost, value: 1 }'),
      line.observes,
      /^observes\.0\.occurrence: /,
    ],
    ['no occurrence at all', { observes: '[]' }, line.observes, /^observes: /],
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
      'a target both ways',
      { target: '{ statistic: p95, atMost: 1, atLeast: 1 }' },
      line.target,
      /atMost or atLeast/,
    ],
    [
      'a threshold within the target',
      { thresholds: '{ warning: 0.5, critical: 10 }' },
      line.thresholds,
      /beyond the target/,
    ],
    [
      'thresholds in the wrong order',
      { thresholds: '{ warning: 10, critical: 5 }' },
      line.thresholds,
      /beyond the target/,
    ],
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
