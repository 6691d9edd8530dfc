import { beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import { blobPath } from '../../../../src/model/image.ts';
import type { BlobSource } from '../../../../src/steps/build/blob-source.ts';
import { keptLayers } from '../../../../src/steps/build/kept-layers.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { type MemoryFiles, memoryFiles } from '../../../helpers/memory-files.ts';

const FOLDER = '/tool-cache/module-release/layers';
const RAW = { root: '/stage/raw' };
const DAY = 86_400_000;
const MIB = 1024 ** 2;

const layer = (text: string, size = MIB) => {
  const bytes = new Uint8Array(Buffer.alloc(size, text));
  const digest = digestOf(bytes);
  return { bytes, digest, kept: `${FOLDER}/${hexOf(digest)}`, raw: blobPath(RAW, digest) };
};

let files: MemoryFiles;
let now: number;

const source: BlobSource = { fetch: async () => {}, path: (digest) => blobPath(RAW, digest), ours: true };

function keeper(images: readonly string[] = ['acme/app']) {
  const clock = { now: () => new Date(now), elapsed: () => 0, sleep: async () => {} };
  return keptLayers(FOLDER, images, { files, clock, log: fakeLog() });
}

/** A release on this machine whose export has `sent` these layers and uses them and `lent` ones. */
async function aRelease(
  sent: readonly ReturnType<typeof layer>[],
  lent: readonly ReturnType<typeof layer>[] = [],
) {
  const kept = keeper();
  await files.remove(RAW.root);
  await kept.lend(RAW);
  for (const { raw, bytes } of sent) await files.write(raw, bytes);
  await kept.over(source, RAW).fetch([...sent, ...lent].map(({ digest }) => digest));
  await kept.tidy();
}

beforeEach(() => {
  files = memoryFiles();
  now = Date.UTC(2026, 10, 21);
});

describe('kept layers', () => {
  it('are lent to the next release, and said to be', async () => {
    const one = layer('one');
    await aRelease([one]);
    const kept = keeper();
    await files.remove(RAW.root);
    await kept.lend(RAW);
    expect(await files.size(one.raw)).toBe(MIB);
    expect(kept.over(source, RAW).lent).toEqual(new Set([one.digest]));
  });

  it('are expected where the last release of the same images has gzipped them', async () => {
    const [one, other, small] = [layer('one'), layer('compressed before'), layer('small', 1000)];
    const releases = async (images: readonly string[]) => {
      const kept = keeper(images);
      await files.remove(RAW.root);
      await kept.lend(RAW);
      return kept;
    };
    const first = await releases(['acme/b', 'acme/a']);
    expect(await first.expected()).toEqual([]);
    for (const { raw, bytes } of [one, other, small]) await files.write(raw, bytes);
    const { fetch, deflated } = first.over(source, RAW);
    await fetch([one, other, small].map(({ digest }) => digest));
    for (const { digest } of [one, small]) deflated!(digest);
    await first.tidy();
    expect(await (await releases(['acme/a', 'acme/b'])).expected()).toEqual([one.digest]);
    expect(await (await releases(['acme/a'])).expected()).toEqual([]);
    // What was only foreseen is not expected again.
    const next = await releases(['acme/a', 'acme/b']);
    next.over(source, RAW).deflated!(one.digest);
    await next.tidy();
    expect(await (await releases(['acme/a', 'acme/b'])).expected()).toEqual([]);
    expect(await files.exists(`${FOLDER}/last.json`)).toBe(false);
  });

  it('leave out small ones', async () => {
    const small = layer('small', 1000);
    await aRelease([small]);
    expect(await files.exists(small.kept)).toBe(false);
  });

  it('are forgotten when a build failed with them', async () => {
    const [lent, other] = [layer('lent'), layer('other')];
    await aRelease([lent]);
    const kept = keeper();
    await kept.lend(RAW);
    await files.write(other.kept, other.bytes);
    await kept.forget();
    expect(await files.exists(lent.kept)).toBe(false);
    expect(await files.exists(other.kept)).toBe(true);
  });

  it('go a week after their last use', async () => {
    const [old, used] = [layer('old'), layer('used')];
    await aRelease([old, used]);
    now += 6 * DAY;
    await aRelease([], [used]);
    now += 2 * DAY;
    await aRelease([]);
    expect(await files.exists(old.kept)).toBe(false);
    expect(await files.exists(used.kept)).toBe(true);
  });

  it('go when they are the oldest beyond 4 GiB', async () => {
    const layers = [layer('a'), layer('b'), layer('c')];
    const { size } = files;
    files.size = async (path) => ((await size(path)) === MIB ? 1.5 * 1024 ** 3 : size(path));
    for (const each of layers) {
      now += 1000;
      await aRelease([each]);
    }
    expect(await Promise.all(layers.map(({ kept }) => files.exists(kept)))).toEqual([false, true, true]);
  });

  it('are no matter of broken notes, of foreign files, and of copies that were cut off', async () => {
    const one = layer('one');
    await aRelease([one]);
    await files.write(`${FOLDER}/used.json`, '{"x":');
    await files.write(`${FOLDER}/README`, 'mine');
    await files.write(`${FOLDER}/new-${now - 2 * DAY}-00`, 'half');
    await files.write(`${FOLDER}/new-${now}-01`, 'being written');
    await aRelease([], [one]);
    expect(await files.list(FOLDER)).toEqual(
      [hexOf(one.digest), 'README', `new-${now}-01`, 'used.json'].sort(),
    );
  });

  it('are a help only: a full or forbidden disk is no reason to fail', async () => {
    const one = layer('one');
    files.copy = async () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    files.list = async () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
    await aRelease([one]);
    expect(await files.exists(one.kept)).toBe(false);
  });

  it('come with what deflating them made, and go with it', async () => {
    const one = layer('one');
    await aRelease([one]);
    const { deflated } = keeper().over(source, RAW);
    const blocks = deflated!(one.digest);
    await files.write(blocks.files.later, 'deflated');
    await blocks.settle(true);
    expect(files.text(blocks.files.earlier)).toBe('deflated');
    now += 6 * DAY;
    await aRelease([], [one]);
    expect(await files.exists(blocks.files.earlier)).toBe(true);
    now += 8 * DAY;
    await aRelease([]);
    expect(await files.list(FOLDER)).toEqual(['used.json']);
  });

  it('keep no deflated blocks without their layer, and none that say nothing new', async () => {
    const { deflated } = keeper().over(source, RAW);
    const [lost, known] = [deflated!(layer('lost').digest), deflated!(layer('known').digest)];
    await files.write(lost.files.later, 'lost');
    await lost.settle(true);
    await files.write(known.files.later, 'known');
    await known.settle(false);
    expect(await files.list(FOLDER)).toEqual([lost.files.earlier.slice(FOLDER.length + 1)]);
    await aRelease([layer('one')]);
    expect(await files.exists(lost.files.earlier)).toBe(false);
  });
});
