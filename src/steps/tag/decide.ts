import type { Digest } from '../../model/digest.ts';
import { type Problem, problem } from '../../model/errors.ts';
import { ANNOTATION, type PlannedImage, type PlannedTag, yieldsToRelease } from '../../model/plan.ts';
import { formatReference, type TagRef } from '../../model/reference.ts';
import { compareVersions, isPrerelease, parseVersion, type Version } from '../../model/version.ts';

/** What a tag points at now. */
export type Present = {
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
};

export type TagDecision =
  | { readonly do: 'create' }
  | { readonly do: 'move'; readonly from: Digest }
  | { readonly do: 'unchanged' }
  | { readonly do: 'keep'; readonly reason: string; readonly holds?: Digest }
  | { readonly do: 'refuse'; readonly problem: Problem };

export type TagRequest = {
  readonly ref: TagRef;
  readonly planned: PlannedTag;
  readonly image: PlannedImage;
  /** What the tag is to point at. */
  readonly digest: Digest;
  readonly revision: string;
  readonly version?: Version;
};

/** An immutable tag never changes; a moving one moves as its rule says. */
export function decideTag(request: TagRequest, present: Present | undefined): TagDecision {
  const { planned, digest } = request;
  if (present?.digest === digest) return { do: 'unchanged' };
  switch (planned.rule) {
    case 'required':
      return present === undefined ? { do: 'create' } : decideHeld(request, present);
    case 'if-free':
      if (present === undefined) return { do: 'create' };
      return { do: 'keep', holds: present.digest, reason: 'an earlier run of this commit holds it' };
    case 'forward':
      return decideForward(request, present);
    case 'always':
      return move(present);
  }
}

function decideHeld(request: TagRequest, present: Present): TagDecision {
  const { ref, image, revision, digest } = request;
  if (yieldsToRelease(image, revision, { ref, annotations: present.annotations }))
    return { do: 'keep', holds: present.digest, reason: 'the release of a version of this commit holds it' };
  const theirs = present.annotations[ANNOTATION.revision] ?? 'an unknown revision';
  const what = `${formatReference(ref)} already exists as ${present.digest} of ${theirs}, and this release is ${digest} of ${revision}`;
  return { do: 'refuse', problem: problem('TAG_IMMUTABLE', what) };
}

/** `latest`, `1`, `1.2`: a backport must not take them back, and a prerelease never takes them. */
function decideForward({ version }: TagRequest, present: Present | undefined): TagDecision {
  if (version === undefined) return move(present);
  const there =
    present === undefined ? undefined : parseVersion(present.annotations[ANNOTATION.version] ?? '');
  if (isPrerelease(version)) {
    const holds = present === undefined ? {} : { holds: present.digest };
    return { do: 'keep', reason: `${version.raw} is a prerelease`, ...holds };
  }
  if (present !== undefined && there !== undefined && compareVersions(there, version) > 0)
    return { do: 'keep', reason: `it points at the higher version ${there.raw}`, holds: present.digest };
  return move(present);
}

function move(present: Present | undefined): TagDecision {
  return present === undefined ? { do: 'create' } : { do: 'move', from: present.digest };
}
