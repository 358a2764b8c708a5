import fc from 'fast-check';
import Encoder from 'kafkajs/src/protocol/encoder';
import { ByteWalk } from '../../src/kafka/byteWalk';
import { type Headers, headerText } from '../../src/kafka/record';
import { readHeaders, textOf } from '../../src/kafka/recordHeaders';

type Header = readonly [name: string, value: Buffer | null];

/** Headers as they are on the wire: any number of each name. */
function written(headers: readonly Header[]): Buffer {
  const encoder = new Encoder();
  encoder.writeVarInt(headers.length);
  for (const [name, value] of headers) encoder.writeVarIntString(name).writeVarIntBytes(value);
  return encoder.buffer;
}

const read = (bytes: Buffer): Headers => readHeaders(new ByteWalk(bytes, 0));

/** Few, so that they come again. */
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'ce_id', 'ce_ia', ''),
);
const values = fc.option(
  fc.oneof(
    fc.constantFrom('a', 'b', 'ä').map(text => Buffer.from(text)),
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  ),
);

describe('headers of records', () => {
  it('are the last value of each name, whatever the records before', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(names, values), { maxLength: 40 })), records => {
        for (const headers of records) {
          const last = new Map<string, Buffer>();
          for (const [name, value] of headers) {
            if (value !== null) last.set(Buffer.from(name).toString(), value);
          }
          expect(new Map(Object.entries(read(written(headers))))).toEqual(last);
        }
      }),
    );
  });

  it('are none where there is no value, and none that every object has', () => {
    const headers = read(
      written([
        ['a', Buffer.from('ä')],
        ['b', Buffer.from('1')],
        ['b', null],
        ['c', null],
      ]),
    );
    expect(headerText(headers, 'a')).toBe('ä');
    expect(headerText(headers, 'b')).toBe('1');
    expect(headerText(headers, 'c')).toBeUndefined();
    expect(headerText(headers, 'toString')).toBeUndefined();
  });

  it('go by names that were copied out of the answer in which they came', () => {
    const value = Buffer.from('1');
    const record = written([['aaaa', value]]);
    read(record);
    record.fill('b');
    for (const name of ['bbbb', 'aaaa']) {
      expect(Object.keys(read(written([[name, value]])))).toEqual([name]);
    }
  });

  it('have one and the same value where it comes again and again, also after it became another', () => {
    for (const value of ['one', 'other']) {
      const records = Array.from({ length: 1_000 }, () =>
        written([['source', Buffer.from(value)]]),
      );
      const seen = records.map(record => {
        const { source } = read(record);
        record.fill(0);
        return source;
      });
      expect(new Set(seen.slice(500)).size).toBe(1);
      expect(seen.at(-1)).toEqual(Buffer.from(value));
    }
  });

  it('break off as an error', () => {
    expect(() => read(written([['a', Buffer.from('1')]]).subarray(0, -1))).toThrow('breaks off');
  });
});

describe('the text of a header', () => {
  it('is none where it is not UTF-8, be it known or not', () => {
    for (const value of [Buffer.from([0xff, 0xfe]), Buffer.from('ä')]) {
      const isText = value.toString().includes('ä');
      const record = written([['text', value]]);
      for (let i = 0; i < 300; i++) {
        expect(textOf(read(record).text!)).toBe(isText ? 'ä' : undefined);
      }
    }
  });
});
