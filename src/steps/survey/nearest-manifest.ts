import { dirname, relative } from 'node:path';
import type { Inputs } from '../../model/inputs.ts';
import type { Ports } from '../../ports/index.ts';

/**
 * The folder, relative to the workspace (`.` for itself), nearest to the working directory that has a manifest.json known to
 * git; undefined when there is none.
 */
export async function nearestManifest(
  { workspace, workingDirectory }: Pick<Inputs, 'workspace' | 'workingDirectory'>,
  { exec }: Pick<Ports, 'exec'>,
): Promise<string | undefined> {
  const { exitCode, stdout } = await exec.run({
    file: 'git',
    args: [
      '-c',
      `safe.directory=${workspace}`,
      '-C',
      workspace,
      'ls-files',
      '-z',
      '--',
      'manifest.json',
      '*/manifest.json',
    ],
    environment: 'minimal',
  });
  if (exitCode !== 0) return undefined;
  const from = relative(workspace, workingDirectory);
  const folders = stdout.split('\0').flatMap((path) => (path === '' ? [] : [dirname(path)]));
  const [nearest] = folders
    .map((folder) => ({ folder, steps: stepsBetween(from, folder) }))
    .sort((a, b) => a.steps - b.steps || (a.folder < b.folder ? -1 : 1));
  return nearest?.folder;
}

/** Folders to walk up and down. */
function stepsBetween(from: string, to: string): number {
  const [a, b] = [from, to].map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  const [up, down] = [a ?? [], b ?? []];
  const common = up.findIndex((part, index) => part !== down[index]);
  const shared = common < 0 ? up.length : common;
  return up.length - shared + down.length - shared;
}
