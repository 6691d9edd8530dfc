import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipFile } from '../../../../src/adapters/files/gzip.ts';

const BLOCK = 256 * 1024;
const WINDOW = 32 * 1024;

let folder = '';
let count = 0;
function fresh(): string {
  count += 1;
  return join(folder, `file-${count}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deflated-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Text that deflates, of a few blocks and a bit; `salt` makes the block in the middle another one. */
function text(salt = ''): Buffer {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${i} ${(i * 2654435761) % 4294967296}`);
  const data = Buffer.from(lines.join('\n'));
  data.write(salt, BLOCK + BLOCK / 2);
  return data;
}

async function gzip(data: Buffer, how: { readonly earlier?: string; readonly later?: string } = {}) {
  const [from, to] = [fresh(), fresh()];
  await writeFile(from, data);
  const { left = false } = await gzipFile(from, to, how);
  const bytes = await readFile(to);
  expect(gunzipSync(bytes).equals(data)).toBe(true);
  return { bytes, left };
}

/** What a run left behind for `data`. */
async function leave(data: Buffer): Promise<string> {
  const later = fresh();
  expect((await gzip(data, { later })).left).toBe(true);
  return later;
}

/** A file of blocks with other ones in it: what stands before the first is kept. */
async function forged(blocks: readonly Buffer[]): Promise<string> {
  const real = await readFile(await leave(text()));
  const path = fresh();
  const records = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(block.byteLength);
    return [length, block];
  });
  await writeFile(path, Buffer.concat([real.subarray(0, real.indexOf('\n') + 1), ...records]));
  return path;
}

/** Each whole block of `data`, deflated in another way. */
function deflated(data: Buffer, level: number, finishFlush = constants.Z_SYNC_FLUSH): readonly Buffer[] {
  return Array.from({ length: Math.floor(data.byteLength / BLOCK) }, (_, i) => {
    const dictionary = data.subarray(Math.max(0, i * BLOCK - WINDOW), i * BLOCK);
    const known = dictionary.byteLength === 0 ? {} : { dictionary };
    return deflateRawSync(data.subarray(i * BLOCK, (i + 1) * BLOCK), { level, finishFlush, ...known });
  });
}

describe('deflated blocks of an earlier run', () => {
  it('make the same bytes as deflating anew', async () => {
    const data = text();
    const { bytes } = await gzip(data);
    expect((await gzip(data, { earlier: await leave(data) })).bytes.equals(bytes)).toBe(true);
  });

  it('are taken and not made again: of another level, they show', async () => {
    const data = text();
    const { bytes } = await gzip(data);
    const other = await gzip(data, { earlier: await forged(deflated(data, 1)) });
    expect(other.bytes.equals(bytes)).toBe(false);
  });

  it('serve as far as the file is the same, and leave what is new', async () => {
    const [before, after] = [text(), text('another text')];
    const earlier = await leave(before);
    const later = fresh();
    const result = await gzip(after, { earlier, later });
    expect(result.bytes.equals((await gzip(after)).bytes)).toBe(true);
    expect(result.left).toBe(true);
    expect((await gzip(after, { earlier: later, later: fresh() })).left).toBe(false);
  });

  it('may be of a longer or a shorter file', async () => {
    const data = text();
    for (const other of [data.subarray(0, BLOCK + 5), Buffer.concat([data, data])]) {
      const { bytes } = await gzip(other, { earlier: await leave(data) });
      expect(bytes.equals((await gzip(other)).bytes)).toBe(true);
    }
  });

  const hostile: readonly [string, (data: Buffer) => Promise<string>][] = [
    ['that end the stream', (data) => forged(deflated(data, 5, constants.Z_FINISH))],
    ['of another text', async () => leave(Buffer.from(text().toString().replaceAll('7', '8')))],
    [
      'that are cut off',
      (data) => forged(deflated(data, 5).map((block) => block.subarray(0, block.byteLength - 5))),
    ],
    [
      'with bytes behind them',
      (data) => forged(deflated(data, 5).map((b) => Buffer.concat([b, Buffer.from('x')]))),
    ],
    ['that are no deflate', (data) => forged(deflated(data, 5).map(() => Buffer.from('hello')))],
    ['that are larger than any', async () => forged([Buffer.alloc(600 * 1024)])],
    [
      'in a file that is cut off',
      async (data) => {
        const path = await leave(data);
        await truncate(path, 1000);
        return path;
      },
    ],
    [
      'of another making',
      async (data) => {
        const path = fresh();
        const bytes = await readFile(await leave(data));
        await writeFile(path, bytes.toString('latin1').replace('zlib 1', 'zlib 9'), 'latin1');
        return path;
      },
    ],
    ['in no file', async () => fresh()],
    ['in a folder', async () => folder],
  ];

  it.each(hostile)('are not used %s', async (_, make) => {
    const data = text();
    const { bytes } = await gzip(data, { earlier: await make(data) });
    expect(bytes.equals((await gzip(data)).bytes)).toBe(true);
  });

  it('are no trouble where they cannot be left', async () => {
    expect((await gzip(text(), { later: join(folder, 'no', 'such', 'folder') })).left).toBe(false);
  });
});
