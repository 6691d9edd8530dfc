import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { HandedReport, SetPlatform } from '../../model/handoff.ts';
import type { Ports } from '../../ports/index.ts';
import { REPORTS } from './document.ts';

/** Bytes of the largest report that is read: a scan of a very large image has some tens of MB. */
const LARGEST = 256 * 1024 * 1024;

/** A report of a shard among those of this run. */
export type TakenReport = { readonly kind: HandedReport['kind']; readonly path: string };

/**
 * The reports of one platform, copied into a folder and checked there against the handoff. Throws HANDOFF_INVALID when one is
 * missing or was changed.
 */
export async function takeReports(
  { folder, reports, handoff }: Pick<SetPlatform, 'folder' | 'reports' | 'handoff'>,
  into: string,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly TakenReport[]> {
  const taken: TakenReport[] = [];
  for (const { kind, file, digest } of reports) {
    const from = join(folder, REPORTS, file);
    const path = join(into, file);
    const invalid = (why: string): ReleaseError =>
      new ReleaseError(
        'HANDOFF_INVALID',
        `the report ${file} beside the handoff of ${handoff.shard} ${why}: ${from}`,
        { hint: 'Hand over the whole folder as the build job has left it.' },
      );
    const size = await files.size(from);
    if (size === undefined || (await files.isFolder(from))) throw invalid('is not there');
    if (size > LARGEST) throw invalid(`has ${size} bytes, more than ${LARGEST}`);
    // Bytes, not a file: what is a link elsewhere must not become one here.
    await files.write(path, await files.read(from));
    const actual = await files.hash(path);
    if (actual !== digest) {
      await files.remove(path);
      throw invalid(`was changed after it was handed over (${actual}, expected ${digest})`);
    }
    taken.push({ kind, path });
  }
  return taken;
}
