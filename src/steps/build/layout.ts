import { randomBytes } from 'node:crypto';
import type { Descriptor } from '../../model/descriptor.ts';
import { blobPath, layoutPath, type StagingStore } from '../../model/image.ts';
import { type Encoded, MEDIA } from '../../model/manifest.ts';
import type { Ports } from '../../ports/index.ts';

type FilesPort = Pick<Ports, 'files'>;

/**
 * The layout of one image, still empty: its `blobs` is a link to the folder that all images share, so that equal bytes
 * are there once. Every image has its own folder: exports into one folder race in the client.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function makeLayout(store: StagingStore, name: string, { files }: FilesPort): Promise<string> {
  const folder = layoutPath(store, name);
  await files.remove(folder);
  await files.makeFolder(`${store.root}/blobs/sha256`);
  await files.makeFolder(`${folder}/ingest`);
  await files.write(`${folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  await files.link('../blobs', `${folder}/blobs`);
  return folder;
}

/** Names the one image of a layout. */
export async function writeIndex(
  store: StagingStore,
  name: string,
  top: Descriptor,
  { files }: FilesPort,
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [top] };
  await files.write(`${layoutPath(store, name)}/index.json`, JSON.stringify(index));
}

/** Moved into its place whole: an image that has the same bytes may be scanned just now. */
export async function writeBlob(
  store: StagingStore,
  { bytes, descriptor: { digest } }: Pick<Encoded, 'bytes' | 'descriptor'>,
  { files }: FilesPort,
): Promise<void> {
  const temporary = `${store.root}/blob-${randomBytes(6).toString('hex')}`;
  await files.write(temporary, bytes);
  await files.move(temporary, blobPath(store, digest));
}
