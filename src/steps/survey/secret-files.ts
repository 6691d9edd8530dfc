import type { Ports } from '../../ports/index.ts';

/** A larger file is no credential; the masks are looked for in every line that is printed. */
const LARGEST = 64 * 1024;

/** Hides what build secrets from files hold, line by line, before a step of a Dockerfile can print it. Paths are absolute. */
export async function maskSecretFiles(
  paths: readonly string[],
  { files, log }: Pick<Ports, 'files' | 'log'>,
): Promise<void> {
  for (const path of new Set(paths)) {
    const size = await files.size(path);
    if (size === undefined || size > LARGEST) continue;
    // What cannot be read, or is a folder, is for bake to name.
    log.mask(await files.readText(path).catch(() => ''));
  }
}
