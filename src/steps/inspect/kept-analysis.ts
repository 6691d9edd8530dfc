import { join } from 'node:path';
import { type Digest, digestOf, hexOf } from '../../model/digest.ts';
import type { Ports } from '../../ports/index.ts';
import type { KeptIn } from './prepare-database.ts';
import type { ScanRequest } from './scan.ts';

type KeepPorts = Pick<Ports, 'files' | 'log'>;

/** Keeps what Trivy has found in layers, when the scans are over. Never throws. */
export type Keep = () => Promise<void>;

/** More is copied slower than it is found again. */
const LIMIT_BYTES = 64 * 1024 ** 2;

/**
 * Gives Trivy what it found in layers earlier on the same day, on a machine that stays (a self-hosted runner). Trivy looks
 * layers up by their content and by all that its analyzers were told. It is kept in the tool cache, where Trivy itself may
 * come from: what is found there cannot be proven, so it is no more to be believed than the tool. For one day, because a
 * newer index of Java packages knows more of the same layer.
 */
export async function lendAnalysis(
  { cache, trivy }: Pick<ScanRequest, 'cache' | 'trivy'>,
  ports: KeepPorts,
): Promise<Keep> {
  const { keptIn } = cache;
  if (keptIn === undefined) return async () => undefined;
  const used = join(cache.folder, 'fanal', 'fanal.db');
  const stem = `layers-${keptIn.day}-${hexOf(digestOf(JSON.stringify([trivy.version, keptIn.javaIndex]))).slice(0, 16)}`;
  const lent = await helping(() => lend(keptIn, stem, used, ports), ports);
  return async () => {
    await helping(() => keep(keptIn, stem, used, lent, ports), ports);
  };
}

/** Copied, because Trivy writes to it and locks it; under a name that says what must be in it. */
async function lend(
  { folder }: KeptIn,
  stem: string,
  used: string,
  { files }: KeepPorts,
): Promise<Digest | undefined> {
  const name = (await files.list(folder)).find((each) => each.startsWith(`${stem}-`));
  if (name === undefined) return undefined;
  await files.copy(join(folder, name), used);
  const digest = await files.hash(used);
  if (name === nameOf(stem, digest)) return digest;
  await files.remove(used);
  await files.remove(join(folder, name));
  return undefined;
}

async function keep(
  { folder, day }: KeptIn,
  stem: string,
  used: string,
  lent: Digest | undefined,
  { files }: KeepPorts,
): Promise<void> {
  const size = await files.size(used);
  if (size === undefined || size > LIMIT_BYTES) return;
  const digest = await files.hash(used);
  if (digest === lent) return;
  const own = nameOf(stem, digest);
  await files.copy(used, join(folder, `new-${own}`));
  await files.move(join(folder, `new-${own}`), join(folder, own));
  for (const name of await files.list(folder)) {
    const isOld = /^(new-)?layers-/.test(name) && !name.includes(`layers-${day}-`);
    if (isOld || (name.startsWith(`${stem}-`) && name !== own)) await files.remove(join(folder, name));
  }
}

function nameOf(stem: string, digest: Digest): string {
  return `${stem}-${hexOf(digest)}.db`;
}

/** What is kept only saves time: trouble with it, such as a folder that is read-only, must not end a release. */
async function helping<T>(work: () => Promise<T>, { log }: KeepPorts): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    log.debug(
      `What Trivy has found in layers could not be kept: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}
