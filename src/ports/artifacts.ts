import type { Digest } from '../model/digest.ts';

/** What a job of this run has uploaded, whole. */
export type StoredArtifact = {
  /** As `upload` was asked for it. */
  readonly name: string;
  readonly id: number;
  /** Bytes of its archive. */
  readonly size: number;
  /** Of its archive, where the service tells it. */
  readonly digest?: Digest;
};

/**
 * Files that jobs of one workflow run hand over to each other. Throws ARTIFACT_UNAVAILABLE for a service that does not
 * answer or refuses. https://docs.github.com/en/actions/concepts/workflows-and-actions/workflow-artifacts
 */
export interface Artifacts {
  /** Whether this job has the service: GitHub's runners have, a developer's machine has not. */
  readonly available: boolean;
  /**
   * Uploads all files below a folder. A link to a file below the folder goes as that file; other links do not go. Nobody
   * sees an upload before it is whole. The same name again, also in a re-run, takes the place of what was there.
   */
  upload(name: string, folder: string): Promise<StoredArtifact>;
  /** What jobs of this run have uploaded under names that start so, in re-runs and before: the newest of each name, by name. */
  list(prefix: string): Promise<readonly StoredArtifact[]>;
  /**
   * Makes the folder, which must not be there yet, with the files. All or nothing. What came is checked against the digest; nothing that
   * it says is written elsewhere. Throws ARTIFACT_INVALID, and DISK_LOW too.
   */
  download(artifact: StoredArtifact, folder: string): Promise<void>;
}
