import { ReleaseError } from '../../model/errors.ts';
import type { GitHub } from '../../ports/github.ts';
import type { Http } from '../../ports/http.ts';
import type { Log } from '../../ports/log.ts';
import { hasAttestation, readAttestations, type StoreOptions, storeAttestation } from './attestations.ts';
import { compareCommits } from './compare.ts';
import {
  createDeployment,
  retireDeployments,
  setDeploymentStatus,
  unfinishedDeployment,
} from './deployments.ts';
import { readAbout } from './schema.ts';

/** What people wrote about a repository is worth a short wait, and no more. */
const TIMEOUT_MS = 10_000;

export type GitHubOptions = {
  /** Absent: the API is not asked. */
  readonly token?: string;
  /** `https://api.github.com`, or the one of a GitHub Enterprise server (GITHUB_API_URL). */
  readonly apiUrl: string;
  /** `https://github.com` (GITHUB_SERVER_URL). */
  readonly serverUrl: string;
  readonly http: Http;
  readonly log: Pick<Log, 'debug'>;
};

/** GitHub's REST API over @actions/github, which is loaded with the first question. */
export function createGitHub({ token, apiUrl, serverUrl, http, log }: GitHubOptions): GitHub {
  const store = (): StoreOptions => {
    if (token !== undefined) return { token, apiUrl, serverUrl, http };
    const message = "GitHub's attestation store was not asked: there is no token";
    throw new ReleaseError('GITHUB_REFUSED', message, {
      hint: 'Give `github-token`, or set `attest-store` to `registry` or `file`.',
    });
  };
  const api = (): Pick<StoreOptions, 'token' | 'apiUrl' | 'http'> => {
    if (token !== undefined) return { token, apiUrl, http };
    throw new ReleaseError('GITHUB_REFUSED', 'GitHub was not asked for a deployment: there is no token', {
      hint: 'Give `github-token`; with `offline` nothing but the registry is spoken to.',
    });
  };
  return {
    createDeployment: async (repository, request, until) =>
      createDeployment(api(), repository, request, until),
    setDeploymentStatus: async (repository, id, status, until) =>
      setDeploymentStatus(api(), repository, id, status, until),
    unfinishedDeployment: async (repository, about, until) =>
      unfinishedDeployment(api(), repository, about, until),
    retireDeployments: async (repository, current, logUrl, until) =>
      retireDeployments(api(), repository, { ...current, logUrl }, until),
    storeAttestation: async (repository, bundle) => storeAttestation(store(), repository, bundle),
    hasAttestation: async (repository, subject, bundle) =>
      hasAttestation(store(), repository, subject, bundle),
    attestations: async (repository, subject) => readAttestations(store(), repository, subject),
    async compare(repository, base, head) {
      if (token === undefined) {
        log.debug('GitHub was not asked to compare commits: there is no token.');
        return undefined;
      }
      try {
        return await compareCommits({ token, apiUrl, http }, repository, base, head);
      } catch (error) {
        log.debug(`GitHub did not compare ${head} with ${base}: ${String(error)}.`);
        return undefined;
      }
    },
    async about(repository) {
      const [owner = '', repo = ''] = repository.split('/');
      if (token === undefined || owner === '' || repo === '') {
        log.debug(`GitHub was not asked about ${repository}: there is no token, or no such name.`);
        return undefined;
      }
      try {
        const { getOctokit } = await import('@actions/github');
        const octokit = getOctokit(token, { baseUrl: apiUrl, log: SILENT });
        const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
        // https://docs.github.com/rest/repos/repos#get-a-repository
        const answer = await octokit.rest.repos.get({ owner, repo, request });
        return readAbout(answer.data);
      } catch (error) {
        log.debug(`GitHub did not say anything about ${repository}: ${String(error)}.`);
        return undefined;
      }
    },
  };
}

/** The library would print its own warnings past our masks. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
