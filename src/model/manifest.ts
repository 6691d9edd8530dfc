import * as z from 'zod/mini';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestOf, isDigest } from './digest.ts';
import { ReleaseError } from './errors.ts';

export const MEDIA = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  inToto: 'application/vnd.in-toto+json',
} as const;

/** What we accept when we ask a registry for a manifest. */
export const MANIFEST_TYPES = [
  MEDIA.ociIndex,
  MEDIA.ociManifest,
  MEDIA.dockerIndex,
  MEDIA.dockerManifest,
] as const;

const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.optional(z.string()) });

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().check(z.refine(isDigest, 'not a sha256 digest')),
  size: z.number().check(z.int(), z.gte(0)),
  platform: z.optional(platform),
  artifactType: z.optional(z.string()),
  annotations: z.optional(z.record(z.string(), z.string())),
});

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md */
const index = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  manifests: z.array(descriptor),
  subject: z.optional(descriptor),
  annotations: z.optional(z.record(z.string(), z.string())),
});

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
const manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  config: descriptor,
  layers: z.array(descriptor),
  subject: z.optional(descriptor),
  annotations: z.optional(z.record(z.string(), z.string())),
});

type Common = {
  readonly annotations: Readonly<Record<string, string>>;
  /** What a referrer refers to. */
  readonly subject?: Descriptor;
};
export type ImageIndex = Common & { readonly kind: 'index'; readonly manifests: readonly Descriptor[] };
export type ImageManifest = Common & {
  readonly kind: 'manifest';
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};
export type AnyManifest = ImageIndex | ImageManifest;

/** Exact bytes with the descriptor made from them: encoded once, never re-serialised. */
export type Encoded = { readonly bytes: Uint8Array; readonly descriptor: Descriptor };

/** Encodes JSON once and describes the bytes. */
export function encodeJson(value: unknown, mediaType: string): Encoded {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return describeBytes(bytes, mediaType);
}

export function describeBytes(bytes: Uint8Array, mediaType: string): Encoded {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } };
}

/** Throws DIGEST_MISMATCH unless the bytes have this digest. `where` names their origin for the message. */
export function requireDigest(bytes: Uint8Array, expected: Digest, where: string): void {
  const actual = digestOf(bytes);
  if (actual !== expected)
    throw new ReleaseError('DIGEST_MISMATCH', `${where}: expected ${expected}, got ${actual}`);
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA.ociIndex || mediaType === MEDIA.dockerIndex;
}

/** Parses hostile bytes into an index or a manifest; throws a plain Error that says what is wrong. */
export function decodeManifest(bytes: Uint8Array): AnyManifest {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof json === 'object' && json !== null && 'manifests' in json) {
    const parsed = index.parse(json);
    return {
      kind: 'index',
      manifests: parsed.manifests.map(toDescriptor),
      annotations: parsed.annotations ?? {},
      ...subjectOf(parsed),
    };
  }
  const parsed = manifest.parse(json);
  return {
    kind: 'manifest',
    config: toDescriptor(parsed.config),
    layers: parsed.layers.map(toDescriptor),
    annotations: parsed.annotations ?? {},
    ...(parsed.artifactType === undefined ? {} : { artifactType: parsed.artifactType }),
    ...subjectOf(parsed),
  };
}

/**
 * The blobs of a manifest that a registry keeps. Layers that may not be distributed stay where they are from.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers
 */
export function blobsOf(manifest: AnyManifest): readonly Descriptor[] {
  if (manifest.kind === 'index') return [];
  return [manifest.config, ...manifest.layers].filter(
    ({ mediaType }) => !/nondistributable|\.foreign\./.test(mediaType),
  );
}

/** One entry of a list that others keep; undefined when it is not one that we can follow. */
export function readDescriptor(value: unknown): Descriptor | undefined {
  const parsed = descriptor.safeParse(value);
  return parsed.success ? toDescriptor(parsed.data) : undefined;
}

/** The media type that the bytes name themselves; registries and layouts may leave it out of the document. */
export function mediaTypeOf(bytes: Uint8Array): string {
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof json === 'object' && json !== null) {
    if ('mediaType' in json && typeof json.mediaType === 'string') return json.mediaType;
    if ('manifests' in json) return MEDIA.ociIndex;
  }
  return MEDIA.ociManifest;
}

/**
 * The members of an index that are images. BuildKit's attestation manifests carry the platform unknown/unknown and an
 * annotation; they are no platform. https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function imageMembers(members: readonly Descriptor[]): readonly Descriptor[] {
  return members.filter(
    (d) =>
      d.annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest' &&
      !(d.platform?.os === 'unknown' && d.platform.architecture === 'unknown') &&
      d.artifactType === undefined,
  );
}

type Raw = z.infer<typeof descriptor>;

function subjectOf({ subject }: { readonly subject?: Raw | undefined }): { readonly subject?: Descriptor } {
  return subject === undefined ? {} : { subject: toDescriptor(subject) };
}

function toDescriptor(raw: Raw): Descriptor {
  const { digest } = raw;
  if (!isDigest(digest))
    throw new ReleaseError('INTERNAL', `a digest that passed its check is none: ${digest}`);
  return {
    mediaType: raw.mediaType,
    digest,
    size: raw.size,
    ...(raw.platform === undefined ? {} : { platform: toPlatform(raw.platform) }),
    ...(raw.artifactType === undefined ? {} : { artifactType: raw.artifactType }),
    ...(raw.annotations === undefined ? {} : { annotations: raw.annotations }),
  };
}

function toPlatform(raw: z.infer<typeof platform>): NonNullable<Descriptor['platform']> {
  const { os, architecture, variant } = raw;
  return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}
