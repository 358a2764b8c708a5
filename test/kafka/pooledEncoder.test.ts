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

const parts = fc.array(
  fc.oneof(
    fc.record({ text: fc.string({ maxLength: 3_000, unit: 'binary' }) }),
    fc.record({ bytes: fc.uint8Array({ maxLength: 3_000 }) }),
    fc.record({ number: fc.integer() }),
  ),
);

/** As kafkajs writes records: each header by an encoder of its own, which the record takes over. */
function written(by: EncoderClass, what: readonly object[]): Buffer {
  const whole = new by();
  for (const part of what) {
    if ('text' in part) whole.writeEncoder(new by().writeVarIntString(String(part.text)));
    if ('bytes' in part) whole.writeVarIntBytes(Buffer.from(part.bytes as Uint8Array));
    if ('number' in part) whole.writeVarInt(Number(part.number));
  }
  return whole.buffer;
}

describe('what kafkajs writes into pooled buffers', () => {
  it('is the same as without, to the last byte', () => {
    expect(own).not.toBe(pooled);
    fc.assert(
      fc.property(parts, what => {
        expect(written(pooled, what).equals(written(own, what))).toBe(true);
      }),
    );
  });

  it('asks for no memory before something is written, and for none of its own where that is small', () => {
    expect(new pooled().buf.length).toBe(0);
    const memory = (by: EncoderClass) =>
      Array.from({ length: 20 }, () => new by().writeString('ce_id').buf.buffer);
    expect(new Set(memory(pooled)).size).toBeLessThanOrEqual(2);
    expect(new Set(memory(own)).size).toBe(20);
  });
});
