import { digestOf, hexOf } from '../model/digest.ts';
import type { PlannedImage } from '../model/plan.ts';
import { formatRepository } from '../model/reference.ts';

export const ARTIFACT_PREFIX = 'module-release-handoff.';

const KEY_LENGTH = 8;

/**
 * Of its own for each attempt, so that a shard that is re-run takes nothing from a release that reads the earlier one; and for
 * what is made, since a run may hold several releases whose shards have one name.
 */
export function artifactName(
  shard: string,
  images: readonly Pick<PlannedImage, 'name' | 'repositories'>[],
  attempt: number,
): string {
  const places = images.map(({ name, repositories }) => [name, ...repositories.map(formatRepository)]);
  const key = hexOf(digestOf(JSON.stringify(places))).slice(0, KEY_LENGTH);
  return `${ARTIFACT_PREFIX}${shard}.${key}.${attempt}`;
}

/** `of`: what is the same for all attempts. Undefined for a name that is not of this form. */
export function parseArtifactName(
  name: string,
): { readonly of: string; readonly attempt: number } | undefined {
  const [, of, attempt] =
    /^module-release-handoff\.([a-z0-9][a-z0-9._-]*\.[0-9a-f]{8})\.([1-9]\d{0,8})$/.exec(name) ?? [];
  return of === undefined || attempt === undefined ? undefined : { of, attempt: Number(attempt) };
}
