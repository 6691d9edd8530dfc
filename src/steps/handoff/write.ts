import { basename, join } from 'node:path';
import { mapLimit } from '../../model/concurrency.ts';
import { samePlatform } from '../../model/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../model/digest.ts';
import type { HandedImage, HandedPlatform, HandedReport, HandedSet, Handoff } from '../../model/handoff.ts';
import { type BuiltImage, blobPath } from '../../model/image.ts';
import { type AnyManifest, blobsOf, decodeManifest, requireDigest } from '../../model/manifest.ts';
import { formatRepository } from '../../model/reference.ts';
import type { ImageInspection, PlatformInspection } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { formatHandoff, HANDOFF, parseHandoff, REPORTS } from './document.ts';

type FilesPort = Pick<Ports, 'files'>;

export type HandoffDraft = Omit<Handoff, 'bytes' | 'images'> & {
  /** All images of the shard with their reports. */
  readonly inspections: readonly ImageInspection[];
  /** False: nothing has left the runner, and the bytes are laid beside. */
  readonly pushed: boolean;
  /** What other shards have handed to this one: what is known of it goes on. */
  readonly handed: HandedSet;
};

export type WrittenHandoff = { readonly folder: string; readonly handoff: Handoff; readonly digest: Digest };

const IMAGES_AT_ONCE = 4;

/** What stands in `folder` before is removed. handoff.json comes last, so that a folder that has one is whole. */
export async function writeHandoff(
  { inspections, pushed, handed, ...rest }: HandoffDraft,
  folder: string,
  ports: FilesPort,
): Promise<WrittenHandoff> {
  const { files } = ports;
  await files.remove(folder);
  const built = inspections.map(({ image }) => image);
  const images = await mapLimit(inspections, IMAGES_AT_ONCE, (inspection) =>
    handImage(inspection, { built, pushed, handed, folder }, ports),
  );
  if (!pushed) await layBeside(built, folder, ports);
  const handoff: Handoff = { ...rest, bytes: pushed ? 'registry' : 'beside', images };
  const text = formatHandoff(handoff);
  const path = join(folder, HANDOFF);
  // What nobody could read is told where it was made.
  parseHandoff(text, path);
  await files.write(`${path}.part`, text);
  await files.move(`${path}.part`, path);
  return { folder, handoff, digest: digestOf(text) };
}

type Around = Pick<HandoffDraft, 'pushed' | 'handed'> & {
  readonly built: readonly BuiltImage[];
  readonly folder: string;
};

async function handImage(
  { image, platforms }: ImageInspection,
  around: Around,
  ports: FilesPort,
): Promise<HandedImage> {
  const { name, definitionHash } = image.planned;
  const repositories = around.pushed ? image.planned.repositories.map(formatRepository) : [];
  const handed: HandedPlatform[] = [];
  for (const platform of platforms) handed.push(await handPlatform(image, platform, around, ports));
  return {
    name,
    repositories,
    ...(definitionHash === undefined ? {} : { definition: definitionHash }),
    ...(around.pushed && image.planned.partial !== true ? { top: image.top.digest } : {}),
    platforms: handed,
  };
}

async function handPlatform(
  image: BuiltImage,
  inspection: PlatformInspection,
  { built, handed, folder }: Around,
  ports: FilesPort,
): Promise<HandedPlatform> {
  const { platform, descriptor, materials, packages } = inspection;
  const earlier = handed
    .get(image.planned.name)
    ?.find((each) => each.descriptor.digest === descriptor.digest);
  const { mediaType, digest, size } = descriptor;
  const blobs = distinct(blobsOf(await stagedManifest(image, digest, ports)));
  return {
    platform,
    descriptor: { mediaType, digest, size },
    origin: earlier?.trust === 'built' ? earlier.origin : image.origin,
    size: blobs.reduce((sum, blob) => sum + blob.size, size),
    // What it stands on was settled where it was made.
    parents: earlier?.parents ?? parentsOf(image, inspection, built),
    ...(materials === undefined ? {} : { materials }),
    ...(packages === undefined ? {} : { packages }),
    reports: await handReports(inspection, folder, ports),
  };
}

function distinct<T extends { readonly digest: Digest }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [each.digest, each])).values()];
}

async function stagedManifest(
  { store }: Pick<BuiltImage, 'store'>,
  digest: Digest,
  { files }: FilesPort,
): Promise<AnyManifest> {
  const path = blobPath(store, digest);
  const bytes = await files.read(path);
  requireDigest(bytes, digest, path);
  return decodeManifest(bytes);
}

/** Each image of the set that it stands on, by the manifest of the same platform. */
function parentsOf(
  { planned }: BuiltImage,
  { platform }: PlatformInspection,
  built: readonly BuiltImage[],
): HandedPlatform['parents'] {
  const named = planned.parents.flatMap((name) => {
    const parent = built.find((each) => each.planned.name === name);
    const same = parent?.platforms.find((each) => samePlatform(each.platform, platform));
    return same === undefined ? [] : [[name, same.descriptor.digest] as const];
  });
  return Object.fromEntries(named);
}

async function handReports(
  { reports }: PlatformInspection,
  folder: string,
  { files }: FilesPort,
): Promise<readonly HandedReport[]> {
  const handed: HandedReport[] = [];
  for (const { kind, path } of reports) {
    if (kind === 'sarif') continue;
    const file = basename(path);
    const place = join(folder, REPORTS, file);
    await files.copy(path, place);
    handed.push({ kind, file, digest: await files.hash(place) });
  }
  return handed;
}

/**
 * The blobs of all platforms as files of their own, in one OCI layout that any tool reads.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
async function layBeside(images: readonly BuiltImage[], folder: string, ports: FilesPort): Promise<void> {
  const { files } = ports;
  const done = new Set<Digest>();
  for (const image of images)
    for (const { descriptor } of image.platforms)
      for (const { digest } of [
        descriptor,
        ...blobsOf(await stagedManifest(image, descriptor.digest, ports)),
      ]) {
        if (done.has(digest)) continue;
        done.add(digest);
        // Where it is a link, what it points at: links do not travel.
        await files.share(await files.realPath(blobPath(image.store, digest)), besidePath(folder, digest));
      }
  const manifests = images.flatMap(({ planned, platforms }) =>
    platforms.map(({ platform, descriptor: { mediaType, digest, size } }) => ({
      mediaType,
      digest,
      size,
      platform,
      annotations: { 'org.opencontainers.image.ref.name': planned.name },
    })),
  );
  await files.write(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await files.write(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** Where a blob lies that a handoff has beside it. Nothing says that its bytes are those of the digest. */
export function besidePath(folder: string, digest: Digest): string {
  return join(folder, 'blobs', 'sha256', hexOf(digest));
}
