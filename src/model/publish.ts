import type { JsonObject } from './json.ts';
import type { DigestRef, Reference } from './reference.ts';

export const PUBLISH_ENVS = ['dev', 'staging', 'prod'] as const;
export type PublishEnv = (typeof PUBLISH_ENVS)[number];
export const PUBLISH_SCOPES = ['org', 'public'] as const;
export type PublishScope = (typeof PUBLISH_SCOPES)[number];

/** Which platform is told of a release. */
export type PublishTarget =
  | {
      readonly kind: 'hla-compass';
      readonly env: PublishEnv;
      /** In place of the environment's own API; https, or http on loopback. */
      readonly url?: string;
    }
  /** Whoever listens there, by a signed request. */
  | { readonly kind: 'webhook'; readonly url: string }
  /** The workflows of a repository (`owner/name`), by `repository_dispatch`. */
  | { readonly kind: 'dispatch'; readonly repository: string };

/** One version of one module, and the image that it runs as. */
export type PublishRequest = {
  readonly name: string;
  readonly version: string;
  /** By tag in a dry run, by digest otherwise. */
  readonly image: Reference;
  /** manifest.json as the platform wants it: signed where it signs. */
  readonly manifest: JsonObject;
  readonly scope: PublishScope;
  readonly org?: string;
  /** Where the image comes from. */
  readonly source: { readonly repository: string; readonly revision: string; readonly run: string };
};

/** Whose signatures of images a platform trusts, in its own words. */
export type TrustedSigner = {
  /** `github_actions_oidc`, `cosign_public_key`, or something newer. */
  readonly type: string;
  readonly identityRegexp?: string;
  readonly issuer?: string;
  /** PEM. */
  readonly publicKey?: string;
};

/** What a platform is doing, or has done, with a version. */
export type PublishJob = {
  readonly id?: string;
  /** In the platform's words, in lower case: `in_progress`, `completed`. */
  readonly status: string;
  /** `submitted`: a person has to approve it. */
  readonly state: 'running' | 'submitted' | 'published' | 'failed' | 'rejected' | 'cancelled';
  readonly phase?: string;
  readonly reason?: string;
  /** What to do about the reason. */
  readonly remedy?: string;
  readonly logsUrl?: string;
  readonly scan?: SecurityScan;
};

/** What the platform's own scan has found. */
export type SecurityScan = {
  readonly status?: string;
  /** By severity, in the platform's words. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
  readonly message?: string;
};

/** The key that signs manifests; its private half stays where it was made. */
export type PublishIdentity = {
  /** SPKI as PEM. */
  readonly publicKey: string;
  /** Base64 of the SHA-256 of its DER. */
  readonly fingerprint: string;
  readonly origin: 'given' | 'generated';
};

/**
 * `published`, or `unchanged`: an earlier run has published these very bytes. `accepted`: the platform took it, and nobody
 * waits. `submitted`: a person has to approve it. `timeout`: nobody waits any longer.
 */
export type PublishOutcome =
  | 'published'
  | 'unchanged'
  | 'accepted'
  | 'submitted'
  | 'timeout'
  | 'failed'
  | 'rejected'
  | 'cancelled';

/** What came of publishing one module. */
export type PublishedModule = {
  readonly image: string;
  readonly name: string;
  readonly version: string;
  readonly ref: DigestRef;
  /** For people: `HLA-Compass dev`. */
  readonly platform: string;
  readonly scope: PublishScope;
  readonly outcome: PublishOutcome;
  readonly job?: PublishJob;
  /** Undefined: the platform wants no signed manifest. */
  readonly identity?: PublishIdentity;
  /** Continues to watch the job, for a shell. */
  readonly watch?: string;
};

/** One module of the plan: which image, and the manifest.json that describes it (relative to the workspace). */
export type PlannedPublish = { readonly image: string; readonly manifest?: string };
