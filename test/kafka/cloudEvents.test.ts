import fc from 'fast-check';
import { OrderlyError } from '../../src/errors';
import { type CloudEventAttributes, decode, encode } from '../../src/kafka/cloudEvents';

const limit = 1_000_000;
const data = { orderId: 'A-1', note: 'für 李' };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const event: CloudEventAttributes = {
  id: '7b0c',
  source: 'urn:shop',
  type: 'OrderReceived',
  time: '2026-01-31T09:30:00Z',
  subject: 'A-1',
  dataschema: 'urn:orderly:schema:OrderReceived:1',
};
const binaryHeaders = {
  ce_specversion: '1.0',
  ...Object.fromEntries(Object.entries(event).map(([name, value]) => [`ce_${name}`, value])),
  'content-type': 'application/json; charset=utf-8',
};
const structuredHeaders = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

function record(value: unknown, headers: Record<string, string | Buffer> = {}) {
  return {
    value: Buffer.isBuffer(value) || value === null ? value : Buffer.from(JSON.stringify(value)),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, content]) => [name, Buffer.from(content)]),
    ),
  };
}

function refusal(value: unknown, headers: Record<string, string | Buffer> = {}): OrderlyError {
  try {
    decode(record(value, headers), limit);
  } catch (thrown) {
    if (thrown instanceof OrderlyError) return thrown;
    throw thrown;
  }
  throw new Error('it was taken');
}

