import { type Artifact, EMPTY_BLOB, ociArtifact } from '../../model/artifact.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { decodeManifest, type Encoded, encodeJson } from '../../model/manifest.ts';
import type { ChannelClaim, ChannelDocument, ChannelHome } from '../../model/promotion.ts';

export const CLAIM_TYPE = 'application/vnd.module-release.channel.claim.v1+json';
const TITLE = 'org.opencontainers.image.title';
const CREATED = 'org.opencontainers.image.created';

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
  return encode(shape, []);
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
  return ociArtifact({
    artifactType,
    layers,
    ...(created === undefined ? {} : { annotations: { [CREATED]: created } }),
  });
}

/** The layers of a record; undefined when the manifest is none. */
export function layersOf(
  bytes: Uint8Array,
): { readonly document?: Descriptor; readonly claim?: Descriptor } | undefined {
  const manifest = parse(bytes);
  if (manifest?.kind !== 'manifest' || manifest.layers.length > 2) return undefined;
  const layers = manifest.layers.filter(({ digest }) => digest !== EMPTY_BLOB.descriptor.digest);
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
