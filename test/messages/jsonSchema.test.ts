import fc from 'fast-check';
import { messages } from '../../src/messages';
import { jsonSchemaOf, schemaFileName } from '../../src/messages/jsonSchema';
import { orderReceived } from '../../src/messages/orderReceived';
import { arbitraryOrder } from '../support/arbitraryOrder';
import { jsonSchemaValidator } from '../support/jsonSchemaValidator';

/** The paths of all fields of a schema that lack a description. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items } = schema as {
    properties?: Record<string, { description?: string }>;
    items?: { description?: string };
  };
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(field, `${path}.${name}`),
  ]);
  return [...fields, ...undescribed(items, `${path}[]`)];
}

describe('the JSON Schema of a message', () => {
  it.each(messages)('accepts the example of $type', message => {
    const validate = jsonSchemaValidator(message);
    validate(message.example);
    expect(validate.errors).toBeNull();
  });

  it.each(messages)('describes every field of $type', message => {
    expect(undescribed(jsonSchemaOf(message))).toEqual([]);
  });

  it.each(messages)('of $type names itself by type and version', message => {
    const { $id, $schema, title, examples } = jsonSchemaOf(message);
    expect($id).toBe(`urn:orderly:schema:${message.type}:${message.version}`);
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(title).toBe(message.title);
    expect(examples).toEqual([message.example]);
    expect(schemaFileName(message)).toBe(`${message.type}.v${message.version}.json`);
  });

  it('accepts every order that zod accepts', () => {
    const validate = jsonSchemaValidator(orderReceived);
    fc.assert(
      fc.property(arbitraryOrder, order => {
        expect(orderReceived.schema.parse(order)).toEqual(order);
        validate(order);
        expect(validate.errors).toBeNull();
      }),
    );
  });

  it('agrees with zod about orders of which one field was replaced or removed', () => {
    const validate = jsonSchemaValidator(orderReceived);
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(arbitraryOrder, fc.nat(), replacement, (order, choice, value) => {
        const mutant = withOneFieldReplaced(order, choice, value);
        const accepted = orderReceived.schema.safeParse(mutant).success;
        verdicts[accepted ? 'accepted' : 'refused']++;
        expect(validate(mutant)).toBe(accepted);
      }),
      { numRuns: 1000 },
    );
    expect(verdicts.accepted).toBeGreaterThan(10);
    expect(verdicts.refused).toBeGreaterThan(100);
  });
});

const replacement = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2024-02-29T00:00:00Z',
    '2026-01-31T09:30Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31 09:30:00Z',
    '😀'.repeat(60),
    '😀'.repeat(101),
    '\u2028text',
    '\ud800',
    'a@b',
    'EUR',
    'eur',
  ),
  fc.constantFrom(-1, 0, 1, 1.5, 1_000_000, 1_000_001, 2 ** 53, 1e300),
);

type Path = readonly (string | number)[];

/** The paths of everything inside a JSON value. */
function pathsOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    [name],
    ...pathsOf(inner).map(path => [name, ...path]),
  ]);
}

/** A copy with one field set to `value`, or removed where that is undefined. */
function withOneFieldReplaced(order: unknown, choice: number, value: unknown): unknown {
  const copy: unknown = structuredClone(order);
  const paths = pathsOf(copy);
  const path = paths[choice % paths.length]!;
  const parent = path.slice(0, -1).reduce((at, name) => (at as never)[name], copy) as Record<
    string,
    unknown
  >;
  parent[path.at(-1)!] = value;
  return JSON.parse(JSON.stringify(copy));
}
