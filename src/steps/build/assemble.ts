import type { ResolvedBuild } from '../../model/build.ts';
import { type Descriptor, formatPlatform, samePlatform } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { SetPlatform } from '../../model/handoff.ts';
import { type BuiltImage, blobPath, type StagingStore } from '../../model/image.ts';
import { decodeManifest, mediaTypeOf } from '../../model/manifest.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { pullTree } from './adopt.ts';
import { folderSource } from './blob-source.ts';
import { targetAnnotations } from './document.ts';
import { importImage } from './import-image.ts';
import { joinParts } from './join-parts.ts';
import { makeLayout, writeIndex } from './layout.ts';
import { stageImage } from './stage.ts';

export type AssembleSpec = {
  readonly planned: PlannedImage;
  /** All platforms of the image, in the plan's order. */
  readonly platforms: readonly SetPlatform[];
  readonly store: StagingStore;
  /** As bake resolved it, for what the user's file annotates. */
  readonly build?: ResolvedBuild;
  /** False: somebody vouches for the bytes, so the layers stay at the registries. */
  readonly layers: boolean;
};

type AssemblePorts = Pick<Ports, 'files' | 'log' | 'registry'>;

/**
 * An image of what shards have made: its manifests come by digest, from the registry or from beside the handoff, and the
 * index is made from their digests alone, byte for byte as one job would have made it. Throws HANDOFF_INVALID, DIGEST_MISMATCH.
 */
export async function assembleImage(spec: AssembleSpec, ports: AssemblePorts): Promise<BuiltImage> {
  const { planned, platforms, store, layers } = spec;
  ports.log.info(`Taking ${planned.name} from ${shardsOf(platforms)}.`);
  await makeLayout(store, planned.name, ports);
  for (const platform of platforms) await takePlatform(spec, platform, ports);
  const top = await topOf(spec, ports);
  await writeIndex(store, planned.name, top, ports);
  const origin = originOf(platforms);
  const image = await stageImage({ planned, store, top, origin, fault: 'DIGEST_MISMATCH', layers }, ports);
  // `unknown/unknown` is what BuildKit calls its attestations: no platform, and nobody would look into it.
  if (image.platforms.length < platforms.length)
    throw new ReleaseError(
      'HANDOFF_INVALID',
      `${planned.name} of ${shardsOf(platforms)} has what is no platform: ${platforms.map(({ platform }) => formatPlatform(platform)).join(', ')}`,
    );
  return {
    ...image,
    platforms: image.platforms.map((each) => {
      const materials = platforms.find((handed) => samePlatform(handed.platform, each.platform))?.materials;
      return materials === undefined ? each : { ...each, materials };
    }),
  };
}

async function takePlatform(
  { planned, store, layers }: AssembleSpec,
  { descriptor, repositories, handoff, folder }: SetPlatform,
  ports: AssemblePorts,
): Promise<void> {
  const where = `the handoff of ${handoff.shard}`;
  if (handoff.bytes === 'beside') {
    await importImage({ source: folderSource(folder), store, where, partial: false }, descriptor, ports);
    return requireManifest(where, planned, descriptor, store, ports);
  }
  const [repository] = repositories;
  if (repository === undefined)
    throw new ReleaseError('HANDOFF_INVALID', `${where} names no registry for ${planned.name}`);
  const from = { repository, digest: descriptor.digest };
  await pullTree({ planned, from, store, fault: 'DIGEST_MISMATCH', layers }, ports);
  return requireManifest(where, planned, descriptor, store, ports);
}

/** The index says of a platform what the handoff does: then it must be so. */
async function requireManifest(
  where: string,
  planned: PlannedImage,
  { mediaType, digest, size }: Descriptor,
  store: StagingStore,
  { files }: Pick<Ports, 'files'>,
): Promise<void> {
  const path = blobPath(store, digest);
  const bytes = (await files.exists(path)) ? await files.read(path) : undefined;
  const isSame =
    bytes !== undefined &&
    bytes.byteLength === size &&
    decodeManifest(bytes).kind === 'manifest' &&
    mediaTypeOf(bytes) === mediaType;
  if (!isSame)
    throw new ReleaseError(
      'HANDOFF_INVALID',
      `${where} describes ${digest} of ${planned.name} as another document than it is`,
    );
}

/** The manifest of the only platform, or an index of all. https://github.com/opencontainers/image-spec/blob/main/image-index.md */
function topOf(
  { planned, platforms, store, build }: AssembleSpec,
  ports: AssemblePorts,
): Promise<Descriptor> {
  const [first, second] = platforms;
  if (first === undefined) throw new ReleaseError('INTERNAL', `nothing was handed over: ${planned.name}`);
  if (second === undefined) return Promise.resolve(first.descriptor);
  const members = platforms.map(({ platform, descriptor }) => ({
    platform: formatPlatform(platform),
    top: descriptor,
  }));
  const isOurs = build !== undefined && planned.source.kind === 'bake';
  const annotations = isOurs ? targetAnnotations(build, planned.source.target, planned) : [];
  return joinParts(store, members, annotations, ports);
}

/** Only what this very run built, all of it, is called so. */
function originOf(platforms: readonly SetPlatform[]): BuiltImage['origin'] {
  if (platforms.every(({ trust, origin }) => trust === 'built' && origin === 'built')) return 'built';
  return platforms.every(({ trust, origin }) => trust !== 'digests' && origin === 'adopted')
    ? 'adopted'
    : 'brought';
}

function shardsOf(platforms: readonly SetPlatform[]): string {
  const names = [...new Set(platforms.map(({ handoff }) => handoff.shard))];
  return `the ${names.length === 1 ? 'handoff' : 'handoffs'} of ${names.join(', ')}`;
}
