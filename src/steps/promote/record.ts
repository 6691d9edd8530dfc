import type { Descriptor } from '../../model/descriptor.ts';
import { decodeManifest, describeBytes, type Encoded, encodeJson, MEDIA } from '../../model/manifest.ts';
import type { ChannelClaim, ChannelDocument, ChannelHome } from '../../model/promotion.ts';

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor */
const EMPTY = describeBytes(new TextEncoder().encode('{}'), 'application/vnd.oci.empty.v1+json');

export const CLAIM_TYPE = 'application/vnd.module-release.channel.claim.v1+json';
const TITLE = 'org.opencontainers.image.title';
const CREATED = 'org.opencontainers.image.created';

/** A manifest and the blobs that it needs. */
export type Artifact = { readonly manifest: Encoded; readonly blobs: readonly Encoded[] };

type Shape = Pick<ChannelHome, 'artifactType' | 'documentType' | 'title'>;

/** The record of a channel that nobody is moving: one layer, the document. */
export function encodeRecord(shape: Shape, document: ChannelDocument): Artifact {
  return encode(shape, [layerOf(shape, document)], document.generated_at);
}

/** The same with a claim as the last layer. Before the first promotion there is no document. */
export function encodeClaim(
  shape: Shape,
  document: ChannelDocument | undefined,
  claim: ChannelClaim,
): Artifact {
  const layers = document === undefined ? [] : [layerOf(shape, document)];
  return encode(shape, [...layers, titled(encodeJson(claim, CLAIM_TYPE), 'claim.json')]);
}

/** A channel that was never moved, and that nobody is moving: registries cannot take back the first tag. */
export function encodeEmpty(shape: Shape): Artifact {
  return encode(shape, [EMPTY]);
}

/** The document of all channels. */
export function encodeAggregate(shape: Shape, document: unknown, created: string): Artifact {
  return encode(shape, [layerOf(shape, document)], created);
}

function layerOf({ documentType, title }: Shape, document: unknown): Encoded {
  return titled(encodeJson(document, documentType), title);
}

function titled({ bytes, descriptor }: Encoded, title: string): Encoded {
  return { bytes, descriptor: { ...descriptor, annotations: { [TITLE]: title } } };
}

function encode({ artifactType }: Shape, layers: readonly Encoded[], created?: string): Artifact {
  const manifest = encodeJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      artifactType,
      config: EMPTY.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...(created === undefined ? {} : { annotations: { [CREATED]: created } }),
    },
    MEDIA.ociManifest,
  );
  return { manifest, blobs: [EMPTY, ...layers] };
}

/** The layers of a record; undefined when the manifest is none. */
export function layersOf(
  bytes: Uint8Array,
): { readonly document?: Descriptor; readonly claim?: Descriptor } | undefined {
  const manifest = parse(bytes);
  if (manifest?.kind !== 'manifest' || manifest.layers.length > 2) return undefined;
  const layers = manifest.layers.filter(({ digest }) => digest !== EMPTY.descriptor.digest);
  const claim = layers.find(({ mediaType }) => mediaType === CLAIM_TYPE);
  const document = layers.find(({ mediaType }) => mediaType !== CLAIM_TYPE);
  return {
    ...(document === undefined ? {} : { document }),
    ...(claim === undefined ? {} : { claim }),
  };
}

function parse(bytes: Uint8Array): ReturnType<typeof decodeManifest> | undefined {
  try {
    return decodeManifest(bytes);
  } catch {
    return undefined;
  }
}
