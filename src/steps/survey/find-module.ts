import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import type { Inputs } from '../../model/inputs.ts';
import type { Ports } from '../../ports/index.ts';

/** Of one module of a checkout. */
type Found = { readonly folder: string; readonly name?: string };

const LARGEST = 4 * 1024 * 1024;
/** A manifest.json that says nothing of what to execute is another tool's. */
const moduleManifest = z.object({
  name: z.optional(z.unknown()),
  execution: z.record(z.string(), z.unknown()),
});

/**
 * The folder (absolute) of the module that a git tag names, by the name in its manifest.json or by that of its folder.
 * Undefined where the checkout has no module in a folder of its own. Throws MANIFEST_NOT_FOUND when it has others, and
 * INPUT_INVALID when two have the name.
 */
export async function findModule(
  named: string,
  { workspace, workingDirectory }: Pick<Inputs, 'workspace' | 'workingDirectory'>,
  ports: Pick<Ports, 'exec' | 'files'>,
): Promise<string | undefined> {
  const modules = await modulesBelow(workingDirectory, workspace, ports);
  if (modules.length === 0) return undefined;
  const byName = modules.filter(({ name }) => name === named);
  const matching = byName.length > 0 ? byName : modules.filter(({ folder }) => basename(folder) === named);
  const [module, other] = matching;
  if (module === undefined) throw notFound(named, modules);
  if (other !== undefined) {
    const folders = matching.map(({ folder }) => folder).join(', ');
    throw new ReleaseError('INPUT_INVALID', `the git tag names more than one module: ${named} (${folders})`, {
      hint: 'Give each module a name of its own in its manifest.json.',
    });
  }
  return join(workingDirectory, module.folder);
}

/** Of the files that git knows, so that nothing generated or fetched counts. One at the top is no module among others. */
async function modulesBelow(
  folder: string,
  workspace: string,
  { exec, files }: Pick<Ports, 'exec' | 'files'>,
): Promise<readonly Found[]> {
  const listed = await exec.run({
    file: 'git',
    args: ['-c', `safe.directory=${workspace}`, '-C', folder, 'ls-files', '-z', '--', '*/manifest.json'],
    environment: 'minimal',
  });
  const paths = listed.exitCode === 0 ? listed.stdout.split('\0').filter((path) => path !== '') : [];
  const found = await Promise.all(
    paths.map(async (path): Promise<readonly Found[]> => {
      const size = await files.size(join(folder, path));
      if (size === undefined || size > LARGEST) return [];
      const text = await files.readTextIfExists(join(folder, path));
      const manifest = moduleManifest.safeParse(parseJson(text)).data;
      if (manifest === undefined) return [];
      const { name } = manifest;
      return [{ folder: dirname(path), ...(typeof name === 'string' ? { name } : {}) }];
    }),
  );
  return found.flat();
}

function notFound(named: string, modules: readonly Found[]): ReleaseError {
  const known = modules.map(({ folder, name }) => (name === undefined ? folder : `${name} (${folder})`));
  return new ReleaseError('MANIFEST_NOT_FOUND', `the git tag names no module of this checkout: ${named}`, {
    hint: `Tag with the name of one of ${known.slice(0, 20).join(', ')}.`,
  });
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
