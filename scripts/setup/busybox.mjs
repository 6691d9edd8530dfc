/** A busybox for images made FROM scratch: one file that is a whole userland, so it must be linked statically. */

import { cachePath } from './cache.mjs';
import { findProgram } from './find.mjs';
import { probe, SetupError } from './run.mjs';

const IMAGE = 'busybox:stable-musl';

export async function provideBusybox() {
  const installed = process.platform === 'linux' ? findProgram('busybox') : undefined;
  if (installed && (await isStatic(installed))) return installed;
  const path = cachePath('busybox');
  const container = await docker('create', IMAGE);
  await docker('cp', `${container}:/bin/busybox`, path).finally(() => docker('rm', container));
  return path;
}

async function isStatic(path) {
  return /not a dynamic executable|statically linked/.test((await probe('ldd', [path])).output);
}

async function docker(...args) {
  const { code, output } = await probe('docker', args, { timeout: 120_000 });
  if (code !== 0)
    throw new SetupError(`No static busybox was found, and none could be taken from ${IMAGE}:\n${output}`);
  return output.trim().split('\n').at(-1);
}
