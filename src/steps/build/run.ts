import { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage } from '../../model/image.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { type BakeSpec, bakeImages } from './bake.ts';
import type { Builder } from './builder.ts';
import { ensureBuilder } from './create-builder.ts';
import { wavesOf } from './room.ts';

export { adoptImage } from './adopt.ts';
export { assembleImage } from './assemble.ts';
export { bringImage } from './bring.ts';
export {
  askBuilder,
  type Builder,
  type BuilderAnswers,
  type BuilderNeeds,
  chooseBuilder,
} from './builder.ts';
export { removeBuilder } from './create-builder.ts';
export { diskProblem, estimateDisk } from './disk.ts';
export { checkEmulation } from './emulation.ts';
export { checkReach } from './reach.ts';

/** `builder` is undefined when nothing is to be built; then only brought or adopted images are in the plan. */
export type BuildSpec = Omit<BakeSpec, 'builder'> & { readonly builder?: Builder };

/**
 * Builds, in one bake call where there is room, the images of the plan that have a bake target and are neither adopted nor brought, into the
 * staging store. Gives those it built, in the plan's order. Throws BUILD_FAILED with every target that fails and what is
 * built on it, DISK_LOW, TOOL_MISSING, BUILDER_UNFIT.
 */
export async function buildImages(
  spec: BuildSpec,
  ports: Pick<Ports, 'clock' | 'exec' | 'files' | 'log' | 'state'>,
): Promise<readonly BuiltImage[]> {
  const { builder } = spec;
  const images = new Map<string, PlannedImage>(
    spec.plan.images.flatMap((planned) =>
      planned.source.kind === 'bake' && !spec.adopted.has(planned.name)
        ? [[planned.source.target, planned]]
        : [],
    ),
  );
  if (images.size === 0) return [];
  if (builder === undefined) throw new ReleaseError('INTERNAL', 'images to build and no builder');
  await ensureBuilder(builder, ports);
  const built: BuiltImage[] = [];
  for (const wave of await wavesOf(images, builder, spec.store.root, ports)) {
    const adopted = new Map([...spec.adopted, ...built.map((image) => [image.planned.name, image] as const)]);
    built.push(...(await bakeImages({ ...spec, builder, adopted }, wave, ports)));
  }
  return spec.plan.images.flatMap(({ name }) => built.find(({ planned }) => planned.name === name) ?? []);
}
