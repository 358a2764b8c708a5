import fc from 'fast-check';
import { ByteWalk } from '../../src/kafka/byteWalk';
import { ByteWriter } from '../../src/kafka/byteWriter';
import { anyContent } from '../support/arbitraryContent';

const walkOver = (writer: ByteWriter) => new ByteWalk(writer.from(0), 0);

describe('ByteWriter', () => {
  it('writes what ByteWalk reads', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.option(anyContent))), parts => {
        const writer = new ByteWriter();
        for (const [number, content] of parts) {
          writer.number(number);
          writer.content(content);
        }
        const walk = walkOver(writer);
        for (const [number, content] of parts) {
          expect(walk.number()).toBe(number);
          expect(walk.take()).toEqual(content === null ? null : Buffer.from(content));
        }
        expect(walk.at).toBe(writer.length);
      }),
    );
  });

  it.each([0, -1, 63, 64, 8_191, 8_192, 2 ** 31, 2 ** 40 + 1, 2 ** 52])('writes %d', number => {
    const writer = new ByteWriter();
    writer.number(number);
    expect(walkOver(writer).number()).toBe(number);
  });

  it.each([0, 1, 63, 64, 65, 8_191, 8_192, 100_000])(
    'puts the length before what has %d bytes, and goes on behind it',
    size => {
      const writer = new ByteWriter();
      const begin = writer.beginSized();
      for (let i = 0; i < size; i++) writer.int8(i % 100);
      writer.endSized(begin);
      writer.number(7);
      const walk = walkOver(writer);
      expect(walk.take()).toEqual(Buffer.from(Array.from({ length: size }, (_, i) => i % 100)));
      expect(walk.number()).toBe(7);
    },
  );
});
