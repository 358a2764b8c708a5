import { comparisonLine } from '../../../src/cli/kpi/windowsTable';
import { catalogueOf, definitionYaml } from '../../kpi/samples';

const [perHour, perMinute, share] = [
  { name: 'a', window: '1h', target: '{ statistic: sum, atMost: 20 }' },
  { name: 'b', window: '1h', target: '{ statistic: sumPerMinute, atMost: 20 }' },
  {
    name: 'c',
    formula: '{ kind: ratio, metric: m, unit: share }',
    target: '{ statistic: ratio, atMost: 0.2 }',
  },
].map(changes => {
  const thresholds = '[{ above: 30, windows: 3, severity: page }]';
  return catalogueOf(definitionYaml({ ...changes, thresholds })).definitions[0]!;
});

const whole = { slice: {}, state: 'complete', value: 21, previous: null, delta: null } as const;

describe('the line that compares a whole time with the target', () => {
  it('says for how long a time a sum has its target, and whether it is met', () => {
    expect(comparisonLine(perHour!, { ...whole, met: false })).toBe(
      'sum 21 errors (complete), target at most 20 errors in 1 hour: missed; not known before',
    );
  });

  it('gives no verdict on a sum over another time', () => {
    expect(comparisonLine(perHour!, { ...whole, met: null })).toBe(
      'sum 21 errors (complete), target at most 20 errors in 1 hour: not judged over another time; not known before',
    );
  });

  it('tells a difference in the unit of the figures, of shares in percentage points', () => {
    const sums = { ...whole, met: false, previous: 14, delta: 7 };
    expect(comparisonLine(perHour!, sums)).toMatch(/; 14 errors before \(\+7 errors\)$/);

    const shares = { ...whole, met: true, value: 0.02, previous: 0.03, delta: -0.01 };
    expect(comparisonLine(share!, shares)).toMatch(/; 3 % before \(-1 percentage points\)$/);
  });

  it('needs no time for what does not grow with it', () => {
    expect(comparisonLine(perMinute!, { ...whole, met: false })).toBe(
      'sum per minute 21 errors (complete), target at most 20 errors: missed; not known before',
    );
  });
});
