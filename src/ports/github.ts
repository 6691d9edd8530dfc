import type { RepositoryAbout } from '../model/context.ts';

/** GitHub's REST API with the run's token. */
export interface GitHub {
  /** Undefined when the API cannot be asked (no token, no right, not reachable): labels are then left out. */
  about(repository: string): Promise<RepositoryAbout | undefined>;
}
