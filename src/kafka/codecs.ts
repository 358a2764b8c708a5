/**
 * kafkajs 2.2.4 reads gzip and nothing else, and unpacks whatever comes out: 64 KiB can hold 64 MiB. Here
 * every codec that Kafka has is read, up to a bound. What this program sends is never compressed.
 */
import { promisify } from 'node:util';
import { isNativeError } from 'node:util/types';
import { unzip } from 'node:zlib';
import { decompress as unzstd } from 'fzstd';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';
import { lz4Bytes, snappyBytes, zstdBytes } from './unpackedSize';

/** Of one batch. A producer's batch has a megabyte at most before it is compressed, unless told otherwise. */
export const mostUnpackedBytes = 32 * 1024 * 1024;

type Unpack = (packed: Buffer) => Promise<Buffer>;

/** @throws Error where it can not be unpacked, or takes more than `mostUnpackedBytes` */
export async function unpack(codec: number, packed: Buffer): Promise<Buffer> {
  const unpackIt = codecs.get(codec);
  if (unpackIt === undefined) throw new Error(`Kafka has no codec ${codec}`);
  return await unpackIt(packed);
}

/** For all clients of this process: what of it kafkajs still reads itself. */
export function readAllCodecs(): void {
  for (const [codec, decompress] of codecs) {
    Object.assign(CompressionCodecs, { [codec]: () => ({ decompress, compress }) });
  }
}

const compress = () => Promise.reject(new Error('what this program sends is not compressed'));

const gunzip = promisify(unzip);

const unpackGzip: Unpack = async packed => {
  try {
    return await gunzip(packed, { maxOutputLength: mostUnpackedBytes });
  } catch (thrown) {
    throw isTooLarge(thrown) ? tooLarge() : thrown;
  }
};

const isTooLarge = (thrown: unknown) =>
  isNativeError(thrown) && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE';

const unpackLz4: Unpack = async packed => {
  ensureRoom(lz4Bytes(packed));
  return await decompressFrame(packed);
};

const unpackZstd: Unpack = async packed => {
  const bytes = zstdBytes(packed);
  ensureRoom(bytes);
  const unpacked = Buffer.alloc(bytes);
  unzstd(packed, unpacked);
  return unpacked;
};

const unpackSnappy: Unpack = async packed => {
  const chunks = snappyChunks(packed);
  ensureRoom(chunks.reduce((bytes, chunk) => bytes + snappyBytes(chunk), 0));
  return Buffer.concat(
    await Promise.all(chunks.map(async chunk => (await uncompress(chunk)) as Buffer)),
  );
};

/** What snappy-java begins with, the library of Kafka's own clients; two versions of four bytes follow. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = xerialMagic.length + 8;

/** Kafka's own clients write chunks, each after its length; others one piece without a frame. */
function snappyChunks(packed: Buffer): Buffer[] {
  if (!packed.subarray(0, xerialMagic.length).equals(xerialMagic)) return [packed];
  const chunks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < packed.length; ) {
    const begin = at + 4;
    at = begin + packed.readUInt32BE(at);
    if (at > packed.length) throw new Error('its snappy data breaks off');
    chunks.push(packed.subarray(begin, at));
  }
  return chunks;
}

function ensureRoom(bytes: number): void {
  if (bytes > mostUnpackedBytes) throw tooLarge();
}

const tooLarge = () => new Error(`it takes more than ${mostUnpackedBytes} bytes unpacked`);

const codecs: ReadonlyMap<number, Unpack> = new Map([
  [CompressionTypes.GZIP, unpackGzip],
  [CompressionTypes.Snappy, unpackSnappy],
  [CompressionTypes.LZ4, unpackLz4],
  [CompressionTypes.ZSTD, unpackZstd],
]);
