import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideBusybox } from '../../scripts/setup/busybox.mjs';
import { MODULE_BASE, MODULE_WHEELS } from '../../scripts/setup/module-base.mjs';
import { judge } from '../e2e/helpers/judges.ts';
import { writeFiles } from './git-repository.ts';

/** Inputs that build modules on the image with Python, from wheels that lie in the checkout. */
export const ON_PYTHON = { 'module-base-image': MODULE_BASE, 'build-contexts': 'wheels=wheels' };

/** Puts the wheels of the SDK into a checkout, beside what is committed. */
export function addWheels(checkout: string): void {
  cpSync(MODULE_WHEELS, join(checkout, 'wheels'), { recursive: true });
}

/** Files of a module that both generations of the platform find valid. */
export function aModule(
  change: Readonly<Record<string, unknown>> = {},
  folder = '.',
): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(EXAMPLE, 'manifest.json'), 'utf8'));
  const files = {
    'manifest.json': `${JSON.stringify({ ...manifest, ...change }, undefined, 2)}\n`,
    'backend/main.py': readFileSync(join(EXAMPLE, 'backend/main.py'), 'utf8'),
    'backend/requirements.txt': 'hla-compass==2.1.3\n',
    'examples/peptides.json': '{ "peptides": ["SIINFEKL"] }\n',
  };
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [join(folder, path), text]));
}

export const EXAMPLE = join(import.meta.dirname, '../../examples/module');

/** What a module's run has left. */
export type ModuleRun = {
  readonly exitCode: number;
  readonly output: { readonly status: string; readonly [key: string]: unknown };
  readonly summary: unknown;
};

/** Runs an image as the platform does: payload in by a file, output and summary out by files. */
export async function runModule(image: string, payload: unknown): Promise<ModuleRun> {
  const folder = mkdtempSync(join(tmpdir(), 'mr-module-run-'));
  try {
    writeFiles(folder, { 'payload.json': JSON.stringify(payload) });
    const env = ['PAYLOAD', 'OUTPUT', 'SUMMARY'].flatMap((name) => [
      '--env',
      `HLA_COMPASS_${name}=/io/${name.toLowerCase()}.json`,
    ]);
    const args = ['run', '--rm', '--network', 'none', '--volume', `${folder}:/io`, ...env, image];
    const ended = await judge('docker', ...args).then(
      () => 0,
      () => 1,
    );
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return { exitCode: ended, output: read('output.json'), summary: read('summary.json') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * An image whose `python` installs nothing and whose `npm` copies `src` to `dist`: for tests that look at what is built and
 * not at what runs in it. Returns its tag.
 */
export async function stubBase(): Promise<string> {
  const tag = `mr-e2e-module-base-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'mr-stub-base-'));
  try {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    copyFileSync(await provideBusybox(), join(bin, 'busybox'));
    writeFiles(bin, {
      python: '#!/bin/busybox sh\necho "python $*"\n',
      npm: '#!/bin/busybox sh\necho "npm $*"\n[ "$1" != run ] || /bin/busybox cp -r src dist\n',
    });
    for (const name of ['busybox', 'python', 'npm']) chmodSync(join(bin, name), 0o755);
    writeFiles(folder, {
      Dockerfile: 'FROM scratch\nCOPY bin/ /bin/\nRUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/sh"]\n',
    });
    await judge('docker', 'buildx', 'build', '--builder', 'default', '--load', '--tag', tag, folder);
    return tag;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
