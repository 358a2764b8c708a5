/**
 * How many bytes compressed data takes at most once it is unpacked, read off its frame before any memory is
 * taken for it: what it says of itself may be anything.
 *
 * Formats: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, RFC 8878 for Zstandard,
 * https://github.com/google/snappy/blob/main/format_description.txt. Data that breaks off is a RangeError.
 */

const lz4BlockBytes: Readonly<Record<number, number>> = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 * 1024,
  7: 4 * 1024 * 1024,
};

/** Of one LZ4 frame. */
export function lz4Bytes(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  const largestBlock = lz4BlockBytes[(frame.readUInt8(5) >> 4) & 7];
  if (largestBlock === undefined) throw new Error('its LZ4 frame has no size of blocks');
  const checksumBytes = flags & 0x10 ? 4 : 0;
  // Magic number, flags, size of blocks; size of the content and id of a dictionary, where given; checksum.
  let at = 4 + 2 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1;
  for (let bytes = 0; ; ) {
    const block = frame.readUInt32LE(at);
    if (block === 0) return bytes;
    const isRaw = block >= 0x8000_0000;
    const length = isRaw ? block - 0x8000_0000 : block;
    bytes += isRaw ? length : largestBlock;
    at += 4 + length + checksumBytes;
  }
}

const zstdBlockBytes = 128 * 1024;
const zstdDictionaryBytes = [0, 1, 2, 4] as const;
const zstdSizeBytes = [0, 2, 4, 8] as const;

/** Of one Zstandard frame. */
export function zstdBytes(frame: Buffer): number {
  const descriptor = frame.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = zstdSizeBytes[descriptor >> 6]!;
  let at = 5 + zstdDictionaryBytes[descriptor & 3]!;
  // The size of the window, which a single segment does not have: its content has one.
  at += isSingleSegment ? Math.max(1, sizeBytes) : 1 + sizeBytes;
  for (let bytes = 0; ; ) {
    const block = frame.readUIntLE(at, 3);
    const type = (block >> 1) & 3;
    const length = block >> 3;
    const isRepeatedByte = type === 1;
    const isCompressed = type === 2;
    bytes += isCompressed ? zstdBlockBytes : length;
    if (block & 1) return bytes;
    at += 3 + (isRepeatedByte ? 1 : length);
  }
}

/** Of snappy data without a frame, which begins with it. */
export function snappyBytes(data: Buffer): number {
  let bytes = 0;
  for (let place = 0; place < 5; place++) {
    const byte = data.readUInt8(place);
    bytes += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return bytes;
  }
  throw new Error('its snappy data has no length');
}
