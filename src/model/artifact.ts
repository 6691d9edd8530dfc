import type { Descriptor } from './descriptor.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from './manifest.ts';

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor */
export const EMPTY_BLOB = describeBytes(new TextEncoder().encode('{}'), 'application/vnd.oci.empty.v1+json');

/** A manifest and the blobs that it needs. */
export type Artifact = { readonly manifest: Encoded; readonly blobs: readonly Encoded[] };

type Contents = {
  readonly artifactType: string;
  /** In their order; none becomes the empty blob, since a manifest has one layer at least. */
  readonly layers: readonly Encoded[];
  /** What it refers to; only the three fields of a descriptor that say which bytes are meant are taken. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** An OCI artifact without a config. https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage */
export function ociArtifact({ artifactType, layers, subject, annotations }: Contents): Artifact {
  const held = layers.length === 0 ? [EMPTY_BLOB] : layers;
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA.ociManifest,
    artifactType,
    config: EMPTY_BLOB.descriptor,
    layers: held.map(({ descriptor }) => descriptor),
    ...(subject === undefined ? {} : { subject: pick(subject) }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { manifest: encodeJson(value, MEDIA.ociManifest), blobs: [...new Set([EMPTY_BLOB, ...held])] };
}

function pick({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
