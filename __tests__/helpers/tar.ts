import { gzipSync } from 'node:zlib';

export type TarFile = { readonly data: Uint8Array | string; readonly mode?: number };
/** Path → content. A path that ends with `/` is an empty folder. */
export type TarTree = Readonly<Record<string, Uint8Array | string | TarFile>>;

const BLOCK = 512;

/**
 * A tar archive (ustar) with equal bytes for equal content: sorted, owned by root, no times.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function tar(tree: TarTree): Uint8Array {
  const entries = new Map<string, TarFile>();
  for (const [path, value] of Object.entries(tree)) {
    for (const folder of parents(path)) entries.set(folder, { data: '', mode: 0o755 });
    entries.set(path, typeof value === 'string' || value instanceof Uint8Array ? { data: value } : value);
  }
  const parts = [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, file]) => {
      const data = Buffer.from(file.data);
      const padding = Buffer.alloc((BLOCK - (data.byteLength % BLOCK)) % BLOCK);
      return [header(path, data.byteLength, file.mode), data, padding];
    });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** A gzipped tar; zlib writes no name and no time, the operating system's byte is set to "unknown". */
export function tarGzip(tree: TarTree): Uint8Array {
  const bytes = gzipSync(tar(tree), { level: 6 });
  bytes[9] = 255;
  return bytes;
}

function parents(path: string): string[] {
  const names = path.replace(/\/$/, '').split('/').slice(0, -1);
  return names.map((_, i) => `${names.slice(0, i + 1).join('/')}/`);
}

function header(path: string, size: number, mode?: number): Buffer {
  const folder = path.endsWith('/');
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(path);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0, 100);
  block.write(octal(mode ?? (folder ? 0o755 : 0o644), 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write(folder ? '5' : '0', 156);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function splitPath(path: string): readonly [string, string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let cut = path.indexOf('/'); cut >= 0; cut = path.indexOf('/', cut + 1)) {
    if (Buffer.byteLength(path.slice(cut + 1)) <= 100) return [path.slice(0, cut), path.slice(cut + 1)];
  }
  throw new Error(`too long a path for a tar header: ${path}`);
}
