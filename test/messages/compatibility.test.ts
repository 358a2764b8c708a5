import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messages } from '../../src/messages';
import { incompatibilities } from '../../src/messages/compatibility';
import { type JsonSchema, jsonSchemaOf } from '../../src/messages/jsonSchema';

const releasedFolder = join(__dirname, '../../schemas/released');

describe('a released schema', () => {
  it.each(readdirSync(releasedFolder))('%s keeps its promise', file => {
    const [type, released] = file.split(/\.v|\.json/);
    const message = messages.find(known => known.type === type);
    if (message === undefined) throw new Error(`no message of type ${type} is defined any more`);
    expect(message.version).toBeGreaterThanOrEqual(Number(released));
    if (message.version > Number(released)) return;
    const schema: JsonSchema = JSON.parse(readFileSync(join(releasedFolder, file), 'utf8'));
    expect(incompatibilities(schema, jsonSchemaOf(message))).toEqual([]);
  });
});

const released = z.object({
  id: z.string().regex(/^a+$/),
  count: z.int().min(1).max(10),
  size: z.enum(['small', 'large']),
  lines: z.array(z.object({ code: z.string(), note: z.string().optional() })).max(5),
  note: z.string().optional(),
});

const judge = (current: z.ZodType) =>
  incompatibilities(
    z.toJSONSchema(released, { io: 'input' }),
    z.toJSONSchema(current, { io: 'input' }),
  );

describe('a schema may take the place of a released one', () => {
  const { shape } = released;
  it.each<[string, z.ZodType]>([
    ['that is the same', released],
    ['when only words for people differ', released.extend({ id: shape.id.describe('The id.') })],
    ['with a further optional field', released.extend({ more: z.string().optional() })],
    ['with wider bounds', released.extend({ count: z.int().min(0).max(11) })],
    ['with a further choice', released.extend({ size: z.enum(['large', 'small', 'huge']) })],
    [
      'with longer lists and a further optional field in them',
      released.extend({
        lines: z.array(shape.lines.element.extend({ more: z.int().optional() })).max(6),
      }),
    ],
  ])('%s', (_, current) => {
    expect(judge(current)).toEqual([]);
  });
});

describe('a schema may not take the place of a released one', () => {
  const { shape } = released;
  it.each<[string, z.ZodType, string]>([
    [
      'when a field is newly required',
      released.required(),
      'the whole: required has note in addition',
    ],
    [
      'with a new field that is required',
      released.extend({ more: z.string() }),
      'the whole: required has more in addition',
    ],
    [
      'when a required field becomes optional',
      released.partial({ id: true }),
      'the whole: required lacks id',
    ],
    [
      'without an optional field',
      released.omit({ note: true }),
      'the whole: properties lacks note',
    ],
    [
      'with a lower maximum',
      released.extend({ count: z.int().min(1).max(9) }),
      'count: maximum is tighter',
    ],
    [
      'with a higher minimum',
      released.extend({ count: z.int().min(2).max(10) }),
      'count: minimum is tighter',
    ],
    ['with another type', released.extend({ count: z.string() }), 'count: type has changed'],
    ['with fewer choices', released.extend({ size: z.enum(['small']) }), 'size: enum lacks large'],
    [
      'with another pattern',
      released.extend({ id: z.string().regex(/^b+$/) }),
      'id: pattern has changed',
    ],
    [
      'with a bound where there was none',
      released.extend({ note: z.string().max(9).optional() }),
      'note: maxLength is tighter',
    ],
    [
      'with choices where there were none',
      released.extend({ note: z.enum(['a']).optional() }),
      'note: enum is new',
    ],
    [
      'when a field in a list vanishes',
      released.extend({ lines: z.array(shape.lines.element.omit({ note: true })).max(5) }),
      'lines[]: properties lacks note',
    ],
    [
      'with a shorter list',
      released.extend({ lines: shape.lines.max(4) }),
      'lines: maxItems is tighter',
    ],
  ])('%s', (_, current, reason) => {
    expect(judge(current)).toContain(reason);
  });
});
