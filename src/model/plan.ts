import type { ChannelPlan } from './channel.ts';
import type { Platform } from './descriptor.ts';
import type { Problem } from './errors.ts';
import type { PlannedModule } from './module.ts';
import type { PlannedPublish } from './publish.ts';
import type { Repository, TagRef } from './reference.ts';
import type { Shard } from './shard.ts';
import type { Version } from './version.ts';

export const STEPS = [
  'preflight',
  'build',
  'inspect',
  'gate',
  'push',
  'handoff',
  'attest',
  'verify',
  'tag',
  'promote',
  'publish',
  'report',
] as const;
export type StepId = (typeof STEPS)[number];

/** What is handed over is what a shard leaves to the release. */
export type ReleaseStepId = Exclude<StepId, 'handoff'>;
export const RELEASE_STEPS = STEPS.filter((id): id is ReleaseStepId => id !== 'handoff');

/** Decided before the step, shown in the plan and the summary; a skip always has its reason. */
export type StepDecision = {
  readonly id: StepId;
  readonly do: 'run' | 'skip' | 'simulate';
  readonly reason: string;
};

export type PlannedTag = {
  readonly tag: string;
  /** An immutable tag never changes; a moving tag is moved on purpose. */
  readonly kind: 'immutable' | 'moving';
  /**
   * `required`: held by other content = TAG_IMMUTABLE. `if-free`: held by an earlier run = left alone (the sha- tag of a
   * tag release). `forward`: moves only when the version it points at is not higher. `always`: moves.
   */
  readonly rule: 'required' | 'if-free' | 'forward' | 'always';
  /** Where the tag comes from, for the plan: `version`, `type=ref,event=branch`, … */
  readonly from: string;
};

/** Where the bytes of an image come from. */
export type ImageSource =
  | { readonly kind: 'bake'; readonly target: string }
  | { readonly kind: 'docker-daemon'; readonly reference: string }
  | { readonly kind: 'oci-layout' | 'oci-archive' | 'docker-archive'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: string };

export type PlannedImage = {
  /** The key in outputs, reports and file names: [a-z0-9._-]. */
  readonly name: string;
  readonly source: ImageSource;
  /** One for each registry, the required one first. */
  readonly repositories: readonly Repository[];
  readonly tags: readonly PlannedTag[];
  /** Empty = what the builder makes by default. */
  readonly platforms: readonly Platform[];
  /** Labels of the config, annotations of index and manifests, all resolved. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: {
    /** On the index, where there is one. */
    readonly index: Readonly<Record<string, string>>;
    /** On every platform's manifest (the top one too when there is no index). */
    readonly manifest: Readonly<Record<string, string>>;
  };
  /** Where the image is a module in a folder of its own: its manifest.json, relative to the workspace. */
  readonly manifest?: string;
  /** That of its own manifest.json, where the event has none for all images. */
  readonly version?: Version;
  /** Names of images of this plan whose bytes this one is built on. */
  readonly parents: readonly string[];
  /** Covers only what shapes bytes; undefined for images that are not built here. */
  readonly planHash?: string;
  /** The same without the platforms: equal for all shards of one image. */
  readonly definitionHash?: string;
  /** Other jobs make the rest of its platforms: what this one makes of it has no digest of its own. */
  readonly partial?: true;
};

/** Everything that a release will do, as data. */
export type Plan = {
  readonly command: 'release' | 'plan' | 'build' | 'attest' | 'promote' | 'rollback';
  readonly event: string;
  /** What this event is to us. */
  readonly kind: 'tag' | 'branch' | 'schedule' | 'dispatch' | 'pull-request' | 'fork';
  readonly dryRun: boolean;
  /** Undefined on branches and pull requests. */
  readonly version?: Version;
  readonly prerelease: boolean;
  /** The commit: 40 hex digits. */
  readonly revision: string;
  /** Seconds since 1970, from the commit; SOURCE_DATE_EPOCH of every build. */
  readonly sourceDateEpoch: number;
  readonly dirty: boolean;
  readonly images: readonly PlannedImage[];
  /** Modules whose version was released before, from another commit: they are left as they are. */
  readonly released?: readonly TagRef[];
  /** Every folder with a manifest.json that this release is about, judged; undefined: there is none. */
  readonly modules?: readonly PlannedModule[];
  /** Undefined: no platform is told. */
  readonly publish?: readonly PlannedPublish[];
  readonly channels: ChannelPlan;
  /** How the builds can be spread over jobs. */
  readonly shards?: readonly Shard[];
  /** The shard that this run makes; its images and platforms alone are in `images`. */
  readonly shard?: string;
  /** What this shard hands over is signed, as the release will sign. */
  readonly signsHandoff?: boolean;
  readonly steps: readonly StepDecision[];
  readonly problems: readonly Problem[];
};

/** Annotations on the top manifest by which a re-run knows its own images. */
export const ANNOTATION = {
  created: 'org.opencontainers.image.created',
  revision: 'org.opencontainers.image.revision',
  version: 'org.opencontainers.image.version',
  planHash: 'io.github.module-release.plan-hash',
} as const;

/**
 * Whether an immutable tag that is held stays with its holder without a word of blame: the commit's sha- tag, taken by the
 * release of a version from the same commit while this run (a branch's) has no version. Both are right, and the first wins.
 */
export function yieldsToRelease(
  image: Pick<PlannedImage, 'annotations'>,
  revision: string,
  held: { readonly ref: { readonly tag: string }; readonly annotations: Readonly<Record<string, string>> },
): boolean {
  const ours = { ...image.annotations.index, ...image.annotations.manifest };
  return (
    held.ref.tag.startsWith('sha-') &&
    held.annotations[ANNOTATION.revision] === revision &&
    held.annotations[ANNOTATION.version] !== undefined &&
    ours[ANNOTATION.version] === undefined
  );
}

export function stepDecision(plan: Plan, id: StepId): StepDecision {
  return plan.steps.find((step) => step.id === id) ?? { id, do: 'skip', reason: 'not part of this command' };
}
