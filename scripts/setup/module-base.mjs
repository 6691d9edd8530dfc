/**
 * What the tests build modules from: an image with Python and pip, and the SDK of the platform as a folder of wheels, so that
 * no build asks the network.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptSystem, debianRelease, installPackages, mirror } from './apt.mjs';
import { cachePath } from './cache.mjs';
import { findProgram } from './find.mjs';
import { logged, probe, SetupError } from './run.mjs';

export const MODULE_BASE = 'module-release/python:tests';
const REAL = 'python:3.11-slim-bookworm';
const SDK = 'hla-compass==2.1.3';
/** Named by what it holds, so that another version is fetched anew. */
export const MODULE_WHEELS = cachePath('wheels', SDK);

export async function moduleBaseMissing() {
  return !existsSync(MODULE_WHEELS) || (await probe('docker', ['image', 'inspect', MODULE_BASE])).code !== 0;
}

export async function provideModuleBase() {
  if ((await probe('docker', ['image', 'inspect', MODULE_BASE])).code !== 0) await provideImage();
  if (!existsSync(MODULE_WHEELS)) await provideWheels();
}

async function provideImage() {
  if ((await probe('docker', ['pull', '--quiet', REAL], { timeout: 60_000 })).code === 0) {
    await logged('module-base-tag', 'docker', ['tag', REAL, MODULE_BASE]);
    return;
  }
  if (aptSystem() !== 'debian')
    throw new SetupError(
      `The image ${REAL} cannot be pulled; as root on Debian, one would be made in its place.`,
    );
  if (!findProgram('debootstrap')) await installPackages(['debootstrap']);
  console.error(`Making the image ${MODULE_BASE} with debootstrap, since ${REAL} cannot be pulled.`);
  const work = mkdtempSync(join(tmpdir(), 'module-base-'));
  try {
    const [root, archive] = [join(work, 'root'), join(work, 'root.tar')];
    const packages = '--include=python3,python3-pip';
    await logged('debootstrap', 'debootstrap', [
      '--variant=minbase',
      packages,
      debianRelease(),
      root,
      mirror(),
    ]);
    // As in the images of Python itself: `python` is there, and pip may install.
    symlinkSync('python3', join(root, 'usr/bin/python'));
    const left = [
      'usr/lib/python3*/EXTERNALLY-MANAGED',
      'var/cache/apt',
      'var/lib/apt/lists',
      'usr/share/doc',
    ];
    const without = left.map((path) => `--exclude=./${path}`);
    await logged('module-base-tar', 'tar', ['-C', root, '-cf', archive, ...without, '.']);
    await logged('module-base-import', 'docker', ['import', archive, MODULE_BASE]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** For the Python of the image, which need not be this machine's. */
async function provideWheels() {
  const version = await probe('docker', ['run', '--rm', MODULE_BASE, 'python', '--version']);
  const [, python] = /Python (\d+\.\d+)/.exec(version.output) ?? [];
  if (python === undefined) throw new SetupError(`No Python was found in ${MODULE_BASE}:\n${version.output}`);
  console.error(`Fetching ${SDK} and what it needs as wheels for Python ${python}.`);
  const work = `${MODULE_WHEELS}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const only = ['--only-binary=:all:', '--python-version', python, '--dest', work];
  // Debian's python3 comes without pip, the environment of the SDK has one.
  const own = cachePath('python', 'hla-compass-2.1', 'bin', 'python');
  const pip = ['-m', 'pip', 'download', '--quiet', '--retries', '10', ...only, SDK];
  await logged('module-wheels', existsSync(own) ? own : 'python3', pip);
  renameSync(work, MODULE_WHEELS);
}
