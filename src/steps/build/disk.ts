import { formatGib } from '../../model/disk.ts';
import { type Problem, problem } from '../../model/errors.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** What nobody can know before the build is taken as this much per image and platform, plain and gzipped side by side. */
const PER_PLATFORM = 512 * MIB;
const FLOOR = GIB;

export type DiskNeeds = {
  /** Images to build or to pull, each with the number of its platforms (0 = one). */
  readonly images: readonly { readonly platforms: number; readonly parents: number }[];
  /** Bytes known beforehand: archives and layouts that are brought, images that are adopted. */
  readonly known: number;
};

/**
 * Free bytes that the staging store wants: what is known, twice (an archive is unpacked beside itself), and a guess for
 * what is built. An image with a parent of the set adds only its own layers, taken as half.
 */
export function estimateDisk(needs: DiskNeeds): number {
  const built = needs.images.reduce((sum, { platforms, parents }) => {
    const full = Math.max(1, platforms) * PER_PLATFORM;
    return sum + (parents > 0 ? full / 2 : full);
  }, 0);
  return Math.max(FLOOR, built + 2 * needs.known);
}

/** DISK_LOW with the numbers, or undefined when there is room. */
export function diskProblem(folder: string, freeBytes: number, wanted: number): Problem | undefined {
  if (freeBytes >= wanted) return undefined;
  return problem(
    'DISK_LOW',
    `${folder} has ${formatGib(freeBytes)} free, and this release wants about ${formatGib(wanted)} for its staging store`,
  );
}
