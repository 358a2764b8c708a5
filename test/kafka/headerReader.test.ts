import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import { readHeadersAtOnce } from '../../src/kafka/headerReader';
import { type Headers, headerText } from '../../src/kafka/record';

type Header = readonly [name: string, value: Buffer | null];

const decodeRecord: (decoder: Decoder, batch: object) => { headers: Headers; value: Buffer } =
  require('kafkajs/src/protocol/recordBatch/record/v0/decoder');

readHeadersAtOnce();

/** A record with headers as they are on the wire: any number of each name. */
function written(headers: readonly Header[]): Buffer {
  const record = new Encoder();
  // Attributes, and the distances to the batch's time and offset: each a byte that is zero.
  for (let i = 0; i < 3; i++) record.writeVarInt(0);
  record.writeVarIntBytes(null).writeVarIntBytes(Buffer.from('value'));
  record.writeVarInt(headers.length);
  for (const [name, value] of headers) record.writeVarIntString(name).writeVarIntBytes(value);
  return record.buffer;
}

/** What kafkajs reads of a record. */
function headersOf(record: Buffer): Headers {
  const batch = { firstOffset: '0', firstTimestamp: '0' };
  const { headers, value } = decodeRecord(new Decoder(record), batch);
  expect(value.toString()).toBe('value');
  return headers;
}

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'ce_id', 'ce_ia', ''),
);
const values = fc.option(fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)));

describe('headers of a record that kafkajs reads', () => {
  it('are the last value of each name, whatever the names and in whatever record before', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(names, values), { maxLength: 40 })), records => {
        for (const headers of records) {
          const last = new Map<string, Buffer>();
          for (const [name, value] of headers) {
            if (value !== null) last.set(Buffer.from(name).toString(), value);
          }
          expect(new Map(Object.entries(headersOf(written(headers))))).toEqual(last);
        }
      }),
    );
  });

  it('are none where there is no value, and none that every object has', () => {
    const given = [
      ['a', Buffer.from('ä')],
      ['b', Buffer.from('1')],
      ['b', null],
      ['c', null],
    ] as const;
    const headers = headersOf(written(given));
    expect(headerText(headers, 'a')).toBe('ä');
    expect(headerText(headers, 'b')).toBe('1');
    expect(headerText(headers, 'c')).toBeUndefined();
    expect(headerText(headers, 'toString')).toBeUndefined();
  });

  it('go by names that were copied out of the answer in which they came', () => {
    const value = Buffer.from('1');
    const record = written([['aaaa', value]]);
    headersOf(record);
    record.fill('b');
    for (const name of ['bbbb', 'aaaa']) {
      expect(Object.keys(headersOf(written([[name, value]])))).toEqual([name]);
    }
  });
});
