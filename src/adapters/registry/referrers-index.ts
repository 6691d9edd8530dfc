import * as z from 'zod/mini';
import type { Descriptor } from '../../model/descriptor.ts';
import { type Digest, hexOf } from '../../model/digest.ts';
import { type Encoded, encodeJson, MEDIA } from '../../model/manifest.ts';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
export function referrersTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

/** As much of an index as we must understand; all else, of whomever it is, is carried along as it came. */
const index = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.nullish(z.array(z.unknown())),
});
const named = z.looseObject({ digest: z.string() });

export type RawEntry = unknown;
export type RawIndex = Omit<z.infer<typeof index>, 'manifests'> & { readonly manifests: readonly RawEntry[] };

const EMPTY: RawIndex = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [] };

/** Undefined when the bytes are no index. A tag that does not exist is an empty one. */
export function readIndex(bytes: Uint8Array | undefined): RawIndex | undefined {
  if (bytes === undefined) return EMPTY;
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    // An image manifest must not pass for an empty list.
    if (typeof json !== 'object' || json === null || !('manifests' in json)) return undefined;
    const parsed = index.safeParse(json);
    return parsed.success ? { ...parsed.data, manifests: parsed.data.manifests ?? [] } : undefined;
  } catch {
    return undefined;
  }
}

/** The digest that an entry of a list names, whatever it is; undefined when there is none. */
export function digestOfEntry(entry: RawEntry): string | undefined {
  const parsed = named.safeParse(entry);
  return parsed.success ? parsed.data.digest : undefined;
}

/** Those of `wanted` that the list does not hold. */
export function missingFrom(list: RawIndex, wanted: readonly RawEntry[]): readonly RawEntry[] {
  const held = new Set(list.manifests.map(digestOfEntry));
  return wanted.filter((entry) => !held.has(digestOfEntry(entry)));
}

/** The list with more entries at its end. What was there stays as it was, in its order. */
export function extendIndex(list: RawIndex, more: readonly RawEntry[]): Encoded {
  const { manifests, ...rest } = list;
  return encodeJson(
    { ...rest, mediaType: MEDIA.ociIndex, manifests: [...manifests, ...more] },
    MEDIA.ociIndex,
  );
}

/** How a referrer stands in the list: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export function entryOf({ mediaType, digest, size, artifactType, annotations }: Descriptor): RawEntry {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