describe('a record', () => {
  it('of plain JSON is its data', () => {
    expect(decode(record(data), limit)).toEqual({ data });
  });

  it('in binary mode is its data with the attributes of its headers', () => {
    expect(decode(record(data, binaryHeaders), limit)).toEqual({ data, event });
  });

  it('in structured mode is the data and attributes of its value', () => {
    const envelope = { specversion: '1.0', ...event, data };
    expect(decode(record(envelope, structuredHeaders), limit)).toEqual({ data, event });
  });

  it('in structured mode may hold its data in base64', () => {
    const data_base64 = Buffer.from(JSON.stringify(data)).toString('base64');
    const envelope = { specversion: '1.0', ...event, data_base64 };
    expect(decode(record(envelope, structuredHeaders), limit)).toEqual({ data, event });
  });

  it('needs no more attributes than CloudEvents requires; null is none', () => {
    const { id, source, type } = event;
    const envelope = { specversion: '1.0', id, source, type, time: null, data: null };
    expect(decode(record(envelope, structuredHeaders), limit)).toEqual({
      data: null,
      event: { id, source, type },
    });
  });

  it('brings its trace along in each form', () => {
    const envelope = { specversion: '1.0', ...event, data };
    for (const { value, headers } of [
      record(data, { traceparent }),
      record(data, { ...binaryHeaders, traceparent }),
      record(envelope, { ...structuredHeaders, traceparent }),
    ]) {
      expect(decode({ value, headers }, limit).traceparent).toBe(traceparent);
    }
  });

  it.each([
    ['of another length', `${traceparent}0`],
    ['in capitals', traceparent.toUpperCase()],
    ['of the forbidden version', `ff${traceparent.slice(2)}`],
    ['without trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['without parent', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['that is empty', ''],
    ['that is not UTF-8', Buffer.from([0xff, 0xfe])],
    ['that is huge', 'a'.repeat(500_000)],
  ])('is taken without a traceparent %s', (_, malformed) => {
    expect(decode(record(data, { traceparent: malformed }), limit)).toEqual({ data });
  });

  it('may have headers of any content that mean nothing here', () => {
    const poison = {
      __proto__x: '\u0000',
      constructor: Buffer.from([0xff]),
      'x-y': 'a'.repeat(9e5),
    };
    expect(decode(record(data, poison), limit)).toEqual({ data });
  });

  it('may have a content-type that can not be read, as long as it does not claim to be an event', () => {
    expect(decode(record(data, { 'content-type': Buffer.from([0xff]) }), limit)).toEqual({ data });
  });
});

describe('a record without a usable value is refused', () => {
  it.each([
    ['null', null],
    ['empty', Buffer.alloc(0)],
  ])('when it is %s', (_, value) => {
    expect(refusal(value).code).toBe('EmptyMessage');
  });

  it('when it has one byte more than is taken', () => {
    const value = Buffer.from(JSON.stringify('x'.repeat(98)));
    expect(decode({ value, headers: {} }, 100).data).toBe('x'.repeat(98));
    expect(() => decode({ value, headers: {} }, 99)).toThrow(
      expect.objectContaining({ code: 'MessageTooLarge', parameters: { bytes: 100, limit: 99 } }),
    );
  });

  it.each([
    ['when it is a bare word', Buffer.from('hello'), 'it does not parse'],
    ['when it ends early', Buffer.from('{"a":1'), 'it does not parse at position 6'],
    ['when it is blank', Buffer.from('  '), 'it does not parse'],
    ['when it is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'it is not UTF-8'],
    [
      'when it holds half a surrogate pair',
      Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
      'it is not UTF-8',
    ],
    [
      'when it begins with a byte order mark',
      Buffer.from('\ufeff{}'),
      'it begins with a byte order mark',
    ],
    ['when it is UTF-16', Buffer.from('{}', 'utf16le'), 'it does not parse'],
  ])('%s', (_, value, detail) => {
    const { code, parameters } = refusal(value);
    expect(code).toBe('NotJson');
    expect(parameters.detail).toMatch(new RegExp(`^${detail}`));
  });

  it('without a word of its content in the reason', () => {
    expect(refusal(Buffer.from('{"email": ada@example.com}')).message).not.toMatch(/ada|email/);
  });
});

describe('a record that stands for a batch', () => {
  it('is refused with the place of the batch and what is wrong with it, whatever its value is', () => {
    const unreadable = { firstOffset: '7', detail: 'it is damaged' };
    expect(() => decode({ ...record(data), unreadable }, limit)).toThrow(
      /from offset 7 to this one .*: it is damaged$/,
    );
  });
});

describe('a deeply nested record', () => {
  const nested = '['.repeat(500_000) + ']'.repeat(500_000);

  it('is read without exhausting the stack', () => {
    expect(Array.isArray(decode({ value: Buffer.from(nested), headers: {} }, limit).data)).toBe(
      true,
    );
  });

  it('is refused when it never closes', () => {
    expect(refusal(Buffer.from('{"a":'.repeat(200_000))).code).toBe('NotJson');
  });
});

describe('a record that claims to be a CloudEvent is refused', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(binaryHeaders).filter(([header]) => header !== `ce_${name}`));

  it.each(['id', 'source', 'type', 'specversion'])('without %s', name => {
    expect(refusal(data, without(name))).toMatchObject({
      code: 'CloudEventInvalid',
      parameters: { detail: `it has no ${name}` },
    });
  });

  it.each<[string, Record<string, string | Buffer>, string]>([
    ['of another version', { ce_specversion: '0.3' }, 'its specversion is not 1.0'],
    ['with an empty id', { ce_id: '' }, 'its id is not a text'],
    ['with an id that is not UTF-8', { ce_id: Buffer.from([0xff]) }, 'its id is not UTF-8'],
    ['with a huge id', { ce_id: 'x'.repeat(1025) }, 'its id has more than 1024 characters'],
    [
      'with a line break in its source',
      { ce_source: 'a\nb' },
      'its source has characters that no attribute may have',
    ],
    ['with a time that is none', { ce_time: 'yesterday' }, 'its time is not RFC 3339'],
    ['with an empty subject', { ce_subject: '' }, 'its subject is not a text'],
    [
      'as a batch',
      { 'content-type': 'application/cloudevents-batch+json' },
      'its content-type is not application/cloudevents+json',
    ],
    [
      'as Avro',
      { 'content-type': 'application/cloudevents+avro' },
      'its content-type is not application/cloudevents+json',
    ],
  ])('%s', (_, headers, detail) => {
    expect(refusal(data, { ...binaryHeaders, ...headers })).toMatchObject({
      code: 'CloudEventInvalid',
      parameters: { detail },
    });
  });

  const envelope = { specversion: '1.0', ...event };
  it.each<[string, unknown, string]>([
    ['whose value is an array', [], 'its value is not a JSON object'],
    ['whose value is null', Buffer.from('null'), 'its value is not a JSON object'],
    ['without data', envelope, 'it has not exactly one of data and data_base64'],
    [
      'with data twice',
      { ...envelope, data, data_base64: '' },
      'it has not exactly one of data and data_base64',
    ],
    [
      'with data_base64 that is none',
      { ...envelope, data_base64: '%' },
      'its data_base64 is not base64',
    ],
    [
      'with a numeric data_base64',
      { ...envelope, data_base64: 7 },
      'its data_base64 is not a text',
    ],
    ['with a numeric id', { ...envelope, id: 7, data }, 'its id is not a text'],
    [
      'with half a surrogate pair in its id',
      { ...envelope, id: '\ud800', data },
      'its id has characters that no attribute may have',
    ],
    [
      'with attributes of a __proto__',
      Buffer.from(`{"__proto__":${JSON.stringify(envelope)},"data":1}`),
      'it has no specversion',
    ],
  ])('%s', (_, value, detail) => {
    expect(refusal(value, structuredHeaders)).toMatchObject({
      code: 'CloudEventInvalid',
      parameters: { detail },
    });
  });

  it('when its own value is not JSON', () => {
    expect(refusal(Buffer.from('{'), structuredHeaders).code).toBe('NotJson');
    expect(refusal(Buffer.from('{'), binaryHeaders).code).toBe('NotJson');
  });
});

