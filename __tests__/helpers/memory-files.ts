import { basename, dirname, join, normalize } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { digestOf } from '../../src/model/digest.ts';
import type { Files } from '../../src/ports/files.ts';

type Content = Uint8Array | string;

/** A disk in memory: `tree` holds the files by path, `links` the symbolic links, `modes` what was asked for. */
export type MemoryFiles = Files & {
  readonly tree: Map<string, Uint8Array>;
  readonly links: Map<string, string>;
  readonly modes: Map<string, number>;
  /** The text of a file; throws when there is none. */
  text(path: string): string;
};

type Options = { readonly freeBytes?: number; readonly temp?: string };

export function memoryFiles(
  initial: Readonly<Record<string, Content>> = {},
  options: Options = {},
): MemoryFiles {
  const tree = new Map<string, Uint8Array>();
  const links = new Map<string, string>();
  const modes = new Map<string, number>();
  const folders = new Set<string>(['/']);
  let temps = 0;

  const addFolder = (path: string): void => {
    for (let folder = path; !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  };
  /** Follows links in every part of the path. */
  const real = (path: string): string => {
    let resolved = '/';
    for (const part of normalize(path).split('/').filter(Boolean)) {
      const next = join(resolved, part);
      const target = links.get(next);
      resolved = target === undefined ? next : real(target.startsWith('/') ? target : join(resolved, target));
    }
    return resolved;
  };
  /** The path itself, with links followed in its folder only. */
  const entry = (path: string): string => join(real(dirname(path)), basename(path));
  const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  const get = (path: string): Uint8Array => {
    const data = tree.get(real(path));
    if (data === undefined) throw missing(path);
    return data;
  };
  const put = (path: string, data: Content): void => {
    const place = entry(path);
    addFolder(dirname(place));
    tree.set(real(place), typeof data === 'string' ? new TextEncoder().encode(data) : data);
  };
  const under = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`);
  const remove = (path: string): void => {
    const place = entry(path);
    for (const map of [tree, links, modes])
      for (const key of [...map.keys()]) if (under(place, key)) map.delete(key);
    for (const folder of [...folders]) if (under(place, folder)) folders.delete(folder);
  };
  const copy = (from: string, to: string): void => {
    const source = real(from);
    if (!tree.has(source) && !folders.has(source)) throw missing(from);
    for (const [key, data] of [...tree]) if (under(source, key)) put(to + key.slice(source.length), data);
    for (const [key, target] of [...links])
      if (under(source, key)) links.set(to + key.slice(source.length), target);
    for (const key of [...folders]) if (under(source, key)) addFolder(to + key.slice(source.length));
  };
  for (const [path, data] of Object.entries(initial)) put(path, data);

  return {
    tree,
    links,
    modes,
    text: (path) => new TextDecoder().decode(get(path)),
    read: async (path) => get(path),
    readText: async (path) => new TextDecoder().decode(get(path)),
    readTextIfExists: async (path) => {
      const data = tree.get(real(path));
      return data === undefined ? undefined : new TextDecoder().decode(data);
    },
    write: async (path, data, mode = 0o644) => {
      put(path, data);
      modes.set(path, mode);
    },
    exists: async (path) => tree.has(real(path)) || folders.has(real(path)),
    size: async (path) => tree.get(real(path))?.byteLength,
    list: async (folder) => {
      const root = real(folder);
      const names = [...tree.keys(), ...links.keys(), ...folders]
        .filter((path) => path !== root && under(root === '/' ? '' : root, path) && path !== '/')
        .map((path) => path.slice(root === '/' ? 1 : root.length + 1).split('/')[0] ?? '');
      return [...new Set(names)].sort();
    },
    isFolder: async (path) => folders.has(real(path)),
    makeFolder: async (path) => addFolder(real(path)),
    makeTempFolder: async (name) => {
      temps += 1;
      const folder = `${options.temp ?? '/tmp/run'}/${temps === 1 ? name : `${name}-${temps}`}`;
      addFolder(folder);
      return folder;
    },
    copy: async (from, to) => copy(from, to),
    makeWritable: async (path) => {
      modes.set(path, (modes.get(path) ?? 0o644) | 0o600);
    },
    share: async (from, to) => copy(from, to),
    move: async (from, to) => {
      copy(from, to);
      remove(from);
    },
    link: async (target, path) => {
      addFolder(dirname(path));
      links.set(path, target);
    },
    remove: async (path) => remove(path),
    freeBytes: async () => options.freeBytes ?? 100 * 1024 ** 3,
    hash: async (path) => digestOf(get(path)),
    hashGunzipped: async (path) => {
      const data = get(path);
      return data[0] === 0x1f && data[1] === 0x8b ? digestOf(gunzipSync(data)) : undefined;
    },
    /** Archives in memory have no times. */
    gzip: async (from, to, { hashSource = false } = {}) => {
      const data = gzipSync(get(from));
      put(to, data);
      const content = digestOf(get(from));
      const source = hashSource ? { source: content } : {};
      return { digest: digestOf(data), size: data.byteLength, content, ...source };
    },
    realPath: async (path) => real(path),
  };
}
