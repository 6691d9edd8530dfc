/** What the runner says about this run, read once from its environment and event file. Hostile text: check before use. */
export type RunContext = {
  /** `push`, `pull_request`, `workflow_dispatch`, `schedule`, `release`, … */
  readonly eventName: string;
  /** `Owner/Name` as GitHub spells it. */
  readonly repository: string;
  readonly owner: string;
  /** `refs/tags/v1.2.3`, `refs/heads/main`, `refs/pull/7/merge`. */
  readonly ref: string;
  /** 40 hex digits: the commit that GitHub planned for this event. */
  readonly sha: string;
  readonly defaultBranch?: string;
  readonly actor: string;
  readonly runId: string;
  readonly runAttempt: number;
  readonly runNumber: number;
  readonly workflow: string;
  /** `Owner/Name/.github/workflows/release.yml@refs/tags/v1.2.3`: the workflow that was started. */
  readonly workflowRef?: string;
  readonly job: string;
  readonly serverUrl: string;
  readonly apiUrl: string;
  readonly pullRequest?: PullRequest;
  /** `refs/heads/main`: the branch of a pushed tag, where the event names it (GitHub does not promise to). */
  readonly baseRef?: string;
  /** From the event payload; the GitHub API fills what an event leaves out. */
  readonly about: RepositoryAbout;
};

export type PullRequest = {
  readonly number: number;
  readonly headSha: string;
  readonly headRef: string;
  readonly baseRef: string;
  /** `Owner/Name` of the head; absent when the fork was deleted. */
  readonly headRepository?: string;
};

/** What people wrote about the repository. */
export type RepositoryAbout = {
  readonly description?: string;
  /** SPDX id. */
  readonly license?: string;
  readonly visibility?: 'public' | 'private' | 'internal';
  readonly htmlUrl?: string;
  readonly defaultBranch?: string;
};
