import type { Alias, ChannelRule, ReleaseSelector } from './channel.ts';
import type { Platform } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { ImageSource } from './plan.ts';
import type { PublishScope, PublishTarget } from './publish.ts';
import type { Reference } from './reference.ts';
import type { Severity } from './scan.ts';
import type { GateScope, Runner } from './shard.ts';
import type { Expected, Requirement } from './verification.ts';

export const COMMANDS = ['release', 'plan', 'build', 'attest', 'verify', 'promote', 'rollback'] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * What the user asked for, after the door: checked, defaults applied, nothing left to parse. Made by `inputs/` alone.
 * Paths are absolute, or relative to the workspace where the field says so.
 */
export type Inputs = {
  readonly command: Command;
  readonly dryRun: boolean;
  readonly githubToken?: string;
  /** The checkout: absolute. */
  readonly workspace: string;
  /** The module root: absolute, inside the workspace. */
  readonly workingDirectory: string;
  readonly names: NameInputs;
  readonly version: VersionInputs;
  readonly channels: ChannelInputs;
  readonly login: LoginInputs;
  readonly build: BuildInputs;
  readonly gate: GateInputs;
  readonly tools: ToolInputs;
  readonly attest: AttestInputs;
  readonly publish: PublishInputs;
  readonly verify: VerifyInputs;
  readonly fanOut: FanOutInputs;
};

export type FanOutInputs = {
  /** Those of the config file: at most one for each platform. Empty: a release is one job. */
  readonly runners: readonly Runner[];
  readonly scope: GateScope;
  /** For `build`: the shard of the plan that this job makes. */
  readonly shard?: string;
  /** For `build` without a shard: the platforms of this job, which those of the images are narrowed to. */
  readonly platforms?: readonly Platform[];
  /** Where handoffs are: absolute paths of handoff.json files or of folders that have some, or `artifact` = those of this run. */
  readonly handoffs: readonly string[];
  /** Image → the digest that its index must come to. */
  readonly digests?: Readonly<Record<string, Digest>>;
};

export type NameInputs = {
  /** Lower-case hosts; the first is required, all must end up with equal digests. Never empty. */
  readonly registries: readonly string[];
  /** Lower-case path prefix without slashes at its ends; default: the lower-case owner of the repository. */
  readonly namespace?: string;
  /** The name of the one image when no image set is declared. */
  readonly image?: string;
};

export type VersionInputs = {
  readonly version?: string;
  /** `v`, `my-module/v`, or with one star in place of the image: a star, then `/v`. */
  readonly tagPrefix: string;
  readonly manifest: 'auto' | 'true' | 'false';
  /** Extra tags in the dialect of docker/metadata-action, one rule each, syntax checked at the door. */
  readonly tags: readonly TagRule[];
  readonly pullRequest: 'gate' | 'push';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly AnnotationInput[];
};

/** `type=semver,pattern={{version}},enable=true`: attributes as written, `type` apart. */
export type TagRule = {
  readonly type: 'schedule' | 'semver' | 'pep440' | 'match' | 'edge' | 'ref' | 'raw' | 'sha';
  readonly attributes: Readonly<Record<string, string>>;
  /** The rule as the user wrote it, for messages. */
  readonly raw: string;
};

/** `key=value`, or with docker's level prefix `index:`, `manifest:`, `index,manifest:`. No prefix = everywhere. */
export type AnnotationInput = {
  readonly levels: readonly ('index' | 'manifest')[];
  readonly key: string;
  readonly value: string;
};

export type Credential = { readonly registry: string; readonly username: string; readonly password: string };

export type ChannelInputs = {
  /** Those of the config file, in its order. */
  readonly rules: readonly ChannelRule[];
  /** In place of those whose rule matches; there for `promote` and `rollback`. */
  readonly channel?: string;
  /** In place of those of the rule. */
  readonly aliases?: readonly Alias[];
  /** There for `promote`; never `previous`. */
  readonly from?: ReleaseSelector;
  readonly to: ReleaseSelector;
  /** Only by workflow_dispatch and with a reason. */
  readonly force: boolean;
  readonly reason?: string;
  /** The artifact of the config that holds the records, in a repository of its own; undefined: they are beside the first image. */
  readonly document?: {
    readonly name: string;
    readonly artifactType: string;
    readonly documentType: string;
  };
};

export type LoginInputs = {
  /** From `username`/`password` (for the first registry) and `registry-auth`. The Docker config serves the rest. */
  readonly credentials: readonly Credential[];
  /** Registries spoken to over http although they are not on loopback. */
  readonly insecure: readonly string[];
};

