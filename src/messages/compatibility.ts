/**
 * Whether a JSON Schema may take the place of a released one under the same version: every message that
 * was valid stays valid, and no field vanishes or becomes optional, so that readers still find what they
 * read. It knows the keywords whose change can be judged; any other change counts as incompatible.
 */
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './jsonSchema';

/** What breaks the promise of a release, one line each; none where the schemas are compatible. */
export function incompatibilities(released: JsonSchema, current: JsonSchema, path = ''): string[] {
  const keywords = new Set([...Object.keys(released), ...Object.keys(current)]);
  return [...keywords].flatMap(keyword => {
    const before = released[keyword];
    const now = current[keyword];
    if (annotations.has(keyword) || isDeepStrictEqual(before, now)) return [];
    const at = `${path || 'the whole'}: ${keyword}`;
    const judge = judges[keyword] ?? (() => [`${at} has changed`]);
    return judge(before, now, at, path);
  });
}

type Judge = (before: unknown, now: unknown, at: string, path: string) => string[];

const annotations = new Set(['$schema', '$id', 'title', 'description', 'examples']);

/** A bound may go away or move outwards. */
const bound =
  (tighter: (before: number, now: number) => boolean): Judge =>
  (before, now, at) =>
    now === undefined ||
    (typeof before === 'number' && typeof now === 'number' && !tighter(before, now))
      ? []
      : [`${at} is tighter`];

const atMost = bound((before, now) => now < before);
const atLeast = bound((before, now) => now > before);

const judges: Readonly<Record<string, Judge>> = {
  maximum: atMost,
  maxLength: atMost,
  maxItems: atMost,
  minimum: atLeast,
  minLength: atLeast,
  minItems: atLeast,
  enum: (before, now, at) => {
    if (now === undefined) return [];
    if (before === undefined) return [`${at} is new`];
    return missing(before, now).map(value => `${at} lacks ${value}`);
  },
  required: (before, now, at) => [
    ...missing(before, now).map(field => `${at} lacks ${field}`),
    ...missing(now, before).map(field => `${at} has ${field} in addition`),
  ],
  properties: (before, now, at, path) =>
    Object.entries(fieldsOf(before)).flatMap(([name, schema]) => {
      const successor = fieldsOf(now)[name];
      if (successor === undefined) return [`${at} lacks ${name}`];
      return incompatibilities(schema, successor, path === '' ? name : `${path}.${name}`);
    }),
  items: (before, now, at, path) =>
    isSchema(before) && isSchema(now)
      ? incompatibilities(before, now, `${path}[]`)
      : [`${at} has changed`],
};

const missing = (from: unknown, among: unknown): unknown[] =>
  listOf(from).filter(value => !listOf(among).includes(value));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsOf = (value: unknown): Readonly<Record<string, JsonSchema>> =>
  isSchema(value) ? (value as Record<string, JsonSchema>) : {};
