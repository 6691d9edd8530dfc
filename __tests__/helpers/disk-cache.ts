import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Cache } from '../../src/ports/cache.ts';

/** A runner's cache service that keeps files by key; `calls` is what was asked: `restore KEY hit`, `save KEY`. */
export type DiskCache = Cache & {
  readonly calls: readonly string[];
  /** Puts other bytes under a key, as a poisoned cache would. */
  poison(key: string, bytes: string): Promise<void>;
};

/** `root`: a folder of the test's own. */
export function diskCache(root: string): DiskCache {
  const kept = new Map<string, readonly string[]>();
  const calls: string[] = [];
  const place = (key: string, path: string): string => join(root, key, basename(path));
  return {
    calls,
    async restore(paths, key) {
      const known = kept.get(key);
      // Like the real one, which knows files by their paths too.
      const hit = known !== undefined && known.join() === paths.join();
      calls.push(`restore ${key.slice(0, 12)} ${hit ? 'hit' : 'miss'}`);
      if (!hit) return false;
      for (const path of paths) {
        await mkdir(dirname(path), { recursive: true });
        await copyFile(place(key, path), path);
      }
      return true;
    },
    async save(paths, key) {
      calls.push(`save ${key.slice(0, 12)}`);
      kept.set(key, paths);
      await mkdir(join(root, key), { recursive: true });
      for (const path of paths) await copyFile(path, place(key, path));
    },
    async poison(key, bytes) {
      const paths = kept.get(key);
      if (paths === undefined) throw new Error(`nothing is cached under ${key}`);
      for (const path of paths) await writeFile(place(key, path), bytes);
    },
  };
}
