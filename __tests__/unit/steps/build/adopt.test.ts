import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import type { Digest } from '../../../../src/model/digest.ts';
import { blobPath, layoutPath } from '../../../../src/model/image.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import type { Registry } from '../../../../src/ports/registry.ts';
import { adoptImage } from '../../../../src/steps/build/adopt.ts';
import { AMD64, ARM64, aPlannedImage } from '../../../helpers/a-release.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };
const repository = { registry: 'ghcr.io', path: 'acme/app' };

function world() {
  const files = memoryFiles();
  const content = new Map<Digest, Encoded>();
  const pulled: Digest[] = [];
  const put = (encoded: Encoded): Descriptor => {
    content.set(encoded.descriptor.digest, encoded);
    return encoded.descriptor;
  };
  const registry: Pick<Registry, 'getManifest' | 'pullBlob'> = {
    getManifest: async (reference) => ('digest' in reference ? content.get(reference.digest) : undefined),
    pullBlob: async (_, blob, path) => {
      pulled.push(blob.digest);
      await Promise.resolve();
      files.tree.set(path, content.get(blob.digest)?.bytes ?? new Uint8Array());
    },
  };
  const layer = put(describeBytes(new TextEncoder().encode('shared layer'), MEDIA.ociLayerGzip));
  const image = (architecture: string, name: string): Descriptor => {
    const config = put(encodeJson({ os: 'linux', architecture, name }, MEDIA.ociConfig));
    return put(encodeJson({ schemaVersion: 2, config, layers: [layer] }, MEDIA.ociManifest));
  };
  const ports = { files, log: fakeLog(), registry: registry as Registry };
  return { ports, files, content, pulled, put, image, layer };
}

describe('adopting an image', () => {
  it('pulls index, manifests and blobs, and makes a layout of the very bytes', async () => {
    const { ports, files, put, image, content } = world();
    const manifests = [
      { ...image('amd64', 'a'), platform: AMD64 },
      { ...image('arm64', 'a'), platform: ARM64 },
    ];
    const top = put(encodeJson({ schemaVersion: 2, manifests }, MEDIA.ociIndex));
    const planned = aPlannedImage('app');
    const adopted = await adoptImage(planned, { repository, digest: top.digest }, store, ports);
    expect(adopted).toMatchObject({ origin: 'adopted', top, planned });
    expect(adopted.platforms.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    for (const [digest, { bytes }] of content) expect(files.tree.get(blobPath(store, digest))).toEqual(bytes);
    const index = JSON.parse(files.text(`${layoutPath(store, 'app')}/index.json`));
    expect(index.manifests).toEqual([top]);
    expect(files.text(`${layoutPath(store, 'app')}/blobs/sha256/${top.digest.slice(7)}`)).toContain(
      'manifests',
    );
  });

  it('pulls a layer once that two images share, also at the same time', async () => {
    const { ports, pulled, image, layer } = world();
    const adopt = (name: string) => {
      const planned = aPlannedImage(name, { platforms: [AMD64] });
      return adoptImage(planned, { repository, digest: image('amd64', name).digest }, store, ports);
    };
    await Promise.all([adopt('a'), adopt('b')]);
    await adopt('c');
    expect(pulled.filter((digest) => digest === layer.digest)).toHaveLength(1);
    expect(pulled).toHaveLength(4);
  });

  it('without layers pulls manifests and configs alone, and tells the size of all', async () => {
    const { ports, files, pulled, image, layer } = world();
    const planned = aPlannedImage('app', { platforms: [AMD64] });
    const top = image('amd64', 'app');
    const from = { repository, digest: top.digest };
    const adopted = await adoptImage(planned, from, store, ports, { layers: false });
    expect(pulled).toHaveLength(1);
    expect(files.tree.has(blobPath(store, layer.digest))).toBe(false);
    const whole = await adoptImage(planned, from, { root: '/other' }, ports);
    expect(adopted).toEqual({ ...whole, store });
  });

  it('fails when it has gone', async () => {
    const { ports } = world();
    const gone = encodeJson({ gone: true }, MEDIA.ociManifest).descriptor;
    await expect(
      adoptImage(aPlannedImage('app'), { repository, digest: gone.digest }, store, ports),
    ).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', message: expect.stringContaining(gone.digest) });
  });
});
