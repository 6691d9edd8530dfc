import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/**
 * The files below a folder, as absolute paths, sorted. A link counts when it leads to a file below the folder; links to folders, out of
 * it and to nowhere do not.
 */
export async function collectFiles(folder: string): Promise<readonly string[]> {
  const root = await realpath(folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) if (await counts(entry, root)) files.push(join(entry.parentPath, entry.name));
  return files.sort();
}

async function counts(entry: Dirent, root: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    const target = await realpath(join(entry.parentPath, entry.name));
    return target.startsWith(root + sep) && (await stat(target)).isFile();
  } catch {
    return false;
  }
}
