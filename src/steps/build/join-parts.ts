import { type Descriptor, parsePlatform } from '../../model/descriptor.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import { decodeManifest, encodeJson, MEDIA } from '../../model/manifest.ts';
import type { Ports } from '../../ports/index.ts';
import { indexAnnotations } from './annotations.ts';
import { writeBlob } from './layout.ts';

export type Member = {
  /** As in the bake file: `linux/arm64`. */
  readonly platform: string;
  /** A manifest, or an index of one image and its inline attestations; in the store. */
  readonly top: Descriptor;
};

/**
 * The index of platforms that were built apart, as BuildKit writes it when it builds them together.
 * https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */
export async function joinParts(
  store: StagingStore,
  members: readonly Member[],
  texts: readonly string[],
  { files }: Pick<Ports, 'files'>,
): Promise<Descriptor> {
  const annotations = indexAnnotations(texts);
  const manifests: Descriptor[] = [];
  for (const { platform, top } of members) {
    const document = decodeManifest(await files.read(blobPath(store, top.digest)));
    const entry = annotations.entry(platform);
    if (document.kind === 'index') manifests.push(...document.manifests);
    else manifests.push(withPlatform(top, platform, entry));
  }
  const index = encodeJson(
    { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests, ...unlessEmpty(annotations.index) },
    MEDIA.ociIndex,
  );
  await writeBlob(store, index, { files });
  return index.descriptor;
}

function withPlatform(
  { mediaType, digest, size }: Descriptor,
  text: string,
  entry: Readonly<Record<string, string>>,
): Descriptor {
  const platform = parsePlatform(text);
  return { mediaType, digest, size, ...(platform && { platform }), ...unlessEmpty(entry) };
}

function unlessEmpty(annotations: Readonly<Record<string, string>>) {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}
