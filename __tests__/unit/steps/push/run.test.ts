import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { type BuiltImage, blobPath } from '../../../../src/model/image.ts';
import { type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import type { PlannedImage } from '../../../../src/model/plan.ts';
import { formatReference } from '../../../../src/model/reference.ts';
import { type CleanImage, passGate } from '../../../../src/model/scan.ts';
import { pushImages } from '../../../../src/steps/push/run.ts';
import {
  AMD64,
  ARM64,
  aBuiltImage,
  anInspection,
  aPlannedImage,
  aVerdict,
} from '../../../helpers/a-release.ts';
import { type FakeLog, fakeLog } from '../../../helpers/fake-log.ts';
import { type MemoryFiles, memoryFiles } from '../../../helpers/memory-files.ts';
import { type FakeRegistry, fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const store = { root: '/stage' };
let files: MemoryFiles;
let registry: FakeRegistry;
let log: FakeLog;

beforeEach(() => {
  files = memoryFiles();
  registry = fakeRegistry();
  log = fakeLog();
});

const push = (...images: BuiltImage[]) => pushImages(clean(images), { registry, files, log });

function clean(images: readonly BuiltImage[]): readonly CleanImage[] {
  return passGate(
    images.map((image) => anInspection(image)),
    aVerdict(),
  );
}

async function keep(encoded: Encoded): Promise<Descriptor> {
  await files.write(blobPath(store, encoded.descriptor.digest), encoded.bytes);
  return encoded.descriptor;
}

function manifestOf(name: string, layers: readonly string[] = [name]): Encoded {
  const blob = (text: string) => ({ ...encodeJson(text, MEDIA.ociLayerGzip).descriptor });
  return encodeJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: blob(`config of ${name}`),
      layers: layers.map(blob),
    },
    MEDIA.ociManifest,
  );
}

async function built(name: string, top: Encoded, planned: Partial<PlannedImage> = {}): Promise<BuiltImage> {
  return aBuiltImage(aPlannedImage(name, planned), { store, top: await keep(top) });
}

async function anIndex(members: readonly Encoded[], more: readonly object[] = []): Promise<Encoded> {
  const platforms = [AMD64, ARM64];
  const manifests = [];
  for (const [i, member] of members.entries())
    manifests.push({ ...(await keep(member)), platform: platforms[i] });
  return encodeJson(
    { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [...manifests, ...more] },
    MEDIA.ociIndex,
  );
}

