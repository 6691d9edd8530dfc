/** A file or folder of an archive. Folders end with `/`, and nothing else of theirs counts. */
export type ZipEntry = {
  readonly path: string;
  readonly size: number;
  readonly crc: number;
  /** Of its local header in the archive. */
  readonly offset: number;
};

/** Reads so many bytes at an offset of the archive; what it throws for an end of file is thrown. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** A graph of images is hundreds of blobs; a directory of so many entries takes some megabytes at most. */
export const MOST_ENTRIES = 20_000;
const LARGEST_DIRECTORY = 16 * 1024 ** 2;

const END = { signature: 0x06054b50, length: 22, longestComment: 0xffff } as const;
const LOCATOR = { signature: 0x07064b50, length: 20 } as const;
const END_64 = { signature: 0x06064b50, length: 56 } as const;
const FILE = { signature: 0x02014b50, length: 46 } as const;
const LOCAL = { signature: 0x04034b50, length: 30 } as const;
const IN_EXTRA = 0xffffffff;
const EXTRA_64 = 1;
const ENCRYPTED = 1;

/**
 * The entries of an archive as we write them: stored, not compressed, so that nothing unpacks to more than was downloaded.
 * Throws a RangeError for anything else, with what is wrong. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function readEntries(readAt: ReadAt, size: number): Promise<readonly ZipEntry[]> {
  const { count, length, offset } = await findDirectory(readAt, size);
  if (count > MOST_ENTRIES) throw new RangeError(`it has ${count} entries, more than ${MOST_ENTRIES}`);
  if (length > LARGEST_DIRECTORY) throw new RangeError(`its directory has ${length} bytes`);
  if (offset + length > size) throw new RangeError('its directory lies behind its end');
  const directory = await readAt(offset, length);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const { entry, next } = readEntry(directory, at);
    entries.push(entry);
    at = next;
  }
  const whole = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (whole > size) throw new RangeError(`it unpacks to ${whole} bytes, more than its own ${size}`);
  const paths = new Set(entries.map(({ path }) => path.replace(/\/$/, '')));
  if (paths.size < entries.length) throw new RangeError('it has two entries with one name');
  return entries;
}

/** Where the bytes of an entry begin. */
export async function dataOffset(readAt: ReadAt, { offset, path }: ZipEntry): Promise<number> {
  const header = await readAt(offset, LOCAL.length);
  if (header.readUInt32LE(0) !== LOCAL.signature)
    throw new RangeError(`there is no entry at ${offset}: ${path}`);
  return offset + LOCAL.length + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function findDirectory(readAt: ReadAt, size: number) {
  const length = Math.min(size, LOCATOR.length + END.length + END.longestComment);
  const tail = await readAt(size - length, length);
  for (let at = length - END.length; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END.signature) continue;
    if (at + END.length + tail.readUInt16LE(at + 20) !== length) continue;
    const isLarge = at >= LOCATOR.length && tail.readUInt32LE(at - LOCATOR.length) === LOCATOR.signature;
    if (isLarge) return readEnd64(readAt, bigAt(tail, at - LOCATOR.length + 8));
    return {
      count: tail.readUInt16LE(at + 10),
      length: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
  }
  throw new RangeError('it is no zip archive, or only a part of one');
}

async function readEnd64(readAt: ReadAt, at: number) {
  const end = await readAt(at, END_64.length);
  if (end.readUInt32LE(0) !== END_64.signature) throw new RangeError(`there is no directory at ${at}`);
  return { count: bigAt(end, 32), length: bigAt(end, 40), offset: bigAt(end, 48) };
}

function readEntry(directory: Buffer, at: number): { readonly entry: ZipEntry; readonly next: number } {
  if (at + FILE.length > directory.length || directory.readUInt32LE(at) !== FILE.signature)
    throw new RangeError('its directory breaks off');
  const nameEnd = at + FILE.length + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const next = extraEnd + directory.readUInt16LE(at + 32);
  if (next > directory.length) throw new RangeError('its directory breaks off');
  const path = checkedPath(directory.subarray(at + FILE.length, nameEnd));
  const isPlain = directory.readUInt16LE(at + 10) === 0 && (directory.readUInt16LE(at + 8) & ENCRYPTED) === 0;
  if (!isPlain) throw new RangeError(`an entry is compressed or encrypted: ${path}`);
  checkType(directory.readUInt32LE(at + 38) >>> 16, path);
  const [size, packed, offset] = longFields(
    [at + 24, at + 20, at + 42].map((field) => directory.readUInt32LE(field)),
    directory.subarray(nameEnd, extraEnd),
  );
  if (size === undefined || offset === undefined || size !== packed)
    throw new RangeError(`an entry contradicts itself about its size: ${path}`);
  return { entry: { path, size, crc: directory.readUInt32LE(at + 16), offset }, next };
}

/** Fields that do not fit into 32 bits stand in the extra field, one after the other. */
function longFields(short: readonly number[], extra: Buffer): readonly (number | undefined)[] {
  let long: Buffer = Buffer.alloc(0);
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === EXTRA_64)
      long = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  let read = 0;
  return short.map((value) => {
    if (value !== IN_EXTRA) return value;
    read += 8;
    return read <= long.length ? bigAt(long, read - 8) : undefined;
  });
}

/** A path below the folder, with `/` between names, whatever is unpacked where. */
function checkedPath(bytes: Buffer): string {
  let path: string;
  try {
    path = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError(`the name of an entry is not UTF-8: ${bytes.toString('latin1')}`);
  }
  const names = path.replace(/\/$/, '').split('/');
  const isSafe = names.every((name) => name !== '' && name !== '.' && name !== '..');
  if (!isSafe || /[\\:\p{Cc}]/u.test(path))
    throw new RangeError(
      `an entry leads out of its folder, or has an impossible name: ${JSON.stringify(path)}`,
    );
  return path;
}

/** Unix keeps the kind of a file in its mode; an archive from elsewhere has none. */
function checkType(mode: number, path: string): void {
  const [kind, none, file, folder] = [mode & 0o170000, 0, 0o100000, 0o040000];
  if (kind !== none && kind !== file && kind !== folder)
    throw new RangeError(`an entry is neither a file nor a folder: ${path}`);
}

/** Throws a RangeError for numbers that no file reaches. */
function bigAt(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new RangeError(`it speaks of ${value} bytes`);
  return value;
}
