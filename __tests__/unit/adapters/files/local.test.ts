import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { lstat, mkdtemp, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFiles } from '../../../../src/adapters/files/local.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import type { Files } from '../../../../src/ports/files.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

let root = '';
let runnerTemp: string | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'files-'));
  runnerTemp = process.env.RUNNER_TEMP;
  process.env.RUNNER_TEMP = root;
});
afterEach(async () => {
  if (runnerTemp === undefined) delete process.env.RUNNER_TEMP;
  else process.env.RUNNER_TEMP = runnerTemp;
  await rm(root, { recursive: true, force: true });
});

const kinds: [string, () => Files][] = [
  ['the disk', () => createFiles({ save: () => {} })],
  ['the disk in memory', () => memoryFiles({ [`${root}/.keep`]: '' })],
];

describe.each(kinds)('files on %s', (_, make) => {
  it('writes with the folders it needs, reads, measures and hashes', async () => {
    const files = make();
    const path = join(root, 'a/b/c.txt');
    await files.write(path, 'hello');
    expect(await files.readText(path)).toBe('hello');
    expect(new TextDecoder().decode(await files.read(path))).toBe('hello');
    expect(await files.size(path)).toBe(5);
    expect(await files.hash(path)).toBe(digestOf('hello'));
    expect(await files.isFolder(join(root, 'a/b'))).toBe(true);
    expect(await files.isFolder(path)).toBe(false);
    expect(await files.list(join(root, 'a'))).toEqual(['b']);
  });

  it('says what is not there', async () => {
    const files = make();
    const path = join(root, 'none');
    expect(await files.exists(path)).toBe(false);
    expect(await files.size(path)).toBeUndefined();
    expect(await files.readTextIfExists(path)).toBeUndefined();
    expect(await files.list(path)).toEqual([]);
    await files.remove(path);
    await expect(files.read(path)).rejects.toThrow(/ENOENT/);
  });

  it('copies, moves and removes files and folders', async () => {
    const files = make();
    await files.write(join(root, 'from/x'), '1');
    await files.write(join(root, 'from/y/z'), '2');
    await files.copy(join(root, 'from'), join(root, 'deep/copy'));
    await files.move(join(root, 'from'), join(root, 'new/place'));
    expect(await files.exists(join(root, 'from'))).toBe(false);
    expect(await files.readText(join(root, 'deep/copy/y/z'))).toBe('2');
    expect(await files.readText(join(root, 'new/place/x'))).toBe('1');
    await files.remove(join(root, 'new'));
    expect(await files.exists(join(root, 'new/place/x'))).toBe(false);
  });

  it('writes through a linked folder', async () => {
    const files = make();
    await files.makeFolder(join(root, 'blobs'));
    await files.link('../blobs', join(root, 'image/blobs'));
    await files.write(join(root, 'image/blobs/b'), 'blob');
    expect(await files.readText(join(root, 'blobs/b'))).toBe('blob');
    expect(await files.realPath(join(root, 'image/blobs'))).toBe(join(root, 'blobs'));
    await files.remove(join(root, 'image'));
    expect(await files.readText(join(root, 'blobs/b'))).toBe('blob');
  });

  it('gives a fresh folder each time', async () => {
    const files = make();
    const [a, b] = [await files.makeTempFolder('stage'), await files.makeTempFolder('stage')];
    expect(a).not.toBe(b);
    expect(await files.list(a)).toEqual([]);
  });

  it('knows the free space also where nothing is yet', async () => {
    expect(await make().freeBytes(join(root, 'not/yet'))).toBeGreaterThan(0);
  });
});

