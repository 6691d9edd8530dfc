import type { Digest } from '../../model/digest.ts';
import { type Problem, problem } from '../../model/errors.ts';
import {
  ANNOTATION,
  type Plan,
  type PlannedImage,
  type PlannedTag,
  yieldsToRelease,
} from '../../model/plan.ts';
import { formatReference, type TagRef } from '../../model/reference.ts';
import { compareVersions, isPrerelease, parseVersion } from '../../model/version.ts';

/** What a tag points at before we touch it. */
export type Present = {
  readonly digest: Digest;
  /** Of the top manifest; empty when it has none or cannot be read. */
  readonly annotations: Readonly<Record<string, string>>;
};

/** One tag of one image at one of its registries. */
export type Wish = {
  readonly image: PlannedImage;
  readonly planned: PlannedTag;
  readonly ref: TagRef;
  /** What it shall point at. */
  readonly digest: Digest;
};

export type TagDecision =
  | { readonly do: 'create' | 'unchanged' }
  | { readonly do: 'move'; readonly previous: Digest }
  | { readonly do: 'keep'; readonly reason: string; readonly previous?: Digest }
  | { readonly do: 'refuse'; readonly problem: Problem };

type Release = Pick<Plan, 'revision' | 'version'>;

/** What happens to a tag, from what it points at now. */
export function decideTag(wish: Wish, release: Release, present: Present | undefined): TagDecision {
  if (present !== undefined && present.digest === wish.digest) return { do: 'unchanged' };
  switch (wish.planned.rule) {
    case 'required':
      return present === undefined ? { do: 'create' } : decideRequired(wish, release, present);
    case 'if-free':
      return present === undefined ? { do: 'create' } : keep(`it is held by ${present.digest}`, present);
    case 'forward':
      return decideForward(release, present);
    case 'always':
      return take(present);
  }
}

/** An immutable tag never changes. */
function decideRequired(wish: Wish, { revision }: Release, present: Present): TagDecision {
  const { ref, digest, image } = wish;
  if (yieldsToRelease(image, revision, { ref, annotations: present.annotations }))
    return keep(`it is held by the release of the same commit, ${present.digest}`, present);
  const theirs = present.annotations[ANNOTATION.revision] ?? 'unknown';
  const message =
    `${formatReference(ref)} points at ${present.digest} (revision ${theirs}), ` +
    `and this release is ${digest} (revision ${revision})`;
  return { do: 'refuse', problem: problem('TAG_IMMUTABLE', message) };
}

/**
 * A tag like `latest` never goes back. A run without a version (a branch) takes it only where no version holds it; what
 * carries no version cannot be ahead of us.
 */
function decideForward({ version }: Release, present: Present | undefined): TagDecision {
  const theirs = parseVersion(present?.annotations[ANNOTATION.version] ?? '');
  if (version === undefined)
    return theirs === undefined
      ? take(present)
      : keep(`it is at the version ${theirs.raw}, and this run has none`, present);
  if (isPrerelease(version)) return keep('a prerelease never takes it', present);
  if (theirs !== undefined && compareVersions(theirs, version) > 0)
    return keep(`it is at the higher version ${theirs.raw}`, present);
  return take(present);
}

function take(present: Present | undefined): TagDecision {
  return present === undefined ? { do: 'create' } : { do: 'move', previous: present.digest };
}

function keep(reason: string, present: Present | undefined): TagDecision {
  return { do: 'keep', reason, ...(present === undefined ? {} : { previous: present.digest }) };
}

/** Whether the decision needs the annotations of another target than ours. */
export function needsAnnotations({ planned }: Wish): boolean {
  return planned.rule === 'required' || planned.rule === 'forward';
}

/**
 * What is set at once, in order. Immutable tags come before moving ones: what `latest` leads to is named for good already.
 * In both, an image comes after those it stands on: cut off in between, no tag leads to an image whose parent has none, and
 * which the next run would build anew, maybe with other bytes than its children have. `images` are those of the release.
 */
export function wavesOf<T extends { readonly wish: Wish }>(
  items: readonly T[],
  images: readonly PlannedImage[],
): readonly (readonly T[])[] {
  const depths = depthsOf(images);
  const waves = Map.groupBy(items, ({ wish: { image, planned } }) => {
    const depth = depths.get(image.name) ?? 0;
    return planned.kind === 'immutable' ? depth : images.length + depth;
  });
  return [...waves.entries()].sort(([a], [b]) => a - b).map(([, wave]) => wave);
}

/** How many images are below each, one on the other: less than there are images. */
function depthsOf(images: readonly PlannedImage[]): ReadonlyMap<string, number> {
  const byName = new Map(images.map((image) => [image.name, image]));
  const depths = new Map<string, number>();
  const depthOf = (image: PlannedImage): number => {
    const known = depths.get(image.name);
    if (known !== undefined) return known;
    const below = image.parents.flatMap((name) => byName.get(name) ?? []);
    const depth = below.length === 0 ? 0 : 1 + Math.max(...below.map(depthOf));
    depths.set(image.name, depth);
    return depth;
  };
  for (const image of images) depthOf(image);
  return depths;
}
