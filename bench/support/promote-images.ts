import type { Digest } from '../../src/model/digest.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { PromotionItem } from '../../src/model/promotion.ts';
import type { Repository } from '../../src/model/reference.ts';
import type { Registry } from '../../src/ports/registry.ts';

export const TAG = 'prod';
export const VERSIONS = ['1.0.0', '1.1.0'] as const;

const CONFIG = describeBytes(
  new TextEncoder().encode('{"os":"linux","architecture":"amd64"}'),
  MEDIA.ociConfig,
);

export function repositoryOf(host: string, image: string): Repository {
  return { registry: host, path: `bench/${image}` };
}

export function imageDigest(image: string, version: string): Digest {
  return manifestOf(image, version).descriptor.digest;
}

export function itemOf(host: string, image: string, version: string): PromotionItem {
  return { image, repositories: [repositoryOf(host, image)], digest: imageDigest(image, version) };
}

function manifestOf(image: string, version: string): Encoded {
  return encodeJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: CONFIG.descriptor,
      layers: [CONFIG.descriptor],
      annotations: { 'org.opencontainers.image.title': image, 'org.opencontainers.image.version': version },
    },
    MEDIA.ociManifest,
  );
}

/** Both versions of each image, by digest and by their own tags. */
export async function pushImages(host: string, count: number, registry: Registry): Promise<void> {
  for (let at = 1; at <= count; at += 1) {
    const repository = repositoryOf(host, `app-${at}`);
    await registry.putBlob(repository, CONFIG);
    for (const version of VERSIONS)
      await registry.putManifest({ repository, tag: version }, manifestOf(`app-${at}`, version));
    // Every tool finds a tag that is to be moved.
    await registry.putManifest({ repository, tag: TAG }, manifestOf(`app-${at}`, VERSIONS[0]));
  }
}
