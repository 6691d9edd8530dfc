import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestFromHex } from '../../model/digest.ts';
import type { Files } from '../../ports/files.ts';
import type { State } from '../../ports/state.ts';
import { gzipFile, hashGunzipped } from './gzip.ts';
import { createTempFolders } from './temp.ts';

const OWNER_READS_AND_WRITES = 0o600;

/** Files over the runner's disk. `state` learns the temp folder's path, for the post step. */
export function createFiles(state: Pick<State, 'save'>): Files {
  return {
    read: (path) => fs.readFile(path),
    readText: (path) => fs.readFile(path, 'utf8'),
    readTextIfExists: (path) => unlessMissing(() => fs.readFile(path, 'utf8')),
    write: async (path, data, mode = 0o644) => {
      await makeParent(path);
      await fs.writeFile(path, data, { mode });
      // The mode of writeFile is for new files only, and passes the umask.
      await fs.chmod(path, mode);
    },
    exists: async (path) => (await unlessMissing(() => fs.stat(path))) !== undefined,
    size: async (path) => (await unlessMissing(() => fs.stat(path)))?.size,
    list: async (folder) => (await unlessMissing(() => fs.readdir(folder)))?.sort() ?? [],
    isFolder: async (path) => (await unlessMissing(() => fs.stat(path)))?.isDirectory() ?? false,
    makeFolder: async (path) => {
      await fs.mkdir(path, { recursive: true });
    },
    makeTempFolder: createTempFolders(state),
    copy: async (from, to) => {
      await makeParent(to);
      await fs.cp(from, to, { recursive: true, verbatimSymlinks: true, mode: fs.constants.COPYFILE_FICLONE });
    },
    makeWritable: async (path) => {
      const { mode } = await fs.stat(path);
      await fs.chmod(path, mode | OWNER_READS_AND_WRITES);
    },
    share,
    move,
    link: async (target, path) => {
      await makeParent(path);
      await fs.symlink(target, path);
    },
    remove: (path) => fs.rm(path, { recursive: true, force: true, maxRetries: 3 }),
    freeBytes,
    hash,
    hashGunzipped,
    gzip: async (from, to, options) => {
      await makeParent(to);
      return gzipFile(from, to, options);
    },
    realPath: (path) => fs.realpath(path),
  };
}

async function makeParent(path: string): Promise<void> {
  await fs.mkdir(dirname(path), { recursive: true });
}

/** A second name for the same bytes; a copy on another file system, or where there are no such names. */
async function share(from: string, to: string): Promise<void> {
  await makeParent(to);
  try {
    await fs.link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'].includes(String(codeOf(error)))) throw error;
    await fs.copyFile(from, to, fs.constants.COPYFILE_FICLONE);
  }
}

async function move(from: string, to: string): Promise<void> {
  await makeParent(to);
  try {
    await fs.rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await fs.cp(from, to, { recursive: true, verbatimSymlinks: true });
    await fs.rm(from, { recursive: true });
  }
}

/** Of a path that does not exist yet: the file system of the nearest folder that does. */
async function freeBytes(path: string): Promise<number> {
  const stats = await unlessMissing(() => fs.statfs(path));
  if (stats !== undefined) return stats.bavail * stats.bsize;
  return freeBytes(dirname(path));
}

async function hash(path: string): Promise<Digest> {
  const sha256 = createHash('sha256');
  const { size } = await fs.stat(path);
  // A stream takes that much memory for each piece, however small the file is.
  const highWaterMark = Math.min(1024 * 1024, Math.max(1, size));
  await pipeline(createReadStream(path, { highWaterMark }), sha256);
  return digestFromHex(sha256.digest('hex'));
}

async function unlessMissing<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