describe('whatever arrives', () => {
  it('is taken or refused by name', () => {
    const names = fc.constantFrom(
      ...Object.keys(binaryHeaders),
      'traceparent',
      'ce___proto__',
      'x',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
      fc.string().map(text => Buffer.from(text)),
      fc
        .constantFrom(...Object.values(binaryHeaders), 'application/cloudevents+json')
        .map(text => Buffer.from(text)),
    );
    const values = fc.oneof(
      bytes,
      fc.json().map(text => Buffer.from(text)),
      fc.constant(null),
    );
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(values, fc.dictionary(names, bytes), (value, headers) => {
        try {
          decode({ value, headers }, 100);
          taken.yes++;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(OrderlyError);
          taken.no++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(taken.yes).toBeGreaterThan(0);
    expect(taken.no).toBeGreaterThan(0);
  });
});

describe('an event of ours', () => {
  const outgoing = { type: 'OrderConfirmed', id: 'OrderConfirmed:A-1', key: 'A-1', data };

  it('is written in binary mode, with the schema of its type', () => {
    expect(encode({ ...outgoing, time: '2026-01-31T09:30:00Z', traceparent })).toEqual({
      key: 'A-1',
      value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0',
        ce_id: 'OrderConfirmed:A-1',
        ce_source: 'urn:orderly',
        ce_type: 'OrderConfirmed',
        ce_subject: 'A-1',
        ce_time: '2026-01-31T09:30:00Z',
        ce_dataschema: 'urn:orderly:schema:OrderConfirmed:1',
        'content-type': 'application/json',
        traceparent,
      },
    });
  });

  it('has no header without a value', () => {
    expect(Object.keys(encode({ ...outgoing, type: 'Unheard' }).headers)).toEqual([
      'ce_specversion',
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_subject',
      'content-type',
    ]);
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('urn:shop', undefined), (content, source) => {
        const { value, headers } = encode({ ...outgoing, data: content, source, traceparent });
        const decoded = decode(record(Buffer.from(value), headers), limit);
        expect(JSON.stringify(decoded.data)).toBe(JSON.stringify(content));
        expect(decoded).toMatchObject({
          traceparent,
          event: { id: outgoing.id, source: source ?? 'urn:orderly', type: outgoing.type },
        });
      }),
    );
  });
});
