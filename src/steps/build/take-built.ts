import { type Descriptor, formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, layoutPath, type PlatformImage, type StagingStore } from '../../model/image.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { folderSource } from './blob-source.ts';
import { type ImportSpec, importImage } from './import-image.ts';
import type { KeptLayers } from './kept-layers.ts';
import { makeLayout, writeIndex } from './layout.ts';
import { type MaterialsByPlatform, readMaterials } from './materials.ts';
import { readLayoutIndex, stageImage } from './stage.ts';

type FilesPort = Pick<Ports, 'files'>;

export type Exported = {
  /** Where bake wrote to; removed when all is taken. */
  readonly raw: StagingStore;
  readonly store: StagingStore;
  /** What bake reported, by target. */
  readonly digests: ReadonlyMap<string, Digest>;
  /** No time in a layer stays after it, so that equal files make equal layers. */
  readonly sourceDateEpoch: number;
  /** Targets whose file asks for inline attestations: they keep them. */
  readonly attesting: ReadonlySet<string>;
  /** Layers that were not sent, because this machine has them. */
  readonly kept?: KeptLayers;
  readonly staged?: (image: BuiltImage) => void;
};

/** Takes what bake wrote into the staging store, where every layer is gzipped once for all images that have it. */
export async function takeBuilt(
  images: ReadonlyMap<string, PlannedImage>,
  { raw, store, digests, sourceDateEpoch, attesting, kept, staged: tell }: Exported,
  ports: FilesPort,
): Promise<readonly BuiltImage[]> {
  const gzipped: ImportSpec['gzipped'] = new Map();
  const built: BuiltImage[] = [];
  for (const [target, planned] of images) {
    const exported = await exportedTop(raw, planned, digests.get(target), ports);
    const layout = { ...folderSource(layoutPath(raw, planned.name)), ours: true };
    const source = kept === undefined ? layout : kept.over(layout, raw);
    const materials = await readMaterials(source, exported, ports);
    const where = `the build of ${target}`;
    await makeLayout(store, planned.name, ports);
    const imagesOnly = !attesting.has(target);
    const how = { partial: false, trusted: true, gzipped, notAfter: sourceDateEpoch, imagesOnly };
    const spec = { source, store, where, ...how };
    const top = await importImage(spec, exported, ports);
    await writeIndex(store, planned.name, top, ports);
    const staged = await stageImage({ planned, store, top, origin: 'built', fault: 'BUILD_FAILED' }, ports);
    const image = { ...staged, platforms: staged.platforms.map((each) => withMaterials(each, materials)) };
    tell?.(image);
    built.push(image);
  }
  await ports.files.remove(raw.root);
  return built;
}

/** What bake reported is what lies in its layout. */
async function exportedTop(
  raw: StagingStore,
  planned: PlannedImage,
  digest: Digest | undefined,
  { files }: FilesPort,
): Promise<Descriptor> {
  const index = readLayoutIndex(await files.readText(`${layoutPath(raw, planned.name)}/index.json`));
  const top = index.find((each) => each.digest === digest);
  if (top !== undefined) return top;
  const found = index.map((each) => each.digest).join(', ');
  throw new ReleaseError(
    'DIGEST_MISMATCH',
    `bake reported ${digest} for ${planned.name}, and its layout holds ${found}`,
  );
}

function withMaterials(image: PlatformImage, known: MaterialsByPlatform): PlatformImage {
  const materials = known.get(formatPlatform(image.platform));
  return materials === undefined ? image : { ...image, materials };
}
