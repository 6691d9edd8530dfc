import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const EVERY_MS = 150;

/** What the work takes in these folders at its peak, above what was in them when it began: bytes on the disk. */
export async function peakDisk<T>(
  folders: readonly string[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peak: number }> {
  const used = (): number => folders.reduce((sum, folder) => sum + taken(folder), 0);
  const before = used();
  let most = before;
  const look = (): void => {
    most = Math.max(most, used());
  };
  const timer = setInterval(look, EVERY_MS);
  try {
    const result = await work();
    look();
    return { result, peak: most - before };
  } finally {
    clearInterval(timer);
  }
}

/** Files come and go while they are counted. */
function taken(folder: string): number {
  let sum = 0;
  for (const entry of orNothing(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    const path = join(entry.parentPath, entry.name);
    // Merged views of snapshots are mounted elsewhere: what is here is here once.
    if (entry.isDirectory()) sum += taken(path);
    else sum += (orNothing(() => lstatSync(path).blocks) ?? 0) * 512;
  }
  return sum;
}

function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
