import { digestOf } from '../../../src/model/digest.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../../src/model/manifest.ts';
import type { PromotionItem } from '../../../src/model/promotion.ts';
import type { Registry } from '../../../src/ports/registry.ts';

const CONFIG = describeBytes(
  new TextEncoder().encode('{"os":"linux","architecture":"amd64"}'),
  MEDIA.ociConfig,
);
const LAYER = describeBytes(new TextEncoder().encode('not really a layer'), MEDIA.ociLayerGzip);

/** The manifest of one image in one version: always the same bytes. */
export function imageManifest(name: string, version: string): Encoded {
  return encodeJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: CONFIG.descriptor,
      layers: [LAYER.descriptor],
      annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.version': version },
    },
    MEDIA.ociManifest,
  );
}

export type ImageSet = {
  readonly host: string;
  readonly prefix: string;
  readonly count: number;
  /** A second registry that holds the same. */
  readonly mirror?: string;
};

export function imageNames({ count }: Pick<ImageSet, 'count'>): readonly string[] {
  return Array.from({ length: count }, (_, at) => `app-${at + 1}`);
}

/** The images of one version as a promotion wants them. */
export function itemsOf(set: ImageSet, version: string): readonly PromotionItem[] {
  return imageNames(set).map((image) => ({
    image,
    repositories: [set.host, ...(set.mirror === undefined ? [] : [set.mirror])].map((registry) => ({
      registry,
      path: `${set.prefix}/${image}`,
    })),
    digest: imageManifest(image, version).descriptor.digest,
  }));
}

/** Pushes them by digest, as a release has done before it promotes. */
export async function pushImages(
  set: ImageSet,
  versions: readonly string[],
  registry: Pick<Registry, 'putBlob' | 'putManifest'>,
): Promise<void> {
  for (const image of imageNames(set)) {
    const repository = { registry: set.host, path: `${set.prefix}/${image}` };
    for (const blob of [CONFIG, LAYER]) await registry.putBlob(repository, blob);
    for (const version of versions) {
      const manifest = imageManifest(image, version);
      await registry.putManifest({ repository, digest: manifest.descriptor.digest }, manifest);
    }
  }
}

/** Which version each image's tag points at; `undefined` where there is no such tag, `?` where it is none of ours. */
export async function versionsAt(
  set: ImageSet,
  tag: string,
  versions: readonly string[],
  registry: Pick<Registry, 'getManifest'>,
): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    imageNames(set).map(async (image) => {
      const repository = { registry: set.host, path: `${set.prefix}/${image}` };
      const held = await registry.getManifest({ repository, tag });
      if (held === undefined) return undefined;
      const digest = digestOf(held.bytes);
      return versions.find((each) => imageManifest(image, each).descriptor.digest === digest) ?? '?';
    }),
  );
}
