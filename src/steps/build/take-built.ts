import { isDeepStrictEqual } from 'node:util';
import { createSlots, mapLimit } from '../../model/concurrency.ts';
import { type Descriptor, formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import {
  type BuiltImage,
  blobPath,
  layoutPath,
  type PlatformImage,
  type StagingStore,
} from '../../model/image.ts';
import { mediaTypeOf } from '../../model/manifest.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { folderSource } from './blob-source.ts';
import { type GzippedLayers, gzipLayer, importImage, shareLayer } from './import-image.ts';
import { joinParts } from './join-parts.ts';
import type { KeptLayers } from './kept-layers.ts';
import { makeLayout, writeIndex } from './layout.ts';
import { type MaterialsByPlatform, readMaterials } from './materials.ts';
import { hasRoomForBoth } from './room.ts';
import { type Part, type Parts, partNames } from './split.ts';
import { readLayoutIndex, stageImage } from './stage.ts';

type FilesPort = Pick<Ports, 'files'>;

export type Exported = {
  /** Where bake writes to. */
  readonly raw: StagingStore;
  readonly store: StagingStore;
  readonly parts: Parts;
  /** Annotations of each target as bake knows them, for the index of its parts. */
  readonly annotations: (target: string) => readonly string[];
  /** No time in a layer stays after it, so that equal files make equal layers. */
  readonly sourceDateEpoch: number;
  /** Targets whose file asks for inline attestations: they keep them. */
  readonly attesting: ReadonlySet<string>;
  /** Layers that were not sent, because this machine has them. */
  readonly kept?: KeptLayers;
  readonly staged?: (image: BuiltImage) => void;
};

/** What one call of bake wrote. */
export type Batch = {
  readonly images: ReadonlyMap<string, PlannedImage>;
  /** What bake reported, by target, or by part where a target was built in parts. */
  readonly digests: ReadonlyMap<string, Digest>;
  /**
   * Bake runs meanwhile, and must find there what it has sent. `held`: it writes to these layouts again (see `holdLayouts`);
   * `live`: it has sent all of this image, may have to name it yet, and goes on with others.
   */
  readonly during?: 'held' | 'live';
};

/** Takes what bake wrote into the staging store. */
export type Taking = {
  /** Batches are taken one after another; the last one of an image counts. */
  take(batch: Batch): Promise<readonly BuiltImage[]>;
  /** Gzips lent layers, which bake will probably export, while it runs. What goes wrong is told by who takes them. */
  foresee(digests: readonly Digest[]): void;
  /** Ends when nothing foreseen is worked at any more. */
  end(): Promise<void>;
};

/**
 * Every layer is gzipped once for all images that have it. An image that comes again under the digest that it had is not looked
 * at again, and one that comes to equal bytes is the one it was.
 */
export function takingOf(exported: Exported, ports: FilesPort): Taking {
  const { raw, store, kept, sourceDateEpoch: notAfter } = exported;
  const gzipped: GzippedLayers = new Map();
  const known = new Map<PlannedImage, Known>();
  const inTurn = createSlots(1);
  let foreseen: Promise<unknown> = Promise.resolve();
  let isOver = false;
  const gzipAhead = async (digest: Digest): Promise<void> => {
    if (isOver || kept === undefined || gzipped.has(digest)) return;
    const source = kept.over(folderSource(raw.root), raw);
    const spec = { store, where: 'a layer kept on this machine', trusted: true, notAfter, source };
    const work = gzipLayer(spec, source.path(digest), digest, digest, ports);
    await shareLayer(gzipped, digest, work).catch(() => undefined);
  };
  return {
    take: (batch) =>
      inTurn(() =>
        mapLimit([...batch.images], 1, async ([target, planned]) => {
          const from = partNames(exported.parts, [target]).map((name) => batch.digests.get(name));
          const earlier = known.get(planned);
          const isKnown = earlier !== undefined && isDeepStrictEqual(earlier.from, from);
          // Where the disk is tight it is taken once more in the end: that frees what its plain layers take.
          if (isKnown && (await hasRoomForBoth(raw, ports))) return earlier.image;
          const taken = await takeImage(target, planned, { ...exported, ...batch, gzipped }, ports);
          const image = earlier?.image.top.digest === taken.top.digest ? earlier.image : taken;
          if (image !== earlier?.image) exported.staged?.(image);
          known.set(planned, { from, image });
          return image;
        }),
      ),
    foresee: (digests) => {
      foreseen = mapLimit(digests, 1, gzipAhead);
    },
    end: async () => {
      isOver = true;
      await foreseen;
    },
  };
}

/** An image, and the digests under which bake exported it. */
type Known = { readonly from: readonly (Digest | undefined)[]; readonly image: BuiltImage };

type TakeSpec = Exported & Batch & { readonly gzipped: GzippedLayers };

async function takeImage(
  target: string,
  planned: PlannedImage,
  spec: TakeSpec,
  ports: FilesPort,
): Promise<BuiltImage> {
  const { store, parts } = spec;
  await makeLayout(store, planned.name, ports);
  const own = parts.get(target);
  const taken =
    own === undefined
      ? [await takeLayout({ target, layout: planned.name, where: target }, spec, ports)]
      : await mapLimit(own, 1, ({ target: name, platform }) => {
          const layout = partLayout(planned.name, platform);
          return takeLayout({ target: name, layout, where: `${target} (${platform})` }, spec, ports);
        });
  const top = await topOf(target, own, taken, spec, ports);
  await writeIndex(store, planned.name, top, ports);
  const staged = await stageImage({ planned, store, top, origin: 'built', fault: 'BUILD_FAILED' }, ports);
  const materials = new Map(taken.flatMap((each) => [...each.materials]));
  return { ...staged, platforms: staged.platforms.map((each) => withMaterials(each, materials)) };
}

/** Where bake exports a planned image of a target to: one layout, or one for each of its parts. */
export function layoutsOf(target: string, { name }: PlannedImage, parts: Parts): readonly string[] {
  return parts.get(target)?.map(({ platform }) => partLayout(name, platform)) ?? [name];
}

/** The layout of one platform that is exported by itself; no image has a `+` in its name. */
export function partLayout(name: string, platform: string): string {
  return `${name}+${platform.replaceAll('/', '-')}`;
}

/**
 * Sets layouts aside, to be taken while bake writes new ones in their place. Their blobs stay until all is taken: it does
 * not send again what it finds.
 */
export async function holdLayouts(
  raw: StagingStore,
  layouts: readonly string[],
  { files }: FilesPort,
): Promise<void> {
  for (const layout of layouts) {
    const held = layoutPath(raw, heldLayout(layout));
    await files.remove(held);
    await files.move(layoutPath(raw, layout), held);
  }
}

function heldLayout(layout: string): string {
  return `${layout}+held`;
}

type Taken = { readonly top: Descriptor; readonly materials: MaterialsByPlatform };

async function topOf(
  target: string,
  own: readonly Part[] | undefined,
  taken: readonly Taken[],
  { store, annotations }: Exported,
  ports: FilesPort,
): Promise<Descriptor> {
  const [first] = taken;
  if (first === undefined) throw new ReleaseError('INTERNAL', `no part of ${target} was built`);
  if (own === undefined) return first.top;
  const members = own.flatMap(({ platform }, i) => {
    const top = taken[i]?.top;
    return top === undefined ? [] : [{ platform, top }];
  });
  return joinParts(store, members, annotations(target), ports);
}

type Layout = { readonly target: string; readonly layout: string; readonly where: string };

async function takeLayout(
  { target, layout, where }: Layout,
  { raw, store, digests, sourceDateEpoch, attesting, kept, gzipped, during }: TakeSpec,
  ports: FilesPort,
): Promise<Taken> {
  const place = during === 'held' ? heldLayout(layout) : layout;
  const digest = digests.get(target);
  const isSent = during === 'live' && digest !== undefined;
  const exported = await (isSent ? sentTop(raw, digest, ports) : exportedTop(raw, place, digest, ports));
  const folder = { ...folderSource(layoutPath(raw, place)), ours: during === undefined };
  const source = kept === undefined ? folder : kept.over(folder, raw);
  const materials = await readMaterials(source, exported, ports);
  const how = { partial: false, trusted: true, gzipped, notAfter: sourceDateEpoch };
  const imagesOnly = !attesting.has(target);
  const spec = { source, store, where: `the build of ${where}`, imagesOnly, ...how };
  return { top: await importImage(spec, exported, ports), materials };
}

/** What lies among the blobs, whether a layout names it or not. */
async function sentTop(raw: StagingStore, digest: Digest, { files }: FilesPort): Promise<Descriptor> {
  const bytes = await files.read(blobPath(raw, digest));
  return { mediaType: mediaTypeOf(bytes), digest, size: bytes.byteLength };
}

/** What bake reported is what lies in its layout. */
async function exportedTop(
  raw: StagingStore,
  layout: string,
  digest: Digest | undefined,
  { files }: FilesPort,
): Promise<Descriptor> {
  const index = readLayoutIndex(await files.readText(`${layoutPath(raw, layout)}/index.json`));
  const top = index.find((each) => each.digest === digest);
  if (top !== undefined) return top;
  const found = index.map((each) => each.digest).join(', ');
  throw new ReleaseError(
    'DIGEST_MISMATCH',
    `bake reported ${digest} for ${layout}, and its layout holds ${found}`,
  );
}

function withMaterials(image: PlatformImage, known: MaterialsByPlatform): PlatformImage {
  const materials = known.get(formatPlatform(image.platform));
  return materials === undefined ? image : { ...image, materials };
}
