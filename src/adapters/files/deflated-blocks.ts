import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

/** What deflates otherwise makes other bytes, and equal files must make equal layers on every machine. */
const HEADER = Buffer.from(`module-release deflated blocks 1, zlib ${process.versions.zlib}\n`);
/** Deflating makes nothing longer than this: bytes that are more than a block and its headers are none of ours. */
const LONGEST = 512 * 1024;

/**
 * Deflated blocks of a file, in its order, as an earlier run left them: each with its length before it (32 bits,
 * little-endian), an empty one where the block was stored as it is.
 */
export type EarlierBlocks = {
  /** The next one; empty when there is none. */
  next(): Promise<Buffer>;
  close(): Promise<void>;
};

/** Undefined when there is no such file, or one of another making. */
export async function openEarlier(path: string): Promise<EarlierBlocks | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    return undefined;
  }
  const take = async (length: number): Promise<Buffer> => {
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, null);
      return buffer.subarray(0, bytesRead);
    } catch {
      return Buffer.alloc(0);
    }
  };
  if (!(await take(HEADER.byteLength)).equals(HEADER)) {
    await file.close();
    return undefined;
  }
  let ended = false;
  return {
    next: async () => {
      const prefix = ended ? Buffer.alloc(0) : await take(4);
      const length = prefix.byteLength < 4 ? LONGEST + 1 : prefix.readUInt32LE();
      // Cut off, or not what we wrote: what follows has no place any more.
      ended = length > LONGEST;
      return ended || length === 0 ? Buffer.alloc(0) : take(length);
    },
    close: () => file.close(),
  };
}

export type LaterBlocks = {
  /** In pieces; none where it was stored. `fresh`: no earlier run has left it. */
  add(block: readonly Buffer[], fresh: boolean): Promise<void>;
  /** Whether the file is whole and says something new. */
  end(): Promise<boolean>;
};

/** Writes such a file. That it cannot be written is no trouble: it would only save time. */
export async function openLater(path: string): Promise<LaterBlocks> {
  let isNew = false;
  let file: FileHandle | undefined;
  const trying = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch {
      const broken = file;
      file = undefined;
      await broken?.close();
    }
  };
  await trying(async () => {
    file = await open(path, 'wx');
    await file.write(HEADER);
  });
  return {
    add: async (block, fresh) => {
      isNew ||= fresh;
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32LE(block.reduce((length, piece) => length + piece.byteLength, 0));
      await trying(async () => file?.writev([prefix, ...block]));
    },
    end: async () => {
      const isWhole = file !== undefined;
      await trying(async () => file?.close());
      return isWhole && isNew;
    },
  };
}

/** The last block of a stream, which holds nothing that could stand in a file by chance or by intent. */
const MARK = randomBytes(8);
const END = Buffer.concat([Buffer.from([1, 8, 0, 0xf7, 0xff]), MARK]);

/**
 * Whether this is `data` deflated behind `dictionary`, ends on a byte, and lets the stream go on: whoever can write to the
 * file may have put there what they like. https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4
 */
export async function isDeflated(block: Buffer, data: Buffer, dictionary: Buffer): Promise<boolean> {
  try {
    const limit = data.byteLength + MARK.byteLength;
    const found = await inflate(Buffer.concat([block, END]), {
      maxOutputLength: limit,
      chunkSize: limit,
      ...(dictionary.byteLength === 0 ? {} : { dictionary }),
    });
    return (
      found.byteLength === limit &&
      data.compare(found, 0, data.byteLength) === 0 &&
      MARK.compare(found, data.byteLength) === 0
    );
  } catch {
    return false;
  }
}
