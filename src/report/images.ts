import type { Descriptor } from '../model/descriptor.ts';
import type { TaggedImage } from '../model/image.ts';
import type { PlannedImage } from '../model/plan.ts';
import { type DigestRef, formatReference, type Repository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import { countFindings, type ImageInspection, type ReportFile, type SeverityCounts } from '../model/scan.ts';

/** One image of the plan with everything that became of it. */
export type ReportedImage = {
  readonly planned: PlannedImage;
  readonly inspection?: ImageInspection;
  readonly released?: TaggedImage;
};

/** What tags point at, or would; undefined for an image whose platforms are not all made here: it has no digest yet. */
export function topOf({ planned, inspection, released }: ReportedImage): Descriptor | undefined {
  return planned.partial === true ? undefined : (released?.descriptor ?? inspection?.image.top);
}

/** By digest at the required registry: the image, or each of its platforms while it is not whole. */
export function pulledRefs({ planned, platforms, subjects }: TaggedImage): readonly DigestRef[] {
  const [top] = subjects;
  if (top === undefined) return [];
  if (planned.partial !== true) return [top];
  return platforms.map(({ descriptor }) => ({ repository: top.repository, digest: descriptor.digest }));
}

/** In the order of the plan. */
export function reportedImages(release: Release): readonly ReportedImage[] {
  return (release.plan?.images ?? []).map((planned) => {
    const inspection = release.inspections.find((each) => each.image.planned.name === planned.name);
    const released = release.images.find((each) => each.planned.name === planned.name);
    return {
      planned,
      ...(inspection === undefined ? {} : { inspection }),
      ...(released === undefined ? {} : { released }),
    };
  });
}

/** The repository at the required registry. */
export function firstRepository(planned: PlannedImage): Repository | undefined {
  return planned.repositories[0];
}

/**
 * The tags to tell: those that point at this image now; where a run stops by intention before any push (planned, gated),
 * those that it would set.
 */
export function tagsOf(image: ReportedImage, status: Release['status']): readonly string[] {
  if (image.released !== undefined) {
    const held = image.released.tags.filter((tag) => tag.outcome !== 'kept').map(({ ref }) => ref.tag);
    return [...new Set(held)];
  }
  return status === 'planned' || status === 'gated' ? image.planned.tags.map(({ tag }) => tag) : [];
}

/** The same as full references, at every registry. */
export function tagRefsOf(image: ReportedImage, status: Release['status']): readonly string[] {
  if (image.released !== undefined) {
    return image.released.tags.filter((tag) => tag.outcome !== 'kept').map(({ ref }) => formatReference(ref));
  }
  return image.planned.repositories.flatMap((repository) =>
    tagsOf(image, status).map((tag) => formatReference({ repository, tag })),
  );
}

export type Findings = Readonly<Record<Lowercase<keyof SeverityCounts> | 'secrets', number>>;

/** Distinct findings over all platforms. */
export function findingsOf(inspection: ImageInspection): Findings {
  const { vulnerabilities, secrets } = countFindings(inspection);
  return {
    critical: vulnerabilities.CRITICAL,
    high: vulnerabilities.HIGH,
    medium: vulnerabilities.MEDIUM,
    low: vulnerabilities.LOW,
    unknown: vulnerabilities.UNKNOWN,
    secrets,
  };
}

/** Paths of the report files of these kinds, in the order of images and platforms. */
export function reportPaths(
  inspections: readonly ImageInspection[],
  kinds: readonly ReportFile['kind'][],
): readonly string[] {
  return inspections
    .flatMap(({ platforms }) => platforms.flatMap(({ reports }) => reports))
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ path }) => path);
}
