import type { ReleaseSelector } from '../model/channel.ts';
import { mapLimit } from '../model/concurrency.ts';
import type { Digest } from '../model/digest.ts';
import { type Problem, problem, ReleaseError, releaseErrorOf } from '../model/errors.ts';
import { decodeManifest, type Encoded } from '../model/manifest.ts';
import { ANNOTATION, type PlannedImage } from '../model/plan.ts';
import { type DigestRef, formatReference, type Reference } from '../model/reference.ts';
import { isPrerelease, parseVersion, type Version, versionTag } from '../model/version.ts';
import type { Ports } from '../ports/index.ts';

/** An image with the digest that was resolved for it, once. */
export type SourceImage = {
  readonly planned: PlannedImage;
  /** Where it is complete: one of its own repositories, or another one. */
  readonly ref: DigestRef;
  /** As the user named it, for messages. */
  readonly named: Reference;
  readonly manifest: Encoded;
  readonly annotations: Readonly<Record<string, string>>;
};

const IMAGES_AT_ONCE = 8;

/** What a selector means for each image. Throws INPUT_INVALID and REGISTRY_NOT_FOUND, with all that is wrong. */
export async function resolveSources(
  images: readonly PlannedImage[],
  selector: ReleaseSelector,
  ports: Pick<Ports, 'registry'>,
): Promise<readonly SourceImage[]> {
  const named = images.map((planned) => ({ planned, reference: referenceOf(planned, selector, images) }));
  const problems = [...strangers(images, selector), ...named.flatMap(missing)];
  if (problems.length > 0) throw releaseErrorOf(problems);
  const found = await mapLimit(named, IMAGES_AT_ONCE, async ({ planned, reference }) =>
    reference === undefined ? [] : [await resolveOne(planned, reference, ports)],
  );
  const sources = found.flat();
  const absent = sources.flatMap((each) => ('absent' in each ? [each.absent] : []));
  if (absent.length > 0) throw releaseErrorOf(absent);
  return sources.flatMap((each) => ('absent' in each ? [] : [each]));
}

async function resolveOne(
  planned: PlannedImage,
  named: Reference,
  { registry }: Pick<Ports, 'registry'>,
): Promise<SourceImage | { readonly absent: Problem }> {
  const manifest = await registry.getManifest(named);
  if (manifest === undefined)
    return {
      absent: problem(
        'REGISTRY_NOT_FOUND',
        `there is no image at ${formatReference(named)}`,
        'Name a release that has all images of the set, or give credentials that may read it.',
      ),
    };
  const ref = { repository: named.repository, digest: manifest.descriptor.digest };
  return { planned, ref, named, manifest, annotations: annotationsOf(manifest) };
}

function annotationsOf({ bytes }: Encoded): SourceImage['annotations'] {
  try {
    return decodeManifest(bytes).annotations;
  } catch {
    return {};
  }
}

/** Undefined: the selector does not name this image. */
function referenceOf(
  { name, repositories }: PlannedImage,
  selector: ReleaseSelector,
  images: readonly PlannedImage[],
): Reference | undefined {
  const [repository] = repositories;
  if (repository === undefined) return undefined;
  switch (selector.kind) {
    case 'previous':
      throw new ReleaseError('INTERNAL', 'what was before is known by its record alone');
    case 'handoff':
      throw new ReleaseError('INTERNAL', 'a handoff is read before it is resolved');
    case 'name':
      return { repository, tag: tagOf(selector.name) };
    case 'digests': {
      const own = selector.digests.find(({ image }) => image === name);
      const only = images.length === 1 && selector.digests.length === 1 ? selector.digests[0] : undefined;
      const digest: Digest | undefined =
        own?.digest ?? (only?.image === undefined ? only?.digest : undefined);
      return digest === undefined ? undefined : { repository, digest };
    }
    case 'references':
      return selector.references.find((reference) => imageOf(reference) === name);
  }
}

/** The tag of a version, with or without its `v`; any other name is a tag as it stands. */
export function tagOf(name: string): string {
  const version = parseVersion(name);
  return version === undefined ? name : versionTag(version);
}

function imageOf({ repository }: Reference): string {
  return repository.path.split('/').at(-1) ?? '';
}

/** Images that the selector names; undefined where it takes whatever the set has. */
export function namesIn(selector: ReleaseSelector): readonly string[] | undefined {
  switch (selector.kind) {
    case 'previous':
    case 'handoff':
    case 'name':
      return undefined;
    case 'digests': {
      const names = selector.digests.flatMap(({ image }) => image ?? []);
      return names.length === 0 ? undefined : names;
    }
    case 'references':
      return selector.references.map(imageOf);
  }
}

function missing({
  planned: { name },
  reference,
}: {
  readonly planned: PlannedImage;
  readonly reference: Reference | undefined;
}): readonly Problem[] {
  if (reference !== undefined) return [];
  const what = `no digest is given for the image ${name}, and a channel moves for all images or for none`;
  return [problem('INPUT_INVALID', what, 'Give one for each image of the set, or name a version.')];
}

function strangers(images: readonly PlannedImage[], selector: ReleaseSelector): readonly Problem[] {
  const known = images.map(({ name }) => name);
  return (namesIn(selector) ?? [])
    .filter((name) => !known.includes(name))
    .map((name) => problem('INPUT_INVALID', `the set has no image ${name}`, `It has ${known.join(', ')}.`));
}

/**
 * A tag that some images have from another release is no release, and a version is what was released as such, or a
 * prerelease of it that a promotion made it. Digests that the user names one by one may be any.
 */
export function requireOneRelease(sources: readonly SourceImage[], selector: ReleaseSelector): void {
  if (selector.kind !== 'name') return;
  const hint = 'Name the version that is meant, or a digest for each image.';
  const asked = parseVersion(selector.name);
  const other = sources.find(({ annotations }) => !isOf(asked, annotations[ANNOTATION.version]));
  if (asked !== undefined && other !== undefined)
    throw new ReleaseError(
      'VERIFY_FAILED',
      `${formatReference(other.named)} holds the version ${other.annotations[ANNOTATION.version] ?? ''}`,
      { hint },
    );
  const commits = new Set(sources.flatMap(({ annotations }) => annotations[ANNOTATION.revision] ?? []));
  if (commits.size < 2) return;
  const each = sources.map(
    ({ planned, annotations }) =>
      `${planned.name} is of ${annotations[ANNOTATION.revision] ?? 'an unknown commit'}`,
  );
  const what = `the images at ${selector.name} are not of one release: ${each.join(', ')}`;
  throw new ReleaseError('INPUT_INVALID', what, { hint });
}

function isOf(asked: Version | undefined, carried: string | undefined): boolean {
  const version = parseVersion(carried ?? '');
  if (asked === undefined || version === undefined) return true;
  return versionTag(version) === versionTag(asked) || isReleaseOf(asked, version);
}

/** Whether a version may be given to what was released as a prerelease of it. */
export function isReleaseOf(version: Version, prerelease: Version): boolean {
  const { major, minor, patch } = prerelease;
  return (
    isPrerelease(prerelease) &&
    !isPrerelease(version) &&
    version.major === major &&
    version.minor === minor &&
    version.patch === patch
  );
}
