import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { dataOffset, type ReadAt, readEntries, type ZipEntry } from './zip.ts';

/**
 * Unpacks an archive into a new folder. Throws a RangeError for what no job of ours has uploaded; then the folder holds
 * part of it. As the folder is new, nothing in it is a link, and no file is written twice, nothing is written elsewhere.
 */
export async function unpack(archive: string, folder: string): Promise<void> {
  const handle = await open(archive);
  try {
    const readAt = readerOf(handle);
    const entries = await readEntries(readAt, (await handle.stat()).size);
    await mkdir(folder);
    for (const entry of entries) {
      if (entry.path.endsWith('/')) await mkdir(join(folder, entry.path), { recursive: true });
      else await writeEntry(archive, entry, await dataOffset(readAt, entry), join(folder, entry.path));
    }
  } finally {
    await handle.close();
  }
}

function readerOf(handle: FileHandle): ReadAt {
  return async (offset, length) => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new RangeError('it breaks off');
    return bytes;
  };
}

async function writeEntry(archive: string, entry: ZipEntry, start: number, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  let crc = 0;
  let size = 0;
  // With a length of nothing there is no last byte to name.
  const source =
    entry.size === 0 ? Readable.from([]) : createReadStream(archive, { start, end: start + entry.size - 1 });
  await pipeline(
    source,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        crc = crc32(chunk, crc);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
  );
  if (size !== entry.size || crc !== entry.crc) throw new RangeError(`an entry is damaged: ${entry.path}`);
}
