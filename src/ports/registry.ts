import type { Descriptor } from '../model/descriptor.ts';
import type { Digest } from '../model/digest.ts';
import type { Encoded } from '../model/manifest.ts';
import type { DigestRef, Reference, Repository, TagRef } from '../model/reference.ts';

/** A manifest that names `subject`, with the blobs it needs, as bytes. https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export type Referrer = {
  readonly manifest: Encoded;
  /** As it stands in the list of referrers: with artifactType and annotations. */
  readonly descriptor: Descriptor;
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[];
};

export type BlobOutcome = 'existing' | 'mounted' | 'uploaded';

/** How a tag stands after it was to be moved. `taken`: it points at something that nobody expected, and is left alone. */
export type TagMoveOutcome =
  | { readonly outcome: 'moved' | 'unchanged' }
  | { readonly outcome: 'taken'; readonly present?: Digest };

/** Where readers find the referrers of a subject, and the list that the last look at it showed. */
export type Attached = { readonly by: 'api' | 'tag'; readonly listed: readonly Descriptor[] };

/**
 * OCI distribution 1.1. Bytes that come back are checked against their digest; errors are ReleaseError with the
 * REGISTRY_* codes. https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export interface Registry {
  /** HEAD: what a reference points at; undefined when it does not exist. */
  resolve(reference: Reference): Promise<Descriptor | undefined>;
  /** Undefined when it does not exist. */
  getManifest(reference: Reference): Promise<Encoded | undefined>;
  /** Writes the exact bytes and compares the digest that the registry answers. */
  putManifest(reference: Reference, manifest: Encoded): Promise<void>;
  /**
   * HEAD, PUT, HEAD: moves a tag from `from` (undefined: there is none) to these bytes, and leaves it alone when it points
   * at anything else. Every attempt begins with a fresh look; `mayWrite` is awaited before each write, and what it throws
   * ends the move.
   */
  moveTag(
    tag: TagRef,
    manifest: Encoded,
    from: Digest | undefined,
    mayWrite: () => Promise<void>,
  ): Promise<TagMoveOutcome>;
  /** Removes a tag, not what it points at; false when the registry does not do that. */
  deleteTag(tag: TagRef): Promise<boolean>;
  /** Makes a small blob exist. */
  putBlob(repository: Repository, blob: Encoded): Promise<BlobOutcome>;
  /** Makes a blob of another repository exist: HEAD, else mount within one registry, else streamed from there. */
  copyBlob(from: Repository, to: Repository, blob: Descriptor): Promise<BlobOutcome>;
  /**
   * Makes the blob exist: HEAD, else mount from one of `mountFrom` (same registry), else a streamed upload of the file.
   * Calls for the same blob and repository share one transfer.
   */
  pushBlob(
    repository: Repository,
    blob: Descriptor,
    path: string,
    mountFrom: readonly Repository[],
  ): Promise<BlobOutcome>;
  /**
   * All referrers of a subject, from the referrers API and from the fallback tag, whichever a registry has (both where it
   * has both). Pages are followed. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
   */
  referrers(subject: DigestRef, artifactType?: string): Promise<readonly Descriptor[]>;
  /**
   * Writes all referrers of one subject and makes them findable: where the registry has no referrers API, the fallback tag
   * is merged, written once, read back, and merged again when another writer came between. Ends only after every one of
   * them was found by a fresh read, which is answered; throws ATTESTATION_NOT_READABLE. `arrived` is called once, when the registry has taken
   * all their bytes, and goes on beside the wait for other writers; the call ends after it, and throws what it throws.
   */
  attach(
    subject: DigestRef,
    referrers: readonly Referrer[],
    arrived?: () => Promise<void>,
  ): Promise<Attached>;
  /** HEAD. What is found is not asked for again by `pushBlob`. */
  hasBlob(repository: Repository, blob: Descriptor): Promise<boolean>;
  /** A small blob as checked bytes; throws a RangeError when it is larger than `limit` bytes. */
  readBlob(repository: Repository, blob: Descriptor, limit: number): Promise<Uint8Array>;
  /** Streams into the file; checked while it is written, removed when wrong. */
  pullBlob(repository: Repository, blob: Descriptor, path: string): Promise<void>;
  /**
   * Whether we may push. Token registries: a pull,push token is asked for; basic auth: with `probe` an empty upload
   * session is opened and deleted. Throws REGISTRY_LOGIN, REGISTRY_FORBIDDEN, REGISTRY_NOT_FOUND.
   */
  checkPush(repository: Repository, probe: boolean): Promise<void>;
}
