/** What differs between two JSON documents, by path; pure. */

/** `before` or `after` is undefined where the path exists on one side only. */
export interface Difference {
  /** `thresholds.0.above` for example; empty for the whole. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The smallest parts that differ, in the order of the paths of `before`, then those that `after` adds.
 * The order of an object's fields is no difference; that of a list's items is.
 */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  const [from, to] = [partsOf(before), partsOf(after)];
  if (from === undefined || to === undefined || Array.isArray(before) !== Array.isArray(after)) {
    return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }];
  }
  return [...new Set([...from.keys(), ...to.keys()])].flatMap(key => {
    const at = path === '' ? key : `${path}.${key}`;
    return differences(from.get(key), to.get(key), at);
  });
}

const longestShown = 60;

/** One line: the path, what was, and what is; of long texts the part around the first difference. */
export function describeDifference({ path, before, after }: Difference): string {
  const [was, is] = [shown(before), shown(after)];
  const begin = firstDifference(was, is) - longestShown / 3;
  return `${path || 'the whole'}: ${excerpt(was, begin)} -> ${excerpt(is, begin)}`;
}

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : canonicalJson(value).replace(/\s+/g, ' ');

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function excerpt(text: string, begin: number): string {
  if (text.length <= longestShown) return text;
  const from = Math.max(0, Math.min(begin, text.length - longestShown));
  const to = from + longestShown;
  return `${from > 0 ? '...' : ''}${text.slice(from, to)}${to < text.length ? '...' : ''}`;
}

/** JSON with the fields of every object sorted, so that equal documents are equal texts. */
export const canonicalJson = (document: unknown): string =>
  JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** The fields of an object or the items of a list; undefined of a value that has no parts. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
