import fc from 'fast-check';
import Encoder from 'kafkajs/src/protocol/encoder';
import { ByteWalk } from '../../src/kafka/byteWalk';

/** As the protocol has it: https://protobuf.dev/programming-guides/encoding/#signed-ints */
function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)); ; rest >>= 7n) {
    const isLast = rest < 0x80n;
    bytes.push(Number(rest & 0x7fn) | (isLast ? 0 : 0x80));
    if (isLast) return Buffer.from(bytes);
  }
}

/** A double tells these and their doubles apart. */
const whole = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n });

describe('a walk through bytes', () => {
  it('reads numbers of up to 64 bits one after the other', () => {
    fc.assert(
      fc.property(fc.array(whole), values => {
        const walk = new ByteWalk(Buffer.concat(values.map(zigzag)), 0);
        expect(values.map(() => BigInt(walk.number()))).toEqual(values);
      }),
    );
  });

  it('reads bytes after their length, and nothing where there is none', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 300 }))), pieces => {
        const encoder = new Encoder();
        const buffers = pieces.map(piece => piece && Buffer.from(piece));
        for (const buffer of buffers) encoder.writeVarIntBytes(buffer);
        const walk = new ByteWalk(encoder.buffer, 0);
        expect(buffers.map(() => walk.take())).toEqual(buffers);
      }),
    );
  });

  it('gives back what is repeated, and only that', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        const [bytes, known] = [Buffer.from(a), Buffer.from(b)];
        const taken = new ByteWalk(new Encoder().writeVarIntBytes(bytes).buffer, 0).takeSharing(
          known,
        );
        expect(taken).toEqual(bytes);
        expect(taken === known).toBe(bytes.equals(known));
      }),
    );
  });

  it.each([
    ['a number', (walk: ByteWalk) => walk.number(), [0x80]],
    ['bytes', (walk: ByteWalk) => walk.take(), [0x04, 0x61]],
    ['bytes that are known', (walk: ByteWalk) => walk.takeSharing(Buffer.from('aa')), [0x04, 0x61]],
  ])('refuses %s that breaks off', (_, read, bytes) => {
    expect(() => read(new ByteWalk(Buffer.from(bytes), 0))).toThrow('breaks off');
  });

  it('refuses a number of more bytes than any has', () => {
    const walk = new ByteWalk(Buffer.alloc(11, 0x80), 0);
    expect(() => walk.number()).toThrow('too many bytes');
  });
});
