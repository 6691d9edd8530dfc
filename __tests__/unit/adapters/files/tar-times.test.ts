import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipFile } from '../../../../src/adapters/files/gzip.ts';
import { applyPatches, lateTimes } from '../../../../src/adapters/files/tar-times.ts';
import { digestOf } from '../../../../src/model/digest.ts';

const EPOCH = 1_700_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mr-clamp-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A tar of files with these times in seconds; each holds its own name as often as fills the size. */
function archive(files: Readonly<Record<string, { time: number; size: number }>>, format: string): string {
  for (const [name, { time, size }] of Object.entries(files)) {
    writeFileSync(join(folder, name), name.repeat(Math.ceil(size / name.length)).slice(0, size));
    utimesSync(join(folder, name), time, time);
  }
  const path = join(folder, 'out.tar');
  execFileSync('tar', [`--format=${format}`, '-cf', path, '-C', folder, ...Object.keys(files)]);
  return path;
}

/** Name → time with all digits, as tar itself reads them: it checks the checksums. */
function times(path: string): Readonly<Record<string, number>> {
  const lines = execFileSync('tar', ['--full-time', '--utc', '-tvf', path], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, , , day, time, name] = line.split(/\s+/);
      return [name, Date.parse(`${day}T${time?.replace(/(\.\d{3})\d*/, '$1')}Z`) / 1000];
    }),
  );
}

/** Reads the archive in pieces of this many bytes, patches each, and writes them back; whether anything changed. */
async function clamp(path: string, piece = 1000): Promise<boolean> {
  const patches = await lateTimes(path, EPOCH);
  const before = readFileSync(path);
  const after = Buffer.from(before);
  for (let start = 0, first = 0; start < after.byteLength; start += piece)
    first = applyPatches(after.subarray(start, start + piece), start, patches, first);
  writeFileSync(path, after);
  return !after.equals(before);
}

describe('times of an archive', () => {
  it.each(['ustar', 'pax', 'gnu'])(
    'moves later times back and leaves earlier ones, in %s archives',
    async (format) => {
      const path = archive(
        {
          early: { time: EPOCH - 5, size: 10 },
          late: { time: EPOCH + 500, size: 700_000 },
          exact: { time: EPOCH, size: 0 },
          last: { time: EPOCH + 1, size: 512 },
        },
        format,
      );
      const size = readFileSync(path).byteLength;
      expect(await clamp(path)).toBe(true);
      expect(times(path)).toEqual({ early: EPOCH - 5, late: EPOCH, exact: EPOCH, last: EPOCH });
      expect(readFileSync(path).byteLength).toBe(size);
      expect(execFileSync('tar', ['-xOf', path, 'late']).equals(readFileSync(join(folder, 'late')))).toBe(
        true,
      );
    },
  );

  it('moves times back that stand in extended headers with fractions', async () => {
    const path = archive({ late: { time: EPOCH + 0.25, size: 3 } }, 'pax');
    expect(readFileSync(path, 'latin1')).toMatch(/mtime=1700000000\.25/);
    expect(await clamp(path)).toBe(true);
    expect(times(path)).toEqual({ late: EPOCH });
  });

  it('reads an extended header that is larger than what it reads at once', async () => {
    const path = archive({ late: { time: EPOCH + 9, size: 1 } }, 'ustar');
    const comment = `${'c'.repeat(400_000)}`;
    const records = [`400019 comment=${comment}\n`, `27 mtime=${EPOCH + 9}.5000000\n`].join('');
    const header = Buffer.from(readFileSync(path).subarray(0, 512));
    header.write(`${records.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('x', 156);
    const body = Buffer.alloc(Math.ceil(records.length / 512) * 512);
    body.write(records);
    writeFileSync(path, Buffer.concat([header, body, readFileSync(path)]));
    expect(await clamp(path)).toBe(true);
    expect(readFileSync(path, 'latin1').match(/mtime=\S+/g)).toEqual([`mtime=${EPOCH}.0000000`]);
  });

  it('changes no byte of an archive without later times', async () => {
    const path = archive({ a: { time: EPOCH, size: 5 }, b: { time: 1, size: 600 } }, 'pax');
    const before = readFileSync(path);
    expect(await clamp(path)).toBe(false);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([1, 511, 65_536])('are patched right in pieces of %s bytes', async (piece) => {
    const path = archive({ a: { time: EPOCH + 0.5, size: 900 }, b: { time: EPOCH + 7, size: 3 } }, 'pax');
    await clamp(path, piece);
    expect(times(path)).toEqual({ a: EPOCH, b: EPOCH });
  });

  it('are set while the archive is gzipped, and both contents are told', async () => {
    const path = archive({ late: { time: EPOCH + 5, size: 700_000 }, early: { time: 5, size: 1 } }, 'pax');
    const packed = `${path}.gz`;
    const before = digestOf(readFileSync(path));
    const gzipped = await gzipFile(path, packed, { notAfter: EPOCH, hashSource: true });
    const unpacked = gunzipSync(readFileSync(packed));
    expect(gzipped).toEqual({
      digest: digestOf(readFileSync(packed)),
      size: readFileSync(packed).byteLength,
      content: digestOf(unpacked),
      source: before,
    });
    expect(digestOf(readFileSync(path))).toBe(before);
    writeFileSync(path, unpacked);
    expect(times(path)).toEqual({ late: EPOCH, early: 5 });
  });

  it('finds every header among thousands', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`file-${i}`, { time: EPOCH + i, size: (i * 37) % 2000 }]),
    );
    const path = archive(files, 'ustar');
    await clamp(path);
    expect(new Set(Object.values(times(path)))).toEqual(new Set([EPOCH]));
  });
});
