import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Descriptor, Platform } from '../../../src/model/descriptor.ts';
import { blobPath, type StagingStore } from '../../../src/model/image.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../../src/model/manifest.ts';

type Annotations = Readonly<Record<string, string>>;

export type ImageParts = {
  readonly layers?: readonly Descriptor[];
  readonly annotations?: Annotations;
  readonly platform?: Platform;
};

/** A staging store in a temp folder, filled by hand. */
export type Stage = {
  readonly store: StagingStore;
  /** The path of a blob. */
  path(blob: Descriptor): string;
  blob(bytes: Uint8Array | string, mediaType?: string): Promise<Descriptor>;
  /** A layer of random bytes. */
  layer(size?: number): Promise<Descriptor>;
  /** Config, layers (default: one) and manifest. */
  image(parts?: ImageParts): Promise<Encoded>;
  index(members: readonly Descriptor[], annotations?: Annotations): Promise<Encoded>;
  remove(): Promise<void>;
};

export async function createStage(): Promise<Stage> {
  const store = { root: await mkdtemp(join(tmpdir(), 'stage-')) };
  const put = async (encoded: Encoded): Promise<Encoded> => {
    const path = blobPath(store, encoded.descriptor.digest);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, encoded.bytes);
    return encoded;
  };
  const stage: Stage = {
    store,
    path: ({ digest }) => blobPath(store, digest),
    blob: async (bytes, mediaType = MEDIA.ociLayerGzip) =>
      (await put(describeBytes(Buffer.from(bytes), mediaType))).descriptor,
    layer: (size = 1000) => stage.blob(randomBytes(size)),
    image: async ({ layers, annotations = {}, platform = { os: 'linux', architecture: 'amd64' } } = {}) => {
      const own = layers ?? [await stage.layer()];
      const rootfs = { type: 'layers', diff_ids: own.map(({ digest }) => digest) };
      const config = await put(encodeJson({ ...platform, config: {}, rootfs }, MEDIA.ociConfig));
      const manifest = {
        schemaVersion: 2,
        mediaType: MEDIA.ociManifest,
        config: config.descriptor,
        layers: own,
        annotations,
      };
      return put(encodeJson(manifest, MEDIA.ociManifest));
    },
    index: (manifests, annotations = {}) =>
      put(
        encodeJson({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests, annotations }, MEDIA.ociIndex),
      ),
    remove: () => rm(store.root, { recursive: true, force: true }),
  };
  return stage;
}
