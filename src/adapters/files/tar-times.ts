import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that stand in for those of a file from `at` on: never more or fewer. */
export type Patch = { readonly at: number; readonly bytes: Buffer };

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
const BLOCK = 512;
const SIZE = { at: 124, length: 12 };
const MTIME = { at: 136, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE = 156;
/** Extended headers, of one file and of all that follow. */
const EXTENDED = new Set([0x78, 0x67]);
const WINDOW = 256 * 1024;

/** What sets every modification time in a tar archive that is after `epoch` (seconds) to it, in the order of the file. */
export async function lateTimes(path: string, epoch: number): Promise<readonly Patch[]> {
  const file = await open(path);
  try {
    const patches: Patch[] = [];
    let buffer = Buffer.allocUnsafe(WINDOW);
    for (let start = 0; ; ) {
      const window = await readAt(file, start, buffer);
      const next = collect(window, start, epoch, patches);
      // An extended header that is longer than the window is read again whole.
      if (next === 0 && window.byteLength < buffer.byteLength) return patches;
      if (next === 0) buffer = Buffer.allocUnsafe(buffer.byteLength * 2);
      start += next;
    }
  } finally {
    await file.close();
  }
}

/** Writes what of the patches falls into `block`, which begins at `start` of the file, from the patch `first` on; gives the first that goes on behind it. */
export function applyPatches(block: Buffer, start: number, patches: readonly Patch[], first: number): number {
  const end = start + block.byteLength;
  let next = first;
  for (let patch = patches[next]; patch !== undefined && patch.at < end; patch = patches[next]) {
    const from = Math.max(0, start - patch.at);
    patch.bytes.copy(block, patch.at + from - start, from);
    if (patch.at + patch.bytes.byteLength > end) break;
    next += 1;
  }
  return next;
}

/** Takes all headers that begin in the window; gives where, in it or behind it, the first one after them stands. */
function collect(window: Buffer, start: number, epoch: number, patches: Patch[]): number {
  let at = 0;
  while (at + BLOCK <= window.byteLength) {
    const header = window.subarray(at, at + BLOCK);
    // Two empty blocks end an archive; what may follow them is padding.
    if (header[0] === 0) {
      at += BLOCK;
      continue;
    }
    const size = numberOf(header, SIZE);
    const end = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const isExtended = EXTENDED.has(header[TYPE] ?? 0);
    if (isExtended && end > window.byteLength) break;
    const time = headerPatch(header, epoch);
    if (time !== undefined) patches.push({ at: start + at + MTIME.at, bytes: time });
    const records = isExtended
      ? recordsPatch(window.subarray(at + BLOCK, at + BLOCK + size), epoch)
      : undefined;
    if (records !== undefined) patches.push({ at: start + at + BLOCK, bytes: records });
    at = end;
  }
  return at;
}

/** The time, and the checksum that stands right behind it. */
function headerPatch(header: Buffer, epoch: number): Buffer | undefined {
  if (numberOf(header, MTIME) <= epoch) return undefined;
  const changed = Buffer.from(header);
  changed.write(`${epoch.toString(8).padStart(MTIME.length - 1, '0')}\0`, MTIME.at, 'latin1');
  changed.fill(0x20, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  const sum = changed.reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1');
  return Buffer.from(changed.subarray(MTIME.at, CHECKSUM.at + CHECKSUM.length));
}

/** `30 mtime=1760000000.123456789\n`: as many digits as before, so that the record keeps its length. */
function recordsPatch(body: Buffer, epoch: number): Buffer | undefined {
  const text = body.toString('latin1');
  const changed = text.replace(
    /(?<=^\d+ mtime=)(\d+)(\.\d*)?(?=\n)/gm,
    (time, whole: string, fraction = '') =>
      Number(time) > epoch && `${epoch}`.length <= whole.length
        ? `${epoch}`.padStart(whole.length, '0') + fraction.replace(/\d/g, '0')
        : time,
  );
  return changed === text ? undefined : Buffer.from(changed, 'latin1');
}

/** Octal, or base 256 where the first bit is set. */
function numberOf(header: Buffer, { at, length }: { readonly at: number; readonly length: number }): number {
  if (((header[at] ?? 0) & 0x80) !== 0) return Number(header.readBigInt64BE(at + length - 8));
  return Number.parseInt(header.toString('latin1', at, at + length), 8) || 0;
}

/** A full buffer; less only at the end of the file. */
async function readAt(file: FileHandle, position: number, buffer: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