describe('the disk', () => {
  it('keeps secrets to this user, also over an older file', async () => {
    const files = createFiles({ save: () => {} });
    const path = join(root, 's');
    await files.write(path, 'a');
    await files.write(path, 'b', 0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('makes a file writable for its owner, and nobody else', async () => {
    const files = createFiles({ save: () => {} });
    const path = join(root, 'given');
    await files.write(path, 'x', 0o440);
    await files.makeWritable(path);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('makes one temp root below RUNNER_TEMP, for this user alone, and tells the post step', async () => {
    const saved: string[] = [];
    const files = createFiles({ save: (key, value) => saved.push(key, value) });
    const stage = await files.makeTempFolder('stage');
    await files.makeTempFolder('reports');
    expect(saved).toEqual(['temp', join(stage, '..')]);
    expect(stage).toMatch(new RegExp(`^${root}/module-release-[0-9a-f]{16}/stage$`));
    expect((await stat(join(stage, '..'))).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['on one disk by a second name', () => join(root, 'two'), 2],
    ['on another one by a copy', () => `/dev/shm/module-release-${randomUUID()}`, 1],
  ])('shares a file %s', async (_, place, names) => {
    const files = createFiles({ save: () => {} });
    const to = place();
    await files.write(join(root, 'one'), 'bytes');
    await files.share(join(root, 'one'), join(to, 'deep'));
    expect(await files.readText(join(to, 'deep'))).toBe('bytes');
    expect((await stat(join(root, 'one'))).nlink).toBe(names);
    await files.remove(join(root, 'one'));
    expect(await files.readText(join(to, 'deep'))).toBe('bytes');
    await files.remove(to);
  });

  it('links, and does not copy what a link points at', async () => {
    const files = createFiles({ save: () => {} });
    await files.link('nowhere', join(root, 'a/l'));
    await files.copy(join(root, 'a'), join(root, 'b'));
    expect((await lstat(join(root, 'b/l'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(root, 'b/l'))).toBe('nowhere');
  });

  it('gzips equal bytes to equal bytes, whatever name and time', async () => {
    const files = createFiles({ save: () => {} });
    const data = Buffer.alloc(300_000, 'layer ');
    await files.write(join(root, 'one'), data);
    await files.write(join(root, 'two'), data);
    const one = await files.gzip(join(root, 'one'), join(root, 'gz/1'));
    const two = await files.gzip(join(root, 'two'), join(root, 'gz/2'));
    const bytes = await files.read(join(root, 'gz/1'));
    expect(one).toEqual(two);
    expect(one).toEqual({ digest: digestOf(bytes), size: bytes.byteLength, content: digestOf(data) });
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    expect(gunzipSync(bytes).equals(data)).toBe(true);
  });

  const BLOCK = 256 * 1024;
  const random = (size: number) => randomBytes(size);
  const text = (size: number) => Buffer.alloc(size, 'the same words again and again, ');
  it.each<[string, () => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['one byte', () => Buffer.from('x')],
    ['what deflates', () => text(3 * BLOCK + 17)],
    ['what does not', () => random(3 * BLOCK + 17)],
    ['whole blocks that deflate', () => text(2 * BLOCK)],
    ['whole blocks that do not', () => random(2 * BLOCK)],
    ['a last block of one stored byte more', () => random(BLOCK + 0xffff + 1)],
    ['a last block of whole stored pieces', () => random(BLOCK + 2 * 0xffff)],
    ['both by turns', () => Buffer.concat([text(BLOCK), random(BLOCK), text(BLOCK), random(100)])],
    ['both the other way round', () => Buffer.concat([random(BLOCK), text(BLOCK), random(BLOCK), text(99)])],
  ])('gzips %s so that other programs read it', async (_, make) => {
    const files = createFiles({ save: () => {} });
    const data = make();
    await files.write(join(root, 'plain'), data);
    const { size } = await files.gzip(join(root, 'plain'), join(root, 'plain.gz'));
    expect(gunzipSync(await files.read(join(root, 'plain.gz'))).equals(data)).toBe(true);
    const unpacked = execFileSync('gzip', ['-dc', join(root, 'plain.gz')], { maxBuffer: 2 ** 24 });
    expect(unpacked.equals(data)).toBe(true);
    expect(size).toBeLessThan(data.byteLength * 1.001 + 40);
  });
});
