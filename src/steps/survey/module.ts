import { join, relative } from 'node:path';
import type { ModuleFacts, ModuleText } from '../../model/module.ts';
import { type FilePorts, isInside, readInside } from './read-inside.ts';

type Reading = {
  /** The checkout, and the module's folder in it: absolute. */
  readonly workspace: string;
  readonly folder: string;
  /** What else has to be looked at, by the text of manifest.json: paths relative to the module. */
  readonly wanted: (manifest: ModuleText) => {
    readonly paths: readonly string[];
    readonly texts: readonly string[];
  };
};

/**
 * Reads what the rules need of one module; undefined when its folder has no manifest.json. Symbolic links are followed
 * inside the checkout only: what leads out of it counts as missing, and is not read.
 */
export async function readModule(
  { workspace, folder, wanted }: Reading,
  ports: FilePorts,
): Promise<ModuleFacts | undefined> {
  const manifest = await readInside(join(folder, 'manifest.json'), workspace, ports);
  if (manifest === undefined) return undefined;
  const { paths, texts } = wanted(manifest);
  const [existing, read] = await Promise.all([
    Promise.all(
      paths.map(async (path) => ((await isInside(join(folder, path), workspace, ports)) ? [path] : [])),
    ),
    Promise.all(
      texts.map(async (path): Promise<readonly (readonly [string, ModuleText])[]> => {
        const text = await readInside(join(folder, path), workspace, ports);
        return text === undefined ? [] : [[path, text]];
      }),
    ),
  ]);
  return {
    path: relative(workspace, folder) || '.',
    manifest,
    existing: existing.flat(),
    texts: Object.fromEntries(read.flat()),
  };
}
