import fc from 'fast-check';
import type Encoder from 'kafkajs/src/protocol/encoder';
import { poolEncoderBuffers } from '../../src/kafka/pooledEncoder';

type EncoderClass = typeof Encoder;
const load = (): EncoderClass => require('kafkajs/src/protocol/encoder');

let own!: EncoderClass;
jest.isolateModules(() => {
  own = load();
});
poolEncoderBuffers();
const pooled = load();

describe('what kafkajs writes into pooled buffers', () => {
  it('is the same as without, to the last byte', () => {
    expect(own).not.toBe(pooled);
    const part = fc.tuple(fc.string({ maxLength: 300, unit: 'binary' }), fc.integer());
    fc.assert(
      fc.property(fc.array(part), parts => {
        const written = (encoder: EncoderClass) =>
          parts.reduce(
            (all, [text, number]) =>
              all.writeEncoder(new encoder().writeString(text).writeInt32(number)),
            new encoder(),
          ).buffer;
        expect(written(pooled).equals(written(own))).toBe(true);
      }),
    );
  });

  it('asks for no memory before something is written, and for none of its own where that is small', () => {
    expect(new pooled().buf.length).toBe(0);
    const memory = (encoder: EncoderClass) =>
      Array.from({ length: 20 }, () => new encoder().writeString('ce_id').buf.buffer);
    expect(new Set(memory(pooled)).size).toBeLessThanOrEqual(2);
    expect(new Set(memory(own)).size).toBe(20);
  });
});