export type BuildInputs = {
  /** A bake file of the user (image set = its targets), or images declared one by one. */
  readonly definition: BakeFileInput | ImagesInput;
  /** Default platforms for images that name none; empty = the builder's own. */
  readonly platforms: readonly Platform[];
  /** Secrets for the build: id → value. Never in argv, logs or provenance. */
  readonly secrets: Readonly<Record<string, string>>;
  /** id → absolute path. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly ssh: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network?: 'default' | 'host' | 'none';
  readonly builder?: string;
  /** Image of the docker-container builder that is created when the present one cannot export. */
  readonly builderImage?: string;
  /** What the images of modules without a Dockerfile are built on: a checked reference. */
  readonly moduleBaseImage: string;
};

export type BakeFileInput = {
  readonly kind: 'bake-file';
  /** Relative to the working directory. */
  readonly files: readonly string[];
  readonly targets: readonly string[];
  /** target → image name, where they differ. */
  readonly names: Readonly<Record<string, string>>;
};

export type ImagesInput = {
  readonly kind: 'images';
  /** In declared order; the single image of the inputs has no name of its own (`name` undefined). */
  readonly images: readonly ImageInput[];
};

export type ImageInput = {
  readonly name?: string;
  /** Undefined: built from the Dockerfile named below. */
  readonly from?: Exclude<ImageSource, { kind: 'bake' }>;
  /** Relative to the working directory, or a Git or http URL that buildx understands. */
  readonly context: string;
  /** Relative to the working directory for the config file's and the `file` input's paths, as docker/build-push-action has it. */
  readonly file?: string;
  readonly target?: string;
  readonly platforms: readonly Platform[];
  readonly args: Readonly<Record<string, string>>;
  /** name → `target:NAME` (an image of this set), a path, `docker-image://…`, `oci-layout://…`, or a URL. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

export type GateInputs = {
  readonly scanners: readonly ('vuln' | 'secret')[];
  readonly severities: readonly Severity[];
  readonly ignoreUnfixed: boolean;
  /** Absolute path. */
  readonly waivers?: string;
  readonly skipDirs: readonly string[];
  readonly skipFiles: readonly string[];
  /** Seconds for one scan. */
  readonly timeoutSeconds: number;
  /** Folders (absolute) scanned for secrets before the build. */
  readonly sourceSecrets: readonly string[];
  readonly sbom: readonly ('cyclonedx' | 'spdx')[];
  readonly sbomGenerator: 'trivy' | 'syft';
};

export type ToolInputs = {
  readonly trivyVersion: string;
  readonly trivyPath?: string;
  readonly syftVersion: string;
  readonly syftPath?: string;
  /** Base URL in place of the vendors' release pages. */
  readonly mirror?: string;
  /** file name → 64 hex digits. */
  readonly checksums: Readonly<Record<string, string>>;
  /** OCI repositories with tag, tried in order. */
  readonly databaseRepositories: readonly string[];
  /** Absolute; a prepared Trivy cache folder. */
  readonly trivyCacheDir?: string;
  /** Nothing but the registry is spoken to: tools and database must be there. */
  readonly offline: boolean;
};

export type AttestInputs = {
  /** `auto`: when the run may, else it is said once. `true`: required. */
  readonly mode: 'auto' | 'true' | 'false';
  /**
   * `auto`: `public-good` for public repositories; for others `github`, or with a key nobody. Never `github` with a key.
   */
  readonly instance: 'auto' | 'public-good' | 'github' | 'private';
  /** Absolute path of a signing config; there when `instance` is `private` and something is signed. */
  readonly signingConfig?: string;
  /** Absolute path of a trusted root; there when `instance` is `private` without a key, in place of TUF otherwise. */
  readonly trustedRoot?: string;
  /** Signs in place of the identity of the job. The password is empty when none was given. */
  readonly key?: { readonly pem: string; readonly password: string };
  /** Absolute path of the release.json whose images are to be finished. */
  readonly record?: string;
  /** Undefined: all that apply. Never empty. */
  readonly stores?: readonly ('registry' | 'github' | 'file')[];
};

export type PublishInputs = {
  /** What was said by `publish`; undefined: `when` decides, and without it nothing is published. */
  readonly asked?: boolean;
  /** On for git tags that match (a star stands for any text), prereleases only where it says so. */
  readonly when?: { readonly tag: string; readonly prerelease: boolean };
  readonly target: PublishTarget;
  readonly scope: PublishScope;
  readonly org?: string;
  readonly token?: string;
  /** PEM. */
  readonly key?: string;
  /** A key is made for this run alone. Never beside `key`. */
  readonly generateKeys: boolean;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
};

export type VerifyInputs = {
  /** Each once; empty when none was given. */
  readonly subjects: readonly Reference[];
  readonly identity: IdentityInputs;
  /** Empty: `none` was asked. */
  readonly require: readonly Requirement[];
};

/** As far as the user said whose evidence counts. */
export type IdentityInputs = {
  /** `Owner/Name`, or with its server in front. */
  readonly repository?: Expected;
  /** `.github/workflows/x.yml`, with its own ref behind it, and its repository in front, where they are not the run's. */
  readonly workflow?: Expected;
  /** `refs/…` */
  readonly ref?: Expected;
  readonly issuer?: Expected;
};
