import type { Digest } from '../model/digest.ts';
import type { PublishJob, PublishRequest, TrustedSigner } from '../model/publish.ts';

/** `exists`: the platform has this version already; with what is said as far as it tells. */
export type PublishAnswer =
  | { readonly kind: 'job'; readonly job: PublishJob }
  | {
      readonly kind: 'exists';
      readonly message: string;
      readonly id?: string;
      readonly digest?: Digest;
      /** It refers to an earlier request with the same Idempotency-Key, so to the same bytes. */
      readonly sameRequest: boolean;
    };

export type DryRunAnswer =
  | {
      readonly kind: 'ready';
      /** Undefined: the platform does not tell whom it trusts. */
      readonly trustedSigners?: readonly TrustedSigner[];
    }
  | { readonly kind: 'exists'; readonly message: string };

/**
 * `missing`: the platform knows no such job. `unknown`: it could not be asked now; the reason is for people, and
 * `retryAfterMs` is how long it wants to be left alone.
 */
export type JobReading =
  | { readonly kind: 'job'; readonly job: PublishJob }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly retryAfterMs?: number };

/**
 * A platform that is told of releases. Another platform is one more adapter. Errors are ReleaseErrors: REGISTRY_UNAUTHORIZED,
 * PUBLISH_AUTH, PUBLISH_FORBIDDEN, PUBLISH_FAILED, PUBLISH_UNAVAILABLE.
 */
export interface PublishApi {
  /** For people: `HLA-Compass dev`. */
  readonly name: string;
  /** Tells one platform and environment from another, for what is remembered of them. */
  readonly realm: string;
  /** Whether it wants manifests that are signed; then manifest.json must be there. */
  readonly signsManifests: boolean;
  /** Whether this version could be published; changes nothing there. */
  dryRun(request: PublishRequest): Promise<DryRunAnswer>;
  /** The same key always stands for the same version and bytes, so that the platform takes it once. */
  publish(request: PublishRequest, idempotencyKey: string): Promise<PublishAnswer>;
  /** Asked once; throws PUBLISH_AUTH, PUBLISH_FORBIDDEN. Absent: the platform tells nothing after it took the request. */
  readonly status?: (id: string) => Promise<JobReading>;
  /** A command of a shell that goes on watching the job. */
  readonly watchCommand?: (id: string) => string;
}
