import fc from 'fast-check';
import { decompress as unzstd } from 'fzstd';
import { compressFrame } from 'lz4-napi';
import { compress } from 'snappy';
import { lz4Bytes, snappyBytes, zstdBytes } from '../../src/kafka/unpackedSize';

/** Bytes in runs, some of which can be packed and some can not. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 5_000 }),
      fc.tuple(fc.nat(255), fc.nat(200_000)).map(([byte, length]) => Buffer.alloc(length, byte)),
    ),
    { maxLength: 8 },
  )
  .map(runs => Buffer.concat(runs));

const header = (type: number, length: number, isLast: boolean): Buffer => {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE((length << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return bytes;
};

/** A Zstandard frame of blocks that are raw or one byte repeated, with one of the ways to begin it. */
const zstdFrames = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }).map(raw => ({ type: 0, body: raw, content: raw })),
        fc.tuple(fc.nat(255), fc.nat(131_072)).map(([byte, length]) => {
          return { type: 1, body: Uint8Array.of(byte), content: Buffer.alloc(length, byte) };
        }),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    fc.constantFrom('window', 'size of 1', 'size of 2', 'size of 4', 'size of 8'),
  )
  .map(([blocks, form]) => {
    const content = Buffer.concat(blocks.map(block => block.content));
    const body = blocks.map((block, i) => {
      const isLast = i === blocks.length - 1;
      return Buffer.concat([header(block.type, block.content.length, isLast), block.body]);
    });
    return {
      content,
      frame: Buffer.concat([Buffer.from('28b52ffd', 'hex'), begin(form), ...body]),
    };
  });

function begin(form: string): Buffer {
  const sizes: Record<string, number[]> = {
    // A window of a megabyte, and the size of the content nowhere.
    window: [0x00, 0x50],
    'size of 1': [0x20, 0],
    'size of 2': [0x60, 0, 0],
    'size of 4': [0xa0, 0, 0, 0, 0],
    'size of 8': [0xe0, 0, 0, 0, 0, 0, 0, 0, 0],
  };
  return Buffer.from(sizes[form]!);
}

describe('the bytes that something takes unpacked', () => {
  it('are those of LZ4 to within a block, whatever it says of itself', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.boolean(), fc.boolean(), async (content, blockChecksums, c) => {
        const frame = await compressFrame(content, { blockChecksums, contentChecksum: c });
        const bytes = lz4Bytes(frame);
        expect(bytes).toBeGreaterThanOrEqual(content.length);
        expect(bytes).toBeLessThanOrEqual(content.length + 4 * 1024 * 1024);
      }),
      { numRuns: 50 },
    );
  });

  it('are those of Zstandard, whatever it says of itself', () => {
    fc.assert(
      fc.property(zstdFrames, ({ content, frame }) => {
        expect(zstdBytes(frame)).toBe(content.length);
        const unpacked = Buffer.alloc(content.length);
        unzstd(frame, unpacked);
        expect(unpacked.equals(content)).toBe(true);
      }),
    );
  });

  it('are those of snappy', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async content => {
        expect(snappyBytes(await compress(content))).toBe(content.length);
      }),
      { numRuns: 50 },
    );
  });

  it.each([lz4Bytes, zstdBytes, snappyBytes])('are unknown where the data breaks off: %p', size => {
    for (const length of [0, 4, 6]) {
      expect(() => size(Buffer.alloc(length, 0xff))).toThrow();
    }
  });
});
