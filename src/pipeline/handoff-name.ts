export const ARTIFACT_PREFIX = 'module-release-handoff.';

/** Of its own for each attempt, so that a shard that is re-run takes nothing from a release that reads the earlier one. */
export function artifactName(shard: string, attempt: number): string {
  return `${ARTIFACT_PREFIX}${shard}.${attempt}`;
}

/** Undefined for a name that is not of this form. */
export function parseArtifactName(
  name: string,
): { readonly shard: string; readonly attempt: number } | undefined {
  const [, shard, attempt] =
    /^module-release-handoff\.([a-z0-9][a-z0-9._-]*)\.([1-9]\d{0,8})$/.exec(name) ?? [];
  return shard === undefined || attempt === undefined ? undefined : { shard, attempt: Number(attempt) };
}
