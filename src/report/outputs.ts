import type { Attestation } from '../model/attestation.ts';
import { formatPlatform } from '../model/descriptor.ts';
import { hexOf } from '../model/digest.ts';
import type { Plan } from '../model/plan.ts';
import type { PublishedModule } from '../model/publish.ts';
import { type DigestRef, formatReference, formatRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import {
  findingsOf,
  firstRepository,
  type ReportedImage,
  reportedImages,
  reportPaths,
  tagRefsOf,
  tagsOf,
} from './images.ts';
import { jobsOf } from './jobs.ts';
import { modulesOutput } from './modules.ts';
import { verifiedOutputs } from './outputs-verify.ts';

/**
 * The outputs of a release by name, as far as it came; they are described in docs/outputs.md. Every output has a value:
 * `''` for text, `[]` or `{}` for JSON that is not known.
 */
export function outputsOf(release: Release, paths: { readonly record?: string } = {}) {
  const { plan, status, inspections } = release;
  const images = reportedImages(release);
  const first = images[0];
  const top = first === undefined ? undefined : refOf(first);
  return {
    version: plan?.version?.raw ?? '',
    channel: channelOf(release),
    prerelease: String(plan?.prerelease ?? false),
    image: first === undefined ? '' : (tagRefsOf(first, status)[0] ?? ''),
    digest: top?.digest ?? '',
    'image-ref': top === undefined ? '' : formatReference(top),
    images: JSON.stringify(images.map((image) => imageOutput(image, status))),
    digests: JSON.stringify(
      Object.fromEntries(
        release.images
          .filter(({ planned }) => planned.partial !== true)
          .map(({ planned, descriptor }) => [planned.name, hexOf(descriptor.digest)]),
      ),
    ),
    tags: images.flatMap((image) => tagRefsOf(image, status)).join('\n'),
    pushed: String(images.length > 0 && images.every(({ released }) => released !== undefined)),
    plan: plan === undefined ? '{}' : JSON.stringify(planOutput(plan)),
    matrix: JSON.stringify({ include: plan === undefined ? [] : jobsOf(plan) }),
    handoff: release.handoff?.folder ?? '',
    record: paths.record ?? '',
    'sbom-path': reportPaths(inspections, ['cyclonedx', 'spdx']).join('\n'),
    'sarif-path': reportPaths(inspections, ['sarif']).join('\n'),
    'scan-report-path': reportPaths(inspections, ['scan']).join('\n'),
    'attestation-urls': attested(release, ({ url }) => url),
    'bundle-path': attested(release, ({ path }) => path),
    'publish-id': told(release, ({ job }) => job?.id),
    'publish-status': told(release, ({ outcome }) => outcome),
    'publish-public-key': release.published?.[0]?.identity?.publicKey ?? '',
    status,
    ...(release.command === 'verify' ? verifiedOutputs(release) : {}),
    'error-code': status === 'failed' ? (release.problems[0]?.code ?? 'INTERNAL') : '',
  } satisfies Readonly<Record<string, string>>;
}

/** The first that was moved or is there; in a plan the first that would be. */
function channelOf({ plan, promotions, status }: Release): string {
  const moved = promotions?.find(({ status: how }) => how === 'moved' || how === 'unchanged');
  if (moved !== undefined) return moved.channel;
  const isIntended = status === 'planned' || status === 'gated';
  return isIntended ? (plan?.channels.promotions[0]?.channel ?? '') : '';
}

function attested({ attestations = [] }: Release, of: (each: Attestation) => string | undefined): string {
  return attestations.flatMap((each) => of(each) ?? []).join('\n');
}

function told({ published = [] }: Release, of: (each: PublishedModule) => string | undefined): string {
  return published.flatMap((each) => of(each) ?? []).join('\n');
}

/** An image whose platforms are not all here has no digest yet. */
function refOf({ planned, released }: ReportedImage): DigestRef | undefined {
  return planned.partial === true ? undefined : released?.subjects[0];
}

function imageOutput(image: ReportedImage, status: Release['status']) {
  const { planned, inspection, released } = image;
  const repository = firstRepository(planned);
  const top = refOf(image);
  return {
    name: planned.name,
    repository: repository === undefined ? null : formatRepository(repository),
    digest: top?.digest ?? null,
    ref: top === undefined ? null : formatReference(top),
    tags: tagsOf(image, status),
    platforms: (released?.platforms ?? []).map(({ platform, descriptor }) => ({
      platform: formatPlatform(platform),
      digest: descriptor.digest,
    })),
    sbom: inspection === undefined ? [] : reportPaths([inspection], ['cyclonedx', 'spdx']),
    findings: inspection === undefined ? {} : findingsOf(inspection),
  };
}

/** The plan as users' workflows read it. */
export function planOutput(plan: Plan) {
  const { promotions, spared } = plan.channels;
  return {
    version: plan.version?.raw ?? null,
    channel: promotions[0]?.channel ?? null,
    channels: [
      ...promotions.map(({ channel, aliases, reason }) => ({ channel, do: 'move', aliases, reason })),
      ...spared.map(({ channel, reason }) => ({ channel, do: 'leave', aliases: [], reason })),
    ],
    prerelease: plan.prerelease,
    images: plan.images.map((image) => {
      const repository = firstRepository(image);
      return {
        name: image.name,
        repository: repository === undefined ? null : formatRepository(repository),
        tags: image.tags.map(({ tag }) => tag),
        ...(image.version === undefined ? {} : { version: image.version.raw }),
      };
    }),
    modules: modulesOutput(plan.modules),
    ...(plan.released === undefined ? {} : { released: plan.released.map(formatReference) }),
    steps: plan.steps.map(({ id, do: decision, reason }) => ({ id, do: decision, reason })),
    problems: plan.problems.map(({ code, message, hint }) => ({ code, message, hint })),
  };
}
