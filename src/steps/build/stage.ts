import * as z from 'zod/mini';
import { type Descriptor, formatPlatform, type Platform, samePlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { type ErrorCode, ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, blobPath, type PlatformImage, type StagingStore } from '../../model/image.ts';
import {
  decodeManifest,
  type ImageManifest,
  imageMembers,
  isIndexType,
  requireDigest,
} from '../../model/manifest.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';

type FilesPort = Pick<Ports, 'files'>;

/** https://github.com/opencontainers/image-spec/blob/main/config.md#properties */
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.optional(z.string()),
});

export type StageSpec = {
  readonly planned: PlannedImage;
  readonly store: StagingStore;
  readonly top: Descriptor;
  readonly origin: BuiltImage['origin'];
  /** The code for bytes that are not what they should be. */
  readonly fault: Extract<ErrorCode, 'BUILD_FAILED' | 'SOURCE_INVALID' | 'DIGEST_MISMATCH'>;
  /** False: the layers are in the registries alone. */
  readonly layers?: boolean;
};

/**
 * An image whose blobs are in the staging store, as a value. Index, manifests and configs are read and hashed; of layers
 * the size is compared (they are hashed when they are pushed). Throws when a planned platform is missing.
 */
export async function stageImage(spec: StageSpec, ports: FilesPort): Promise<BuiltImage> {
  try {
    return await readStaged(spec, ports);
  } catch (cause) {
    if (cause instanceof ReleaseError) throw cause;
    throw new ReleaseError(spec.fault, `the manifests of ${spec.planned.name} cannot be read`, { cause });
  }
}

async function readStaged(spec: StageSpec, ports: FilesPort): Promise<BuiltImage> {
  const { planned, store, origin } = spec;
  const top = pick(spec.top);
  const blobs = new Map<Digest, number>([[top.digest, top.size]]);
  const platforms = await readMembers(spec, top, blobs, ports);
  const missing = planned.platforms.filter(
    (wanted) => !platforms.some(({ platform }) => samePlatform(platform, wanted)),
  );
  if (missing.length > 0 || platforms.length === 0) {
    const found = platforms.map(({ platform }) => formatPlatform(platform)).join(', ') || 'none';
    const wanted = missing.map(formatPlatform).join(', ') || 'any platform';
    throw new ReleaseError(spec.fault, `the image ${planned.name} has no ${wanted}; it has ${found}`, {
      hint: 'Make the declared `platforms` and those of the image the same.',
    });
  }
  const size = [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { planned, store, top, platforms, origin, size };
}

/** Every manifest below the top, attestations included for their size; images alone are platforms. */
async function readMembers(
  spec: StageSpec,
  top: Descriptor,
  blobs: Map<Digest, number>,
  ports: FilesPort,
): Promise<readonly PlatformImage[]> {
  const document = decodeManifest(await readBlob(spec, top, ports));
  if (document.kind === 'manifest') return [await readImage(spec, top, document, blobs, ports)];
  const images = new Set(imageMembers(document.manifests).map(({ digest }) => digest));
  const platforms: PlatformImage[] = [];
  for (const member of document.manifests) {
    blobs.set(member.digest, member.size);
    if (isIndexType(member.mediaType))
      throw new ReleaseError(
        spec.fault,
        `the index of ${spec.planned.name} holds another index: ${member.digest}`,
      );
    const manifest = decodeManifest(await readBlob(spec, member, ports));
    if (manifest.kind === 'index')
      throw new ReleaseError(
        spec.fault,
        `the index of ${spec.planned.name} holds another index: ${member.digest}`,
      );
    if (images.has(member.digest)) platforms.push(await readImage(spec, member, manifest, blobs, ports));
    else await checkBlobs(spec, manifest, blobs, ports);
  }
  return platforms;
}

async function readImage(
  spec: StageSpec,
  descriptor: Descriptor,
  manifest: ImageManifest,
  blobs: Map<Digest, number>,
  ports: FilesPort,
): Promise<PlatformImage> {
  await checkBlobs(spec, manifest, blobs, ports);
  const config = await readBlob(spec, manifest.config, ports);
  const platform = descriptor.platform ?? platformOf(spec, config);
  return { platform, descriptor: { ...pick(descriptor), platform } };
}

async function checkBlobs(
  spec: StageSpec,
  manifest: ImageManifest,
  blobs: Map<Digest, number>,
  { files }: FilesPort,
): Promise<void> {
  for (const blob of [manifest.config, ...manifest.layers]) {
    if (blobs.has(blob.digest)) continue;
    const isHere = spec.layers !== false || blob === manifest.config;
    const size = !isHere ? blob.size : await files.size(blobPath(spec.store, blob.digest));
    if (size !== blob.size)
      throw new ReleaseError(
        spec.fault,
        `a blob of ${spec.planned.name} is incomplete: ${blob.digest} has ${size ?? 'no'} bytes of ${blob.size}`,
      );
    blobs.set(blob.digest, blob.size);
  }
}

async function readBlob(spec: StageSpec, blob: Descriptor, { files }: FilesPort): Promise<Uint8Array> {
  const path = blobPath(spec.store, blob.digest);
  if ((await files.size(path)) !== blob.size)
    throw new ReleaseError(
      spec.fault,
      `a blob of ${spec.planned.name} is missing or incomplete: ${blob.digest}`,
    );
  const bytes = await files.read(path);
  requireDigest(bytes, blob.digest, `a blob of ${spec.planned.name}`);
  return bytes;
}

function platformOf(spec: StageSpec, config: Uint8Array): Platform {
  const parsed = configSchema.safeParse(JSON.parse(new TextDecoder().decode(config)));
  if (!parsed.success)
    throw new ReleaseError(spec.fault, `the config of ${spec.planned.name} names no platform`, {
      cause: parsed.error,
    });
  const { os, architecture, variant } = parsed.data;
  return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}

/** A layout's descriptors carry names and dates of their own; a tag points at these three. */
function pick({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** The descriptors of a layout's index.json. */
export function readLayoutIndex(text: string): readonly Descriptor[] {
  const document = decodeManifest(new TextEncoder().encode(text));
  if (document.kind === 'manifest') throw new TypeError('index.json is no index');
  return document.manifests;
}
