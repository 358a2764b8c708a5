import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  canonicalJson,
  type Difference,
  describeDifference,
  differences,
} from '../../src/kpi/differences';

/** JSON as a file would give it, without the two zeros that JSON does not tell apart. */
const json = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as unknown);

describe('the differences of two documents', () => {
  it('are the smallest parts that differ, by path', () => {
    const before = { name: 'a', target: { atMost: 1 }, steps: [1, 2], gone: true };
    const after = { name: 'a', target: { atMost: 3 }, steps: [1, 2, 5], added: 'x' };

    expect(differences(before, after)).toEqual([
      { path: 'target.atMost', before: 1, after: 3 },
      { path: 'steps.2', before: undefined, after: 5 },
      { path: 'gone', before: true, after: undefined },
      { path: 'added', before: undefined, after: 'x' },
    ]);
  });

  it.each([
    [1, [1]],
    [[], {}],
    [null, {}],
    ['a', 'b'],
  ])('between %j and %j are the whole', (before, after) => {
    expect(differences(before, after)).toEqual([{ path: '', before, after }]);
  });

  it('are none exactly where the documents are equal, in whatever order their fields stand', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(differences(a, b).length === 0).toBe(isDeepStrictEqual(a, b));
        expect(differences(a, reversed(a))).toEqual([]);
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isDeepStrictEqual(a, b));
        expect(canonicalJson(reversed(a))).toBe(canonicalJson(a));
      }),
    );
  });

  it('turn one document into the other', () => {
    const fields = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,3}$/),
      fc.oneof(fc.nat(), fc.boolean()),
    );
    fc.assert(
      fc.property(fields, fields, (before, after) => {
        expect(applied(before, differences(before, after))).toEqual({ ...after });
      }),
    );
  });
});

describe('a difference in one line', () => {
  it.each([
    [{ path: 'target.atMost', before: 1, after: 3 }, 'target.atMost: 1 -> 3'],
    [{ path: 'added', before: undefined, after: 'x' }, 'added: nothing -> "x"'],
    [{ path: 'gone', before: [1], after: undefined }, 'gone: [1] -> nothing'],
    [{ path: '', before: 1, after: 2 }, 'the whole: 1 -> 2'],
  ])('of %j', (difference, line) => {
    expect(describeDifference(difference)).toBe(line);
  });

  it('shows of long texts the part around the change', () => {
    const text = 'An order is decided within seconds, whether it is accepted or not. '.repeat(5);
    const line = describeDifference({
      path: 'objective',
      before: `${text} Always. ${text}`,
      after: `${text} Mostly. ${text}`,
    });

    expect(line).toContain('Always.');
    expect(line).toContain('Mostly.');
    expect(line.length).toBeLessThan(160);
  });
});

/** The same document, every object's fields in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

function applied(document: Readonly<Record<string, unknown>>, all: readonly Difference[]) {
  const copy = { ...document };
  for (const { path, after } of all) {
    if (after === undefined) delete copy[path];
    else copy[path] = after;
  }
  return copy;
}
