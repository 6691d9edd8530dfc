import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import { blobPath } from '../../../../src/model/image.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { stageImage } from '../../../../src/steps/build/stage.ts';
import { AMD64, ARM64, aPlannedImage } from '../../../helpers/a-release.ts';
import { type MemoryFiles, memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };

function put(files: MemoryFiles, { bytes, descriptor }: Encoded): Descriptor {
  files.tree.set(blobPath(store, descriptor.digest), bytes);
  return descriptor;
}

const blob = (files: MemoryFiles, text: string, mediaType: string = MEDIA.ociLayerGzip) =>
  put(files, describeBytes(new TextEncoder().encode(text), mediaType));

function image(files: MemoryFiles, architecture: string, layers: readonly Descriptor[]): Descriptor {
  const config = put(files, encodeJson({ os: 'linux', architecture, variant: '' }, MEDIA.ociConfig));
  return put(files, encodeJson({ schemaVersion: 2, config, layers }, MEDIA.ociManifest));
}

function index(files: MemoryFiles, manifests: readonly Descriptor[]): Descriptor {
  return put(files, encodeJson({ schemaVersion: 2, manifests }, MEDIA.ociIndex));
}

function stage(files: MemoryFiles, top: Descriptor, platforms = [AMD64]) {
  const planned = aPlannedImage('app', { platforms });
  return stageImage({ planned, store, top, origin: 'built', fault: 'BUILD_FAILED' }, { files });
}

describe('an image of the staging store', () => {
  it('has the platform of its config when it is one manifest, and only its size and digest', async () => {
    const files = memoryFiles();
    const top = image(files, 'amd64', [blob(files, 'layer')]);
    const built = await stage(files, { ...top, annotations: { 'a layout': 'says' } });
    expect(built.top).toEqual(top);
    expect(built.platforms).toEqual([{ platform: AMD64, descriptor: { ...top, platform: AMD64 } }]);
  });

  it('counts each blob once, attestations too, which are no platform', async () => {
    const files = memoryFiles();
    const shared = blob(files, 'shared layer');
    const [amd, arm] = [image(files, 'amd64', [shared, shared]), image(files, 'arm64', [shared])];
    const statement = image(files, 'unknown', [blob(files, 'in-toto', MEDIA.inToto)]);
    const top = index(files, [
      { ...amd, platform: AMD64 },
      { ...arm, platform: ARM64 },
      {
        ...statement,
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
    ]);
    const built = await stage(files, top, [AMD64, ARM64]);
    expect(built.platforms.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    expect(built.size).toBe([...files.tree.values()].reduce((sum, { byteLength }) => sum + byteLength, 0));
  });

  it.each<[string, (files: MemoryFiles, top: Descriptor, layer: Descriptor) => void, RegExp]>([
    [
      'a layer is missing',
      (files, _, layer) => void files.tree.delete(blobPath(store, layer.digest)),
      /no bytes/,
    ],
    [
      'a layer is cut off',
      (files, _, layer) => void files.tree.set(blobPath(store, layer.digest), new Uint8Array(2)),
      /2 bytes of 5/,
    ],
    [
      'the manifest is missing',
      (files, top) => void files.tree.delete(blobPath(store, top.digest)),
      /missing/,
    ],
    [
      'the manifest was changed',
      (files, top) => void files.tree.set(blobPath(store, top.digest), new Uint8Array(top.size)),
      /expected sha256/,
    ],
  ])('is refused when %s', async (_, harm, message) => {
    const files = memoryFiles();
    const layer = blob(files, 'layer');
    const top = image(files, 'amd64', [layer]);
    harm(files, top, layer);
    await expect(stage(files, top)).rejects.toThrow(message);
  });

  it('is refused when a planned platform is missing, with both named', async () => {
    const files = memoryFiles();
    const top = image(files, 'amd64', []);
    await expect(stage(files, top, [AMD64, ARM64])).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: 'the image app has no linux/arm64; it has linux/amd64',
    });
  });

  it.each<[string, (files: MemoryFiles) => Descriptor]>([
    ['an index in an index', (files) => index(files, [index(files, [])])],
    ['an index without images', (files) => index(files, [])],
    [
      'a config without a platform',
      (files) => {
        const config = put(files, encodeJson({}, MEDIA.ociConfig));
        return put(files, encodeJson({ schemaVersion: 2, config, layers: [] }, MEDIA.ociManifest));
      },
    ],
    ['no document', (files) => put(files, describeBytes(new Uint8Array([1, 2]), MEDIA.ociManifest))],
  ])('is refused: %s', async (_, make) => {
    const files = memoryFiles();
    const top = make(files);
    await expect(stage(files, top, [])).rejects.toMatchObject({ code: 'BUILD_FAILED' });
  });
});
