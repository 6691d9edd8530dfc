import { type Attestation, PREDICATES } from '../../src/model/attestation.ts';
import { NO_CHANNELS } from '../../src/model/channel.ts';
import type { Platform } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { BuiltImage, PlatformImage, TaggedImage, TagOutcome } from '../../src/model/image.ts';
import { MEDIA } from '../../src/model/manifest.ts';
import { type Plan, type PlannedImage, type PlannedTag, RELEASE_STEPS } from '../../src/model/plan.ts';
import type { Release } from '../../src/model/release.ts';
import type { Finding, GateVerdict, ImageInspection, Violation } from '../../src/model/scan.ts';
import { parseVersion } from '../../src/model/version.ts';

/** Builders of a release and its parts: a good default each, and what a test says in its place. */

export const AMD64: Platform = { os: 'linux', architecture: 'amd64' };
export const ARM64: Platform = { os: 'linux', architecture: 'arm64' };

export const VERSION_TAG: PlannedTag = {
  tag: '1.2.3',
  kind: 'immutable',
  rule: 'required',
  from: 'version',
};

export function aPlannedImage(name = 'base', change: Partial<PlannedImage> = {}): PlannedImage {
  return {
    name,
    source: { kind: 'bake', target: name },
    repositories: [{ registry: 'ghcr.io', path: `acme/${name}` }],
    tags: [VERSION_TAG],
    platforms: [AMD64, ARM64],
    labels: {},
    annotations: { index: {}, manifest: {} },
    parents: [],
    ...change,
  };
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    command: 'release',
    event: 'push',
    kind: 'tag',
    dryRun: false,
    version: parseVersion('1.2.3')!,
    prerelease: false,
    revision: '0123456789abcdef0123456789abcdef01234567',
    sourceDateEpoch: 1_760_000_000,
    dirty: false,
    images: [aPlannedImage()],
    channels: NO_CHANNELS,
    steps: RELEASE_STEPS.map((id) => ({ id, do: 'run', reason: 'it is a release' })),
    problems: [],
    ...change,
  };
}

function platformImages(planned: PlannedImage): readonly PlatformImage[] {
  return planned.platforms.map((platform) => ({
    platform,
    descriptor: {
      mediaType: MEDIA.ociManifest,
      digest: digestOf(`${planned.name} ${platform.architecture}`),
      size: 500,
    },
  }));
}

export function aBuiltImage(planned = aPlannedImage(), change: Partial<BuiltImage> = {}): BuiltImage {
  return {
    planned,
    store: { root: '/runner/stage' },
    top: { mediaType: MEDIA.ociIndex, digest: digestOf(planned.name), size: 700 },
    platforms: platformImages(planned),
    origin: 'built',
    size: 87_400_000,
    ...change,
  };
}

export function aFinding(change: Partial<Finding> = {}): Finding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2024-0001',
    severity: 'CRITICAL',
    title: 'A parser reads past its end',
    package: 'libparser',
    installed: '1.0.0',
    fixed: '1.0.1',
    location: 'alpine',
    ...change,
  };
}

export function aSecret(change: Partial<Finding> = {}): Finding {
  return aFinding({
    kind: 'secret',
    id: 'private-key',
    title: 'Asymmetric Private Key',
    package: 'AsymmetricPrivateKey',
    installed: '',
    fixed: '',
    location: '/app/key.pem',
    line: 1,
    ...change,
  });
}

/** The same findings on every platform, and one report file of each kind. */
export function anInspection(image = aBuiltImage(), findings: readonly Finding[] = []): ImageInspection {
  return {
    image,
    platforms: image.platforms.map((each) => ({
      ...each,
      findings,
      packages: 42,
      reports: (['scan', 'sarif', 'cyclonedx', 'spdx'] as const).map((kind) => ({
        kind,
        path: `/runner/reports/${image.planned.name}-${each.platform.architecture}.${kind}.json`,
      })),
    })),
  };
}

export function aViolation(change: Partial<Violation> = {}): Violation {
  return { image: 'base', platforms: ['linux/amd64'], finding: aFinding(), ...change };
}

export function aVerdict(change: Partial<GateVerdict> = {}): GateVerdict {
  const verdict = {
    violations: [],
    waived: [],
    unfixed: [],
    expiredWaivers: [],
    expiringWaivers: [],
    unusedWaivers: [],
    ...change,
  };
  return { passed: verdict.violations.length === 0, ...verdict };
}

/** In the registry by digest, with every planned tag created there. */
export function aTaggedImage(built = aBuiltImage(), change: Partial<TaggedImage> = {}): TaggedImage {
  const { planned, top, platforms, size, origin } = built;
  const tags = planned.repositories.flatMap((repository) =>
    planned.tags.map(({ tag, kind }): TagOutcome => ({ ref: { repository, tag }, kind, outcome: 'created' })),
  );
  return {
    planned,
    descriptor: top,
    platforms,
    size,
    origin,
    subjects: planned.repositories.map((repository) => ({ repository, digest: top.digest })),
    blobs: { uploaded: 3, mounted: 0, existing: 0 },
    tags,
    ...change,
  };
}

/** A release of the plan's images that went well, unless a test says otherwise. */
export function aRelease(change: Partial<Release> = {}): Release {
  const plan = change.plan ?? aPlan();
  const built = plan.images.map((planned) => aBuiltImage(planned));
  return {
    status: 'released',
    plan,
    steps: RELEASE_STEPS.map((id, index) => ({
      id,
      status: 'done',
      startedMs: index * 1500,
      durationMs: 1200,
    })),
    scanner: {
      name: 'trivy',
      version: '0.67.2',
      database: { updatedAt: '2026-11-20T06:00:00Z', source: 'ghcr.io/aquasecurity/trivy-db:2' },
    },
    policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: false, waivers: [] },
    inspections: built.map((image) => anInspection(image)),
    verdict: aVerdict(),
    images: built.map((image) => aTaggedImage(image)),
    tools: [{ name: 'trivy', version: '0.67.2', from: 'PATH' }],
    problems: [],
    ...change,
  };
}

/** What a release has signed of an image: provenance and signature of its index. */
export function someAttestations(
  image: TaggedImage = aTaggedImage(),
  change: Partial<Attestation> = {},
): readonly Attestation[] {
  const { planned, descriptor, subjects } = image;
  return (['provenance', 'signature'] as const).map((kind) => ({
    image: planned.name,
    kind,
    predicateType: PREDICATES[kind],
    subject: descriptor.digest,
    digest: digestOf(`${kind} of ${planned.name}`),
    referrers: subjects.map(({ repository }) => ({
      repository,
      digest: digestOf(`referrer of the ${kind} of ${planned.name}`),
    })),
    url: `https://github.com/Acme/Modules/attestations/${kind.length}`,
    path: `/runner/reports/${planned.name}.${kind}.sigstore.json`,
    ...change,
  }));
}
