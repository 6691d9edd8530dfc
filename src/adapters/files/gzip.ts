import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, crc32, createGunzip, deflateRaw } from 'node:zlib';
import { type Digest, digestFromHex } from '../../model/digest.ts';
import type { GzipOptions, Gzipped } from '../../ports/files.ts';
import {
  type EarlierBlocks,
  isDeflated,
  type LaterBlocks,
  openEarlier,
  openLater,
} from './deflated-blocks.ts';
import { applyPatches, lateTimes, type Patch } from './tar-times.ts';

const deflate = promisify(deflateRaw);

/** https://www.rfc-editor.org/rfc/rfc1952#section-2.3: deflate, no flags, no time, no hint, operating system unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const BLOCK = 256 * 1024;
/** What deflate can refer back to: a block begins with the end of the one before as its dictionary. */
const WINDOW = 32 * 1024;

/**
 * Gzips a file on all processors, into one member that any gunzip reads. Equal bytes give equal bytes: the blocks have a
 * fixed size, so the number of processors does not show, and there is no name and no time.
 */
export async function gzipFile(
  from: string,
  to: string,
  { notAfter, hashSource = false, earlier, later }: GzipOptions = {},
): Promise<Gzipped> {
  const patches = notAfter === undefined ? [] : await lateTimes(from, notAfter);
  const [written, content] = [createHash('sha256'), createHash('sha256')];
  const source = hashSource && patches.length > 0 ? createHash('sha256') : undefined;
  const output = await open(to, 'w');
  const known = earlier === undefined ? undefined : await openEarlier(earlier);
  const leaving = later === undefined ? undefined : await openLater(later);
  const input = { path: from, patches, content, ...(source && { source }) };
  let size = 0;
  let left: boolean | undefined;
  try {
    for await (const pieces of gzipBlocks(input, known, leaving)) {
      for (const piece of pieces) {
        written.update(piece);
        size += piece.byteLength;
      }
      await writeAll(output, pieces);
    }
  } finally {
    await output.close();
    await known?.close();
    left = await leaving?.end();
  }
  const inside = digestOf(content);
  const before = source === undefined ? inside : digestOf(source);
  const digests = { digest: digestOf(written), content: inside, ...(hashSource ? { source: before } : {}) };
  return { ...digests, size, ...(left === undefined ? {} : { left }) };
}

/** In one call, where the system takes it whole. */
async function writeAll(file: FileHandle, pieces: readonly Buffer[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    rest = rest.flatMap((piece) => {
      const written = Math.min(bytesWritten, piece.byteLength);
      bytesWritten -= written;
      return written === piece.byteLength ? [] : [piece.subarray(written)];
    });
  }
}

function digestOf(hash: Hash): Digest {
  return digestFromHex(hash.digest('hex'));
}

/** The digest of what a gzipped file holds; undefined when it is none, or broken. */
export async function hashGunzipped(path: string): Promise<Digest | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), createGunzip(), hash);
  } catch (error) {
    if (isZlibError(error)) return undefined;
    throw error;
  }
  return digestOf(hash);
}

/** `Z_DATA_ERROR` and `Z_BUF_ERROR`: not gzip, or cut off. */
function isZlibError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^Z_/.test(String(error.code));
}

/** A file with its patches, and who wants to know what is in it: as it is, and before it was patched. */
type Input = {
  readonly path: string;
  readonly patches: readonly Patch[];
  readonly content: Hash;
  readonly source?: Hash;
};

/** The pieces of a block, each of which holds until the next block is asked for: the memory behind them goes round. */
async function* gzipBlocks(
  input: Input,
  earlier: EarlierBlocks | undefined,
  later: LaterBlocks | undefined,
): AsyncGenerator<readonly Buffer[]> {
  yield [HEADER];
  const limit = availableParallelism() + 1;
  const running: Promise<Packed>[] = [];
  let crc = 0;
  let length = 0;
  const ended = async (block: Promise<Packed>): Promise<readonly Buffer[]> => {
    const { pieces, how } = await block;
    await later?.add(how === 'stored' ? [] : pieces, how === 'deflated');
    return pieces;
  };
  for await (const { data, dictionary, last } of blocksOf(input, limit)) {
    crc = crc32(data, crc);
    length += data.byteLength;
    const block = compress(data, dictionary, last, (await earlier?.next()) ?? NOTHING);
    // It is awaited in its turn below; until then a failure must not count as unhandled.
    block.catch(() => {});
    running.push(block);
    const first = running.length < limit ? undefined : running.shift();
    if (first !== undefined) yield await ended(first);
  }
  for (const block of running) yield await ended(block);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield [trailer];
}

