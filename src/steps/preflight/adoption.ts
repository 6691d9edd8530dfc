import type { Digest } from '../../model/digest.ts';
import { type Problem, problem } from '../../model/errors.ts';
import { ANNOTATION, type PlannedImage, yieldsToRelease } from '../../model/plan.ts';
import { type DigestRef, formatReference, type Repository, type TagRef } from '../../model/reference.ts';

/** An immutable tag of the plan that is already there. */
export type HeldTag = {
  readonly ref: TagRef;
  readonly rule: 'required' | 'if-free';
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
};

export type Adoption =
  | { readonly do: 'build' }
  /** `spare`: found by no tag that this release needs, only by that of its commit. */
  | { readonly do: 'adopt'; readonly from: DigestRef; readonly spare?: true }
  /** Ours by its annotations, and without proof of it. */
  | { readonly do: 'rebuild'; readonly held: DigestRef }
  | { readonly do: 'compare'; readonly held: readonly HeldTag[] }
  | { readonly do: 'refuse'; readonly problems: readonly Problem[] };

/**
 * What the registry's state means for one image. Its own earlier work (this commit, this plan) is adopted: nothing is
 * rebuilt, also when that run came no further than the commit's tag. Anything else under a required tag is refused. Images that are brought have no plan hash: their bytes decide
 * once they are here.
 */
export function decideAdoption(image: PlannedImage, revision: string, held: readonly HeldTag[]): Adoption {
  const required = held.filter((tag) => tag.rule === 'required' && !yieldsToRelease(image, revision, tag));
  const first = required[0] ?? held.find((tag) => tag.rule === 'if-free' && isOurs(tag, image, revision));
  if (first === undefined) return { do: 'build' };
  if (image.planHash === undefined) return { do: 'compare', held: required };
  const strangers = required.filter((tag) => !isOurs(tag, image, revision) || tag.digest !== first.digest);
  if (strangers.length === 0)
    return {
      do: 'adopt',
      from: { repository: first.ref.repository, digest: first.digest },
      ...(first.rule === 'if-free' ? { spare: true } : {}),
    };
  return { do: 'refuse', problems: strangers.map((tag) => refusal(tag, image, revision)) };
}

function isOurs(tag: HeldTag, image: PlannedImage, revision: string): boolean {
  return (
    image.planHash !== undefined &&
    tag.annotations[ANNOTATION.revision] === revision &&
    tag.annotations[ANNOTATION.planHash] === image.planHash
  );
}

function refusal(tag: HeldTag, image: PlannedImage, revision: string): Problem {
  const theirs = tag.annotations[ANNOTATION.revision] ?? 'an unknown revision';
  const why = isOurs(tag, image, revision)
    ? 'and another registry holds other bytes for the same release'
    : theirs === revision
      ? 'built from this commit by another definition, labels or platforms'
      : `from revision ${theirs}, and this release is revision ${revision}`;
  return problem('TAG_IMMUTABLE', `${formatReference(tag.ref)} already exists as ${tag.digest}, ${why}`);
}

/** The problems of a brought image whose immutable tag is held by other bytes. */
export function compareBrought(held: readonly HeldTag[], digest: Digest): readonly Problem[] {
  return held
    .filter((tag) => tag.digest !== digest)
    .map((tag) =>
      problem(
        'TAG_IMMUTABLE',
        `${formatReference(tag.ref)} already exists as ${tag.digest}, and the image brought here is ${digest}`,
      ),
    );
}

/** The problems of an image that was built again because nothing proves what is there. */
export function compareRebuilt(name: string, held: DigestRef, digest: Digest): readonly Problem[] {
  if (held.digest === digest) return [];
  const message = `${formatReference(held)} has no proof that this workflow built it, and building ${name} again gave ${digest}`;
  return [
    problem(
      'TAG_IMMUTABLE',
      message,
      'Release a new version. If you know where the other image comes from, set `attest: false` once to take it as it is, unattested.',
    ),
  ];
}

/** The immutable tags of an image at each of its repositories, which the preflight reads. */
export function immutableRefs(
  image: PlannedImage,
): readonly { readonly ref: TagRef; readonly rule: 'required' | 'if-free' }[] {
  return image.tags.flatMap(({ tag, rule }) =>
    rule === 'required' || rule === 'if-free'
      ? image.repositories.map((repository: Repository) => ({ ref: { repository, tag }, rule }))
      : [],
  );
}
