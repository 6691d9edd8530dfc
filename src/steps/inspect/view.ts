import { join } from 'node:path';
import { hexOf } from '../../model/digest.ts';
import { blobPath, type PlatformImage, type StagingStore } from '../../model/image.ts';
import { decodeManifest, requireDigest } from '../../model/manifest.ts';
import type { Ports } from '../../ports/index.ts';

/** One platform as scanners want it. `id` is the digest of its configuration, which they call the image's id. */
export type View = { readonly path: string; readonly id: string | undefined };

/**
 * One platform as an OCI layout of its own: scanners read no nested index. Only links, no copy of a blob. The folder's
 * name begins with a dot, so that it is no image's. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function makeView(
  store: StagingStore,
  { descriptor }: PlatformImage,
  { files }: Pick<Ports, 'files'>,
): Promise<View> {
  const path = join(store.root, '.views', hexOf(descriptor.digest));
  const { mediaType, digest, size } = descriptor;
  await files.remove(path);
  await files.write(join(path, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await files.write(
    join(path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size }] }),
  );
  await files.link('../../blobs', join(path, 'blobs'));

  const blob = blobPath(store, digest);
  const bytes = await files.read(blob);
  requireDigest(bytes, digest, blob);
  const manifest = decodeManifest(bytes);
  return { path, id: manifest.kind === 'manifest' ? manifest.config.digest : undefined };
}
