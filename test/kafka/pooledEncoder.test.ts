import fc from 'fast-check';
import type Encoder from 'kafkajs/src/protocol/encoder';
import { poolEncoderBuffers } from '../../src/kafka/pooledEncoder';

type EncoderClass = typeof Encoder;
type WriteRecord = (record: object) => Encoder;
const load = (): { encoder: EncoderClass; writeRecord: WriteRecord } => ({
  encoder: require('kafkajs/src/protocol/encoder'),
  writeRecord: require('kafkajs/src/protocol/recordBatch/record/v0'),
});

let own!: ReturnType<typeof load>;
jest.isolateModules(() => {
  own = load();
});
poolEncoderBuffers();
const pooled = load();

const text = fc.oneof(
  fc.string({ maxLength: 140 }),
  fc.string({ maxLength: 140, unit: 'binary' }),
  fc.string({ maxLength: 20, unit: fc.constantFrom('a', '\u007f', '\u0080', 'ä', '\ud800', '💥') }),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each));
const content = fc.oneof(text, bytes);
const record = fc.record({
  offsetDelta: fc.nat(),
  timestampDelta: fc.nat(),
  key: fc.option(content),
  value: fc.option(content),
  headers: fc.dictionary(text, content),
});

describe('what kafkajs writes into pooled buffers', () => {
  it('is the same as without, to the last byte', () => {
    expect(own.encoder).not.toBe(pooled.encoder);
    fc.assert(
      fc.property(fc.array(record), records => {
        const written = ({ encoder, writeRecord }: typeof own) =>
          new encoder().writeEncoderArray(records.map(writeRecord)).buffer;
        expect(written(pooled).equals(written(own))).toBe(true);
      }),
    );
  });

  it('has the same numbers, of whatever size and sign', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), numbers => {
        const written = ({ encoder }: typeof own) => {
          const all = new encoder();
          for (const number of numbers) all.writeVarInt(number).writeUVarInt(number);
          return all.writeVarIntString(null).writeVarIntBytes(null).buffer;
        };
        expect(written(pooled).equals(written(own))).toBe(true);
      }),
    );
  });

  it('asks for no memory before something is written, and for none of its own where that is small', () => {
    expect(new pooled.encoder().buf.length).toBe(0);
    const memory = ({ encoder }: typeof own) =>
      Array.from({ length: 20 }, () => new encoder().writeString('ce_id').buf.buffer);
    expect(new Set(memory(pooled)).size).toBeLessThanOrEqual(2);
    expect(new Set(memory(own)).size).toBe(20);
  });
});
