import { dirname, join, relative } from 'node:path';
import * as z from 'zod/mini';
import type { ManifestFacts } from '../../model/facts.ts';
import type { Inputs } from '../../model/inputs.ts';
import type { Ports } from '../../ports/index.ts';
import { readModuleManifest } from './module-manifest.ts';
import { readInside } from './read-inside.ts';

/** A manifest.json that says nothing of what to execute is another tool's. */
const moduleManifest = z.object({ execution: z.record(z.string(), z.unknown()) });

/**
 * The folders below the working directory that are modules, relative to it, with what their manifest.json says. Of the files
 * that git knows, so that nothing generated or fetched counts; none where the workspace is no git checkout.
 */
export async function findModules(
  { workspace, workingDirectory }: Pick<Inputs, 'workspace' | 'workingDirectory'>,
  { exec, files }: Pick<Ports, 'exec' | 'files'>,
): Promise<readonly { readonly folder: string; readonly manifest: ManifestFacts }[]> {
  const listed = await exec.run({
    file: 'git',
    args: [
      '-c',
      `safe.directory=${workspace}`,
      '-C',
      workingDirectory,
      'ls-files',
      '-z',
      '--',
      '*/manifest.json',
    ],
    environment: 'minimal',
  });
  const paths = listed.exitCode === 0 ? listed.stdout.split('\0').filter((path) => path !== '') : [];
  const found = await Promise.all(
    paths.map(async (path) => {
      const folder = dirname(path);
      const manifest = await readModuleFolder(join(workingDirectory, folder), workspace, { files });
      return manifest === undefined ? [] : [{ folder, manifest }];
    }),
  );
  return found.flat();
}

/** manifest.json of a folder (absolute), when it is a module's. */
export async function readModuleFolder(
  folder: string,
  workspace: string,
  ports: Pick<Ports, 'files'>,
): Promise<ManifestFacts | undefined> {
  const path = join(folder, 'manifest.json');
  const read = await readInside(path, workspace, ports);
  if (read === undefined || 'fault' in read || !isModule(read.text)) return undefined;
  return readModuleManifest(read.text, relative(workspace, path));
}

function isModule(text: string): boolean {
  try {
    return moduleManifest.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
