import type { Ancestry } from '../model/channel.ts';
import type { RepositoryAbout } from '../model/context.ts';
import type { DeploymentRequest, DeploymentStatus } from '../model/deployment.ts';
import type { Digest } from '../model/digest.ts';

/** GitHub's REST API with the run's token. */
export interface GitHub {
  /** Undefined when the API cannot be asked (no token, no right, not reachable): labels are then left out. */
  about(repository: string): Promise<RepositoryAbout | undefined>;
  /**
   * How `head` stands to `base`, both commits of the repository (`Owner/Name`); undefined when the API cannot be asked or
   * does not know them. https://docs.github.com/en/rest/commits/commits#compare-two-commits
   */
  compare(repository: string, base: string, head: string): Promise<Ancestry | undefined>;
  /**
   * Stores a Sigstore bundle as an attestation of the repository (`Owner/Name`) and gives its address for people. Throws
   * GITHUB_REFUSED with what is missing (`attestations: write`, the plan of a private repository).
   * https://docs.github.com/en/rest/repos/attestations
   */
  storeAttestation(repository: string, bundle: Uint8Array): Promise<string>;
  /**
   * The bundles that the store has for a subject, as bytes and unproven; none where there is neither. Throws GITHUB_REFUSED.
   * https://docs.github.com/en/rest/repos/attestations#list-attestations
   */
  attestations(repository: string, subject: Digest): Promise<readonly Uint8Array[]>;
  /** Whether the store gives back a bundle for this subject that has these bytes' payload: read as a consumer reads it. */
  hasAttestation(repository: string, subject: Digest, bundle: Uint8Array): Promise<boolean>;
  /**
   * Records a deployment of a commit to an environment, and gives its id. Nothing is merged and no check is waited for.
   * `until`: time of the clock (`elapsed`) after which no further attempt is of use. Throws GITHUB_REFUSED with what is
   * missing (`deployments: write`). https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
   */
  createDeployment(repository: string, request: DeploymentRequest, until: number): Promise<number>;
  /**
   * Adds a status to a deployment. Throws GITHUB_REFUSED.
   * https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
   */
  setDeploymentStatus(repository: string, id: number, status: DeploymentStatus, until: number): Promise<void>;
  /**
   * The newest record of ours for the environment, where it is of this release and nobody has said how it ended: its run was
   * killed. Throws GITHUB_REFUSED.
   */
  unfinishedDeployment(
    repository: string,
    about: { readonly environment: string; readonly immutableTag: string },
    until: number,
  ): Promise<number | undefined>;
  /**
   * Makes the earlier deployments of the environment inactive, as far as they are at success, or are records of ours whose
   * run did not come to its end. GitHub does that by itself only where no environment is one for production. Throws GITHUB_REFUSED.
   */
  retireDeployments(
    repository: string,
    current: { readonly id: number; readonly environment: string },
    logUrl: string,
    until: number,
  ): Promise<void>;
}
