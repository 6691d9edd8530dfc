import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, blobPath } from '../../model/image.ts';
import { blobsOf, decodeManifest, describeBytes, type Encoded, requireDigest } from '../../model/manifest.ts';
import type { Files } from '../../ports/files.ts';
import { distinct, type ImageContent } from './decide.ts';

/** An index of indexes is what Docker saves; nothing goes deeper. */
const DEEPEST = 4;

/** Reads the manifests of an image from the staging store, each checked against its digest. */
export async function readContent(image: BuiltImage, files: Pick<Files, 'read'>): Promise<ImageContent> {
  const read = async ({ digest, mediaType }: Descriptor): Promise<Encoded> => {
    const bytes = await files.read(blobPath(image.store, digest));
    requireDigest(bytes, digest, `the staging store of ${image.planned.name}`);
    return describeBytes(bytes, mediaType);
  };
  const top = await read(image.top);
  const levels: (readonly Encoded[])[] = [];
  const blobs: Descriptor[] = [];
  for (let level: readonly Encoded[] = [top]; level.length > 0; ) {
    if (levels.length === DEEPEST)
      throw new ReleaseError('INTERNAL', `indexes are nested too deep in ${image.planned.name}`);
    levels.unshift(level);
    const decoded = level.map(({ bytes }) => decodeManifest(bytes));
    blobs.push(...decoded.flatMap(blobsOf));
    const members = decoded.flatMap((manifest) => (manifest.kind === 'index' ? manifest.manifests : []));
    level = await Promise.all(distinct(members).map(read));
  }
  return { planned: image.planned, store: image.store, top, levels, blobs: distinct(blobs) };
}
