import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CONFIG } from '../../helpers/e2e-bench.ts';
import { aRepository, type GitRepository } from '../../helpers/git-repository.ts';
import { ROOT } from '../../helpers/run-action.ts';
import { craneConfig, craneFiles } from './judges.ts';

/** The examples of sets at scale, under `examples/`. */
export const SHAPES = ['containai-shape', 'services-shape'] as const;
export type Shape = (typeof SHAPES)[number];

export const BOTH = ['linux/amd64', 'linux/arm64'] as const;

export const shapeFile = (shape: Shape, path: string): string =>
  readFileSync(join(ROOT, 'examples', shape, path), 'utf8');

/** The names of the images that the config of an example declares, in its order. */
export function imagesOf(shape: Shape): readonly string[] {
  return Object.keys(parse(shapeFile(shape, CONFIG)).images);
}

/** A repository of an example as it stands, with other values of some top-level keys of its config. */
export function shapeRepository(
  shape: Shape,
  changed: Readonly<Record<string, unknown>>,
): GitRepository & { remove(): void } {
  const config = stringify({ ...parse(shapeFile(shape, CONFIG)), ...changed });
  const repository = aRepository({
    copyFrom: join(ROOT, 'examples', shape),
    files: { [CONFIG]: config },
    tags: ['v1.2.3'],
  });
  return {
    ...repository,
    remove() {
      rmSync(repository.folder, { recursive: true, force: true });
    },
  };
}

/** The output `images`, of which these tests read no more than this. */
export type ShownImage = {
  readonly name: string;
  readonly repository: string;
  readonly digest: string;
  readonly ref: string;
  readonly tags: readonly string[];
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
};

/** What users get of one platform: the files, and the config without what depends on who has compressed the layers. */
export type Inside = {
  readonly config: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
};

/** `IMAGE PLATFORM` → what is inside, as strangers' clients see it. */
export async function insideOf(images: readonly ShownImage[]): Promise<Readonly<Record<string, Inside>>> {
  const inside: Record<string, Inside> = {};
  for (const { name, ref } of images)
    for (const platform of BOTH) {
      const [seen, files] = await Promise.all([craneConfig(ref, platform), craneFiles(ref, platform)]);
      const { rootfs: _, ...config }: Readonly<Record<string, unknown>> = { ...seen };
      const texts = [...files].map(([path, content]) => [path, content.toString()] as const);
      inside[`${name} ${platform}`] = { config, files: Object.fromEntries(texts) };
    }
  return inside;
}
