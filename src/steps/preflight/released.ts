import { mapLimit } from '../../model/concurrency.ts';
import { ANNOTATION, type Plan } from '../../model/plan.ts';
import type { TagRef } from '../../model/reference.ts';
import { versionTag } from '../../model/version.ts';
import type { Ports } from '../../ports/index.ts';
import { annotationsOf } from './annotations.ts';

/**
 * Of images with a version of their own, those whose version is at the first registry from another commit: image name →
 * where. What this commit has released is not among them, so that a re-run finishes it. What a registry does not answer is
 * preflight's to tell.
 */
export async function releasedBefore(
  { images, revision }: Pick<Plan, 'images' | 'revision'>,
  { registry }: Pick<Ports, 'registry'>,
): Promise<ReadonlyMap<string, TagRef>> {
  const found = await mapLimit(images, 8, async ({ name, version, repositories: [repository] }) => {
    if (version === undefined || repository === undefined) return [];
    const ref = { repository, tag: versionTag(version) };
    const manifest = await registry.getManifest(ref).catch(() => undefined);
    if (manifest === undefined || annotationsOf(manifest)[ANNOTATION.revision] === revision) return [];
    return [[name, ref] as const];
  });
  return new Map(found.flat());
}
