import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive, and what is told of it. */
export type ZipPart = {
  readonly path: string;
  readonly data?: Uint8Array | string;
  /** Compressed, which our own archives are not. */
  readonly deflate?: boolean;
  /** Unix mode; `0o120777` is a symbolic link. */
  readonly mode?: number;
  /** Other than that of the data. */
  readonly crc?: number;
  /** Told, whatever it really has. */
  readonly size?: number;
  /** The bytes of this entry again: by the same place in the archive. */
  readonly sameAs?: number;
};

/** A zip archive, honest or not. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zip(parts: readonly ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const offsets: number[] = [];
  const central: Buffer[] = [];
  let end = 0;
  for (const part of parts) {
    const raw = Buffer.from(part.data ?? '');
    const data = part.deflate ? deflateRawSync(raw) : raw;
    const name = Buffer.from(part.path);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(part.deflate ? 8 : 0, 4);
    fields.writeUInt32LE(part.crc ?? crc32(raw), 10);
    fields.writeUInt32LE(part.size ?? data.length, 14);
    fields.writeUInt32LE(part.size ?? raw.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const offset = part.sameAs === undefined ? end : (offsets[part.sameAs] ?? 0);
    offsets.push(offset);
    if (part.sameAs === undefined) {
      const local = Buffer.concat([signature(0x04034b50), fields, name, data]);
      locals.push(local);
      end += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((part.mode ?? 0) * 0x10000, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(signature(0x02014b50), Buffer.from([20, 3]), fields, tail, name);
  }
  const directory = Buffer.concat(central);
  const last = Buffer.alloc(18);
  last.writeUInt16LE(parts.length, 4);
  last.writeUInt16LE(parts.length, 6);
  last.writeUInt32LE(directory.length, 8);
  last.writeUInt32LE(end, 12);
  return Buffer.concat([...locals, directory, signature(0x06054b50), last]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
