/** Where the setup keeps what it built: outside the clone, so that every clone of a machine shares it. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

export const cacheDir = join(cacheHome, 'module-release-tools');

/** The folder to put first on PATH: only tools that the machine itself does not have in a fit version. */
export const binDir = join(cacheDir, 'bin');

/** A file or folder in the cache; its parent folder exists afterwards. */
export function cachePath(...parts) {
  const path = join(cacheDir, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  return path;
}

export function logPath(name) {
  return cachePath('logs', `${name}.log`);
}
