import { posix } from 'node:path';
import type { ManifestFacts } from '../model/facts.ts';
import type { ImageInput, Inputs } from '../model/inputs.ts';

/**
 * The one image of the inputs, where it may stand for all modules of the checkout: tags name a module in place of a star,
 * and nothing was said of what to build.
 */
export function modulesImage({ build, names, version }: Inputs): ImageInput | undefined {
  const { definition } = build;
  const isNamedByTag = version.tagPrefix.includes('*') && names.image === undefined;
  if (definition.kind === 'bake-file' || !isNamedByTag || version.manifest === 'false') return undefined;
  const [image, other] = definition.images;
  if (image === undefined || other !== undefined || image.name !== undefined) return undefined;
  const isPlain = image.from === undefined && image.file === undefined && image.target === undefined;
  return isPlain && image.context === '.' ? image : undefined;
}

/** An image for each of the modules, named like it. */
export function moduleSet(
  inputs: Inputs,
  image: ImageInput,
  modules: readonly { readonly folder: string; readonly manifest: ManifestFacts }[],
): Inputs {
  const images = modules.map(({ folder, manifest }) => ({
    ...image,
    name: manifest.name ?? posix.basename(folder),
    context: folder,
  }));
  return { ...inputs, build: { ...inputs.build, definition: { kind: 'images', images } } };
}
