import { type FileHandle, open } from 'node:fs/promises';

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
const BLOCK = 512;
const SIZE = { at: 124, length: 12 };
const MTIME = { at: 136, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE = 156;
/** Extended headers, of one file and of all that follow. */
const EXTENDED = new Set([0x78, 0x67]);
const WINDOW = 256 * 1024;

/**
 * Sets every modification time in a tar archive that is after `epoch` (seconds) to it, in place: no byte moves. Whether
 * anything changed.
 */
export async function clampTarTimes(path: string, epoch: number): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    let changed = false;
    let length = WINDOW;
    for (let at = 0; ; ) {
      const window = await readAt(file, at, length);
      const seen = clampWindow(window, epoch);
      if (seen.changed) await file.write(window, 0, window.byteLength, at);
      changed ||= seen.changed;
      // An extended header that is longer than the window is read again whole.
      if (seen.next === 0 && window.byteLength < length) return changed;
      length = seen.next === 0 ? length * 2 : WINDOW;
      at += seen.next;
    }
  } finally {
    await file.close();
  }
}

/** Clamps all headers that begin in the window; `next` is where the first one after them stands. */
function clampWindow(window: Buffer, epoch: number): { readonly changed: boolean; readonly next: number } {
  let changed = false;
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
    if (EXTENDED.has(header[TYPE] ?? 0)) {
      if (end > window.byteLength) break;
      changed = clampRecords(window.subarray(at + BLOCK, at + BLOCK + size), epoch) || changed;
    }
    changed = clampHeader(header, epoch) || changed;
    at = end;
  }
  return { changed, next: at };
}

function clampHeader(header: Buffer, epoch: number): boolean {
  if (numberOf(header, MTIME) <= epoch) return false;
  header.write(`${epoch.toString(8).padStart(MTIME.length - 1, '0')}\0`, MTIME.at, 'latin1');
  header.fill(0x20, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1');
  return true;
}

/** `30 mtime=1760000000.123456789\n`: as many digits as before, so that the record keeps its length. */
function clampRecords(body: Buffer, epoch: number): boolean {
  const text = body.toString('latin1');
  const clamped = text.replace(
    /(?<=^\d+ mtime=)(\d+)(\.\d*)?(?=\n)/gm,
    (time, whole: string, fraction = '') =>
      Number(time) > epoch && `${epoch}`.length <= whole.length
        ? `${epoch}`.padStart(whole.length, '0') + fraction.replace(/\d/g, '0')
        : time,
  );
  if (clamped === text) return false;
  body.write(clamped, 'latin1');
  return true;
}

/** Octal, or base 256 where the first bit is set. */
function numberOf(header: Buffer, { at, length }: { readonly at: number; readonly length: number }): number {
  if (((header[at] ?? 0) & 0x80) !== 0) return Number(header.readBigInt64BE(at + length - 8));
  return Number.parseInt(header.toString('latin1', at, at + length), 8) || 0;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