describe('pushImages', () => {
  it('sends blobs, then platform manifests, then the index, and sets no tag', async () => {
    const members = [manifestOf('amd', ['shared', 'amd']), manifestOf('arm', ['shared', 'arm'])];
    const index = await anIndex(members);
    const [pushed] = await push(await built('app', index));
    const kinds = registry.writes.map((line) => line.split(' ')[0]);
    expect(kinds).toEqual([...Array(5).fill('blob'), ...Array(3).fill('manifest')]);
    expect(registry.writes.at(-1)).toBe(`manifest ghcr.io/acme/app@${index.descriptor.digest}`);
    expect(registry.writes.filter((line) => /app:/.test(line))).toEqual([]);
    expect(pushed).toMatchObject({
      descriptor: index.descriptor,
      subjects: [{ repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: index.descriptor.digest }],
      blobs: { uploaded: 5, mounted: 0, existing: 0 },
      origin: 'built',
    });
  });

  it('takes attestation manifests and their blobs along', async () => {
    const attestation = manifestOf('attestation', ['statement']);
    const unknown = { ...(await keep(attestation)), platform: { os: 'unknown', architecture: 'unknown' } };
    await push(await built('app', await anIndex([manifestOf('amd')], [unknown])));
    expect(registry.writes).toContainEqual(`manifest ghcr.io/acme/app@${attestation.descriptor.digest}`);
    expect(registry.writes.filter((line) => line.startsWith('blob'))).toHaveLength(4);
  });

  it('sends what images share once, and mounts it into the others', async () => {
    const images = [
      await built('base', manifestOf('base', ['base'])),
      await built('one', manifestOf('one', ['base', 'one'])),
      await built('two', manifestOf('two', ['base', 'two'])),
    ];
    const pushed = await push(...images);
    expect(pushed.map(({ blobs }) => blobs)).toEqual([
      { uploaded: 2, mounted: 0, existing: 0 },
      { uploaded: 2, mounted: 1, existing: 0 },
      { uploaded: 2, mounted: 1, existing: 0 },
    ]);
  });

  it('brings the same digest to every registry', async () => {
    const repositories = ['ghcr.io', 'docker.io'].map((name) => ({ registry: name, path: 'acme/app' }));
    const image = await built('app', manifestOf('app'), { repositories });
    const [pushed] = await push(image);
    expect(pushed?.subjects.map(({ repository, digest }) => [repository.registry, digest])).toEqual([
      ['ghcr.io', image.top.digest],
      ['docker.io', image.top.digest],
    ]);
    for (const { registry: name } of repositories)
      expect(registry.manifests.get(`${name}/acme/app@${image.top.digest}`)?.descriptor).toEqual(image.top);
    expect(pushed?.blobs.uploaded).toBe(4);
  });

  it('writes nothing that is there already, and what is missing only', async () => {
    const repositories = ['ghcr.io', 'docker.io'].map((name) => ({ registry: name, path: 'acme/app' }));
    const image = await built('app', manifestOf('app'), { repositories });
    await push(image);
    const before = registry.writes.length;
    const [again] = await push({ ...image, origin: 'adopted' });
    expect(again?.blobs).toEqual({ uploaded: 0, mounted: 0, existing: 4 });
    expect(again?.origin).toBe('adopted');
    expect(registry.writes.slice(before).every((line) => line.endsWith('existing'))).toBe(true);
  });

  it.each([
    ['three large ones', 5_000_000, 3],
    ['five small ones', 1000, 5],
  ])('sends no more than %s at once', async (_, size, expected) => {
    const layers = Array.from({ length: 12 }, (_each, i) => ({
      ...encodeJson(`layer ${i}`, MEDIA.ociLayerGzip).descriptor,
      size,
    }));
    const config = { ...layers[0], digest: digestOf('config') };
    const manifest = encodeJson({ schemaVersion: 2, config, layers }, MEDIA.ociManifest);
    await push(await built('app', manifest));
    expect(registry.most).toBe(expected);
  });

  it('writes no manifest when a blob failed, and tells the failure', async () => {
    registry.fail(/^blob/);
    await expect(push(await built('app', manifestOf('app')))).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
    expect(registry.writes.filter((line) => line.startsWith('manifest'))).toEqual([]);
  });

  it('asks whether a manifest is there only where all blobs are', async () => {
    const image = await built('app', manifestOf('app'));
    const asked: string[] = [];
    const asking = {
      ...registry,
      resolve: (ref: Parameters<typeof registry.resolve>[0]) => {
        asked.push(formatReference(ref));
        return registry.resolve(ref);
      },
    };
    const ref = `ghcr.io/acme/app@${image.top.digest}`;
    await pushImages(clean([image]), { registry: asking, files, log });
    // Once, to see that it is what was written.
    expect(asked).toEqual([ref]);
    await pushImages(clean([image]), { registry: asking, files, log });
    expect(asked).toEqual([ref, ref, ref]);
  });

  it('finishes the other registry when one fails', async () => {
    const repositories = ['ghcr.io', 'docker.io'].map((name) => ({ registry: name, path: 'acme/app' }));
    const image = await built('app', manifestOf('app'), { repositories });
    registry.fail(/^put ghcr\.io/);
    await expect(push(image)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(registry.writes).toContain(`manifest docker.io/acme/app@${image.top.digest}`);
  });

  it('refuses bytes in the store that have another digest', async () => {
    const image = await built('app', manifestOf('app'));
    await files.write(blobPath(store, image.top.digest), '{}');
    await expect(push(image)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(registry.writes).toEqual([]);
  });

  it('does not believe a registry that shows something else afterwards', async () => {
    const image = await built('app', manifestOf('app'));
    const lying = { ...registry, resolve: async () => undefined, putManifest: async () => undefined };
    const work = pushImages(clean([image]), { registry: lying, files, log });
    await expect(work).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining('nothing there'),
    });
  });

  it('says what it will do and what it did', async () => {
    const image = await built('app', manifestOf('app'));
    await push(image);
    expect(log.lines.filter((line) => !line.startsWith('debug'))).toEqual([
      'Pushing 1 image to ghcr.io by digest: 2 distinct blobs, at most 0.0 kB.',
      `The image app is at ghcr.io/acme/app@${image.top.digest}: 2 blobs uploaded (0.0 kB).`,
    ]);
  });
});
