/** Installs a tool from the Python package index in an environment of its own in the cache. */
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './apt.mjs';
import { cachePath } from './cache.mjs';
import { logged, probe } from './run.mjs';

/** @param program the program of the package that is to be found under `name` */
export async function installWithPip(name, requirement, program = name) {
  // Debian's python3 comes without what an environment needs.
  if ((await probe('python3', ['-c', 'import ensurepip, venv'])).code !== 0)
    await installPackages(['python3-venv']);
  console.error(`Installing ${requirement} with pip.`);
  const environment = cachePath('python', name);
  await logged(`venv-${name}`, 'python3', ['-m', 'venv', '--clear', environment]);
  const pip = join(environment, 'bin', 'pip');
  const options = ['--quiet', '--disable-pip-version-check', '--retries', '10'];
  await logged(`pip-${name}`, pip, ['install', ...options, requirement]);
  const link = cachePath('bin', name);
  rmSync(link, { force: true });
  symlinkSync(join(environment, 'bin', program), link);
}
