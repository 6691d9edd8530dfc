import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { LOW_SPACE } from '../../../../src/model/disk.ts';
import { blobPath, layoutPath } from '../../../../src/model/image.ts';
import type { Batch } from '../../../../src/steps/build/take-built.ts';
import { takeEarly } from '../../../../src/steps/build/take-early.ts';
import { aPlannedImage } from '../../../helpers/a-release.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const raw = { root: '/stage/raw' };
const images = new Map(['app', 'base'].map((name) => [name, aPlannedImage(name)]));
const indexOf = (name: string) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf(name), size: 1 }],
  });

function bench(change: { readonly free?: number; readonly take?: (batch: Batch) => Promise<never> } = {}) {
  const files = { ...memoryFiles(), freeBytes: async () => change.free ?? LOW_SPACE };
  const batches: Batch[] = [];
  let looks = 0;
  /** What happens at a look. */
  const at = new Map<number, () => unknown>();
  const clock = {
    now: () => new Date(0),
    elapsed: () => 0,
    sleep: async () => {
      looks += 1;
      await at.get(looks)?.();
    },
  };
  const take = async (batch: Batch) => {
    batches.push(batch);
    return change.take === undefined ? [] : change.take(batch);
  };
  const early = takeEarly({ images, raw, take }, { clock, files });
  const name = (target: string, text = indexOf(target)) =>
    files.write(`${layoutPath(raw, target)}/index.json`, text);
  return { early, files, batches, at, name, looks: () => looks };
}

/** All that was begun has come to its end, and nothing was given up. */
async function idle(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo() && turns < 1000; turns += 1) await new Promise((done) => setTimeout(done, 1));
}

describe('taking images while bake runs', () => {
  it('waits until buildx has named the image, and takes it from where it is', async () => {
    const { early, batches, at, name } = bench();
    at.set(1, () => name('app', indexOf('app').slice(0, 20)));
    at.set(2, () => name('app'));
    early.exported('app');
    await idle(() => batches.length > 0);
    await early.end();
    expect(batches).toEqual([
      {
        images: new Map([['app', images.get('app')]]),
        digests: new Map([['app', digestOf('app')]]),
        during: 'live',
      },
    ]);
  });

  it('does not wait for the name where BuildKit has said what the image is: its top is sent last', async () => {
    const { early, files, batches, at, name } = bench();
    at.set(2, () => files.write(blobPath(raw, digestOf('told')), '{}'));
    at.set(3, () => name('app'));
    early.exported('app', digestOf('told'));
    await idle(() => batches.length > 0);
    await early.end();
    expect(batches.map(({ digests }) => [...digests.values()])).toEqual([[digestOf('told')]]);
  });

  it('takes what was named where BuildKit has said something else', async () => {
    const { early, batches, at, name } = bench();
    at.set(2, () => name('app'));
    early.exported('app', digestOf('never sent'));
    await idle(() => batches.length > 0);
    await early.end();
    expect(batches.map(({ digests }) => [...digests.values()])).toEqual([[digestOf('app')]]);
  });

  it('takes each once, one after another, and none that is no image', async () => {
    const { early, batches, name } = bench();
    await name('app');
    await name('base');
    for (const target of ['base', 'stranger', 'app', 'base']) early.exported(target);
    await idle(() => batches.length > 1);
    await early.end();
    expect(batches.map(({ digests }) => [...digests.keys()])).toEqual([['base'], ['app']]);
  });

  it('gives up one that is never named, and goes on with the next', async () => {
    const { early, batches, name, looks } = bench();
    await name('base');
    early.exported('app');
    early.exported('base');
    await idle(() => batches.length > 0);
    await early.end();
    expect([...batches[0]!.digests.keys()]).toEqual(['base']);
    expect(looks()).toBe(500);
  });

  it('leaves what goes wrong to the taking of all', async () => {
    const { early, batches, name } = bench({ take: async () => Promise.reject(new Error('broken')) });
    await name('app');
    await name('base');
    early.exported('app');
    early.exported('base');
    await idle(() => batches.length > 1);
    await early.end();
    expect(batches).toHaveLength(2);
  });

  it('takes nothing where space is short', async () => {
    const { early, batches, name } = bench({ free: LOW_SPACE - 1 });
    await name('app');
    early.exported('app');
    await new Promise((done) => setTimeout(done, 20));
    await early.end();
    expect(batches).toEqual([]);
  });

  it('begins nothing after its end', async () => {
    const { early, batches, name } = bench();
    await name('app');
    await early.end();
    early.exported('app');
    await new Promise((done) => setTimeout(done, 20));
    expect(batches).toEqual([]);
  });
});
