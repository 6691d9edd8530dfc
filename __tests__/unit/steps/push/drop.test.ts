import { describe, expect, it } from '@jest/globals';
import { blobPath } from '../../../../src/model/image.ts';
import { describeBytes, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import type { CleanImage } from '../../../../src/model/scan.ts';
import { dropLayers } from '../../../../src/steps/push/run.ts';
import { aBuiltImage, aPlannedImage } from '../../../helpers/a-release.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };

/** Two images that share a layer, in a store on a disk with so much space. */
function world(freeBytes: number) {
  const files = memoryFiles({}, { freeBytes });
  const put = ({ bytes, descriptor }: ReturnType<typeof describeBytes>) => {
    files.tree.set(blobPath(store, descriptor.digest), bytes);
    return descriptor;
  };
  const layer = (text: string) => put(describeBytes(new TextEncoder().encode(text), MEDIA.ociLayerGzip));
  const shared = layer('shared'.repeat(1000));
  const images = ['a', 'b'].map((name) => {
    const config = put(encodeJson({ name }, MEDIA.ociConfig));
    const top = put(
      encodeJson({ schemaVersion: 2, config, layers: [shared, layer(name)] }, MEDIA.ociManifest),
    );
    const image = { ...aBuiltImage(aPlannedImage(name)), store, top };
    return { image, platforms: [] } as unknown as CleanImage;
  });
  return { files, images, log: fakeLog() };
}

describe('layers that are pushed', () => {
  it('are removed from a disk that is nearly full, each once; manifests and configs stay', async () => {
    const { files, images, log } = world(1024 ** 3);
    const before = files.tree.size;
    await dropLayers(images, { files, log });
    expect(before - files.tree.size).toBe(3);
    for (const { image } of images) expect(await files.exists(blobPath(store, image.top.digest))).toBe(true);
    expect(log.lines).toEqual([
      'Only 1.0 GiB were free: 3 pushed layers were removed from the staging store (6.0 kB); 1.0 GiB are free now.',
    ]);
    await dropLayers([], { files, log });
  });

  it('stay where there is room', async () => {
    const { files, images, log } = world(2 * 1024 ** 3);
    const before = files.tree.size;
    await dropLayers(images, { files, log });
    expect([before - files.tree.size, log.lines]).toEqual([0, []]);
  });
});
