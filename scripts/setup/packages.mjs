/** Installs the npm packages of package-lock.json when node_modules does not hold them, among them Node 24. */
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { logged, probe } from './run.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The package `node` puts the program of its own version here. */
export const nodePath = join(repository, 'node_modules', 'node', 'bin', 'node');

export async function providePackages() {
  if (isInstalled() && (await nodeIsThere())) return;
  await withLock('npm', async () => {
    if (!isInstalled()) {
      console.error('Installing the npm packages of package-lock.json.');
      const npm = (...args) =>
        logged(`npm-${args[0]}`, 'npm', args, { cwd: repository, env: npmEnvironment() });
      // `npm ci` is stricter: it refuses a lock file that leaves out packages for other kinds of machines, which npm
      // itself writes where a mirror of the registry does not hold them (see complete-lock.mjs).
      await npm('ci').catch(() => npm('install', '--no-save'));
    }
    if (await nodeIsThere()) return;
    // The program comes by the package's install script, which npm may have been told not to run.
    const options = { cwd: join(repository, 'node_modules', 'node'), env: npmEnvironment() };
    await logged('npm-node', 'node', ['installArchSpecificPackage.js'], options);
  });
}

/** Whether node_modules holds exactly what package-lock.json says. npm notes what it installed in a lock file there. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages(join('node_modules', '.package-lock.json'));
  // An optional package may be one for another kind of machine.
  return Object.entries(wanted).every(
    ([path, { optional, version }]) => path === '' || optional || present[path]?.version === version,
  );
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(repository, path), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

async function nodeIsThere() {
  return (await probe(nodePath, ['--version'])).output.startsWith('v24.');
}

/** npm must not run on the Node that it is about to replace, which `npm run` has put first on PATH. */
function npmEnvironment() {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return { ...process.env, PATH: folders.join(delimiter) };
}
