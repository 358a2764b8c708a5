import { formatLock, type Lock, parseLock, violations, withNewVersions } from '../../src/kpi/lock';
import { parseDefinition } from '../../src/kpi/parse';
import { definitionYaml } from './samples';

const fileOf = (changes: Readonly<Record<string, string | undefined>> = {}, file = 'one.v1.yaml') =>
  parseDefinition(definitionYaml(changes), file);

const first = fileOf();
const second = fileOf({ version: '2', effectiveFrom: '2026-03-01' }, 'one.v2.yaml');
const locked = withNewVersions(new Map(), [first, second]);
const empty: Lock = new Map();

describe('the lock of the definitions', () => {
  it('finds nothing wrong with what it was made of', () => {
    expect(violations(locked, [first, second])).toEqual([]);
    expect(violations(parseLock(formatLock(locked), 'versions.lock'), [first, second])).toEqual([]);
  });

  it('holds one line per version, with its digest, sorted by name and number', () => {
    const versions = ['2', '10', '1'].map(version => fileOf({ version }));
    const text = formatLock(withNewVersions(empty, [...versions, fileOf({ name: 'another' })]));

    expect(text.split('\n').map(line => line.split(' ')[0])).toEqual([
      'another@1',
      'test-errors@1',
      'test-errors@2',
      'test-errors@10',
      '',
    ]);
    expect(text).toMatch(/^another@1 sha256:[0-9a-f]{64} \{"counterMetric"/);
  });

  it('names a definition that changed without a new version, and shows how', () => {
    const changed = fileOf({ thresholds: '[{ above: 7, windows: 3, severity: page }]' });

    expect(violations(locked, [changed, second])).toMatchObject([
      {
        code: 'KpiDefinitionChanged',
        parameters: {
          file: 'one.v1.yaml',
          version: 'test-errors@1',
          diff: 'thresholds.0.above: 5 -> 7',
        },
      },
    ]);
  });

  it.each([
    ['a comment', `# a remark\n${definitionYaml()}`],
    ['another order of the fields', definitionYaml().split('\n').reverse().join('\n')],
    ['another way to write the same', definitionYaml({ window: '"1m"' })],
  ])('does not mind %s', (_, text) => {
    expect(violations(locked, [parseDefinition(text, 'one.v1.yaml'), second])).toEqual([]);
  });

  it('notices a default that is written out, since the file is not what was released', () => {
    const changed = fileOf({
      counterMetric: '{ kpis: [], because: Errors vanish where hard orders are rejected. }',
    });

    expect(violations(locked, [changed, second])).toMatchObject([{ code: 'KpiDefinitionChanged' }]);
  });

  it('names a version that it lacks, and one whose file is gone', () => {
    const third = fileOf({ version: '3', effectiveFrom: '2026-05-01' }, 'one.v3.yaml');

    expect(violations(locked, [first, third])).toMatchObject([
      {
        code: 'KpiVersionNotLocked',
        parameters: { file: 'one.v3.yaml', version: 'test-errors@3' },
      },
      { code: 'KpiVersionMissing', parameters: { version: 'test-errors@2' } },
    ]);
  });

  it('takes new versions in, and never replaces what it holds', () => {
    const changed = fileOf({ title: 'Another title' });
    const third = fileOf({ version: '3', effectiveFrom: '2026-05-01' });
    const after = withNewVersions(locked, [changed, second, third]);

    expect(after.size).toBe(3);
    expect(violations(after, [changed, second, third])).toMatchObject([
      { code: 'KpiDefinitionChanged', parameters: { version: 'test-errors@1' } },
    ]);
  });

  it.each<[string, (text: string) => string, number, RegExp]>([
    ['a line that is none', text => `${text}garbage\n`, 3, /no locked version/],
    ['a version twice', text => text + text, 3, /test-errors@1 comes twice/],
    ['a changed line', text => text.replace('Test errors', 'Best errors'), 1, /digest/],
  ])('is refused with file and line for %s', (_, change, line, detail) => {
    expect(() => parseLock(change(formatLock(locked)), 'kpis/versions.lock')).toThrow(
      expect.objectContaining({
        code: 'KpiLockInvalid',
        parameters: { file: 'kpis/versions.lock', line, detail: expect.stringMatching(detail) },
      }),
    );
  });
});
