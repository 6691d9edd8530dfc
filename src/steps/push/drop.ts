import { formatGib, LOW_SPACE } from '../../model/disk.ts';
import { blobPath } from '../../model/image.ts';
import type { CleanImage } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { readContent } from './read.ts';
import { formatSize } from './tally.ts';

/**
 * Removes the layers of pushed images from the staging store when the disk is nearly full: evidence is made of manifests
 * and reports, and verified in the registries. Manifests and configs stay.
 */
export async function dropLayers(
  images: readonly CleanImage[],
  { files, log }: Pick<Ports, 'files' | 'log'>,
): Promise<void> {
  const [first] = images;
  if (first === undefined) return;
  const { root } = first.image.store;
  const free = await files.freeBytes(root);
  if (free >= LOW_SPACE) return;
  const dropped = new Map<string, number>();
  for (const { image } of images)
    for (const { digest, mediaType } of (await readContent(image, files)).blobs) {
      const path = blobPath(image.store, digest);
      const size = mediaType.includes('config') || dropped.has(path) ? undefined : await files.size(path);
      if (size === undefined) continue;
      await files.remove(path);
      dropped.set(path, size);
    }
  const bytes = [...dropped.values()].reduce((sum, size) => sum + size, 0);
  log.info(
    `Only ${formatGib(free)} were free: ${dropped.size} pushed ${dropped.size === 1 ? 'layer was' : 'layers were'} removed from the staging store (${formatSize(bytes)}); ${formatGib(await files.freeBytes(root))} are free now.`,
  );
}