const NOTHING = Buffer.alloc(0);

/** How many bytes of a block are looked at. */
const SAMPLES = 8 * 1024;
/** Bits of a byte: random bytes come to 7.98 with so many samples, archives and images little less, programs to 6.5. */
const FULL = 7.9;

/**
 * Whether deflating is worth its time: archives, images and wheels take longest and gain nothing. By the entropy of bytes
 * from all over the block, which costs a hundredth of trying. A function of the bytes alone, so the result is stable.
 */
function isCompressible(data: Buffer): boolean {
  const stride = Math.max(1, Math.floor(data.byteLength / SAMPLES));
  const counts = new Uint32Array(256);
  let samples = 0;
  for (let at = 0; at < data.byteLength; at += stride, samples += 1) {
    const byte = data[at] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / samples) * Math.log2(count / samples);
  // Few bytes cannot show how random they are; deflating them costs nothing.
  return samples > 0 && (samples < SAMPLES / 2 || entropy < FULL);
}

type Packed = { readonly pieces: readonly Buffer[]; readonly how: 'stored' | 'known' | 'deflated' };

/** All but the last block end on a byte, not on the end of the stream. https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4 */
async function compress(data: Buffer, dictionary: Buffer, last: boolean, known: Buffer): Promise<Packed> {
  if (!isCompressible(data)) return { pieces: stored(data, last), how: 'stored' };
  if (!last && known.byteLength > 0 && (await isDeflated(known, data, dictionary)))
    return { pieces: [known], how: 'known' };
  const bytes = await deflate(data, {
    // Within 1 % of level 6 on binaries, in four fifths of its time.
    level: 5,
    // One piece of output for a block: the default of 16 KiB costs a turn of the event loop each.
    chunkSize: BLOCK,
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(dictionary.byteLength === 0 ? {} : { dictionary }),
  });
  // The last block ends the stream: it is made anew each time.
  return { pieces: [bytes], how: last ? 'known' : 'deflated' };
}

/** What one stored block holds at most. */
const STORED = 0xffff;

/** As it is, between headers. https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4 */
function stored(data: Buffer, last: boolean): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.byteLength; at += STORED) {
    const piece = data.subarray(at, at + STORED);
    const header = Buffer.alloc(5);
    header.writeUInt8(last && at + STORED >= data.byteLength ? 1 : 0, 0);
    header.writeUInt16LE(piece.byteLength, 1);
    header.writeUInt16LE(piece.byteLength ^ STORED, 3);
    pieces.push(header, piece);
  }
  return pieces;
}

type Block = { readonly data: Buffer; readonly dictionary: Buffer; readonly last: boolean };

/** At most `limit` blocks are in use at once; their memory goes round, or it would pile up until the next collection. */
async function* blocksOf(input: Input, limit: number): AsyncGenerator<Block> {
  const file = await open(input.path);
  // What a small file never fills is not taken: such memory is what the collector counts by.
  const { size } = await file.stat();
  const ring: Buffer[] = [];
  let [turn, start, patch] = [0, 0, 0];
  const next = async (): Promise<Buffer> => {
    const at = turn++ % (limit + 2);
    ring[at] ??= Buffer.allocUnsafe(Math.min(BLOCK, Math.max(0, size - start)));
    const block = await readBlock(file, ring[at]);
    input.source?.update(block);
    patch = applyPatches(block, start, input.patches, patch);
    input.content.update(block);
    start += block.byteLength;
    return block;
  };
  try {
    let dictionary: Buffer = Buffer.alloc(0);
    let data = await next();
    for (;;) {
      const following = await next();
      yield { data, dictionary, last: following.byteLength === 0 };
      if (following.byteLength === 0) return;
      dictionary = Buffer.from(data.subarray(-WINDOW));
      data = following;
    }
  } finally {
    await file.close();
  }
}

/** A full block; shorter only at the end of the file. */
async function readBlock(file: FileHandle, buffer: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
