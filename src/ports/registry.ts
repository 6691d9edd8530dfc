import type { Descriptor } from '../model/descriptor.ts';
import type { Encoded } from '../model/manifest.ts';
import type { Reference, Repository } from '../model/reference.ts';

export type BlobOutcome = 'existing' | 'mounted' | 'uploaded';

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
   * Makes the blob exist: HEAD, else mount from one of `mountFrom` (same registry), else a streamed upload of the file.
   * Calls for the same blob and repository share one transfer.
   */
  pushBlob(
    repository: Repository,
    blob: Descriptor,
    path: string,
    mountFrom: readonly Repository[],
  ): Promise<BlobOutcome>;
  /** Streams into the file; checked while it is written, removed when wrong. */
  pullBlob(repository: Repository, blob: Descriptor, path: string): Promise<void>;
  /**
   * Whether we may push. Token registries: a pull,push token is asked for; basic auth: with `probe` an empty upload
   * session is opened and deleted. Throws REGISTRY_LOGIN, REGISTRY_FORBIDDEN, REGISTRY_NOT_FOUND.
   */
  checkPush(repository: Repository, probe: boolean): Promise<void>;
}
