import * as z from 'zod/mini';
import type { PullRequest, RepositoryAbout, RunContext } from '../../model/context.ts';
import { ReleaseError } from '../../model/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Made with the first event: building it takes time before the first input error.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
function payloadSchema() {
  /** A field that has another shape than GitHub documents is as good as absent; the environment holds what we must have. */
  const text = z.catch(z.optional(z.nullable(z.string())), undefined);
  const repository = z.object({
    default_branch: text,
    description: text,
    html_url: text,
    license: z.catch(z.optional(z.nullable(z.object({ spdx_id: text }))), undefined),
    visibility: z.catch(z.optional(z.enum(['public', 'private', 'internal'])), undefined),
    private: z.catch(z.optional(z.boolean()), undefined),
  });
  const pullRequest = z.object({
    number: z.number().check(z.int(), z.gte(1)),
    head: z.object({
      sha: z.string(),
      ref: z.string(),
      /** Null when the fork was deleted. */
      repo: z.catch(z.optional(z.nullable(z.object({ full_name: z.string() }))), undefined),
    }),
    base: z.object({ ref: z.string() }),
  });
  return z.object({
    repository: z.catch(z.optional(repository), undefined),
    pull_request: z.catch(z.optional(pullRequest), undefined),
    base_ref: text,
  });
}

type Payload = Partial<z.infer<ReturnType<typeof payloadSchema>>>;

const HINT = 'module-release runs as a step of a GitHub Actions job.';

/**
 * The run as its environment and the event's JSON tell it. Throws INPUT_INVALID when one of the variables that every
 * runner sets is absent or has another form; a payload that cannot be read is an empty one.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables#default-environment-variables
 */
export function parseContext(env: Environment, eventJson: string | undefined): RunContext {
  const event = parsePayload(eventJson);
  const repositoryName = required(env, 'GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/);
  const about = aboutOf(event);
  return {
    eventName: required(env, 'GITHUB_EVENT_NAME', /^\w+$/),
    repository: repositoryName,
    owner: repositoryName.slice(0, repositoryName.indexOf('/')),
    ref: env.GITHUB_REF ?? '',
    sha: required(env, 'GITHUB_SHA', /^[0-9a-f]{40}$/),
    actor: env.GITHUB_ACTOR ?? '',
    runId: required(env, 'GITHUB_RUN_ID', /^\d+$/),
    runAttempt: count(env.GITHUB_RUN_ATTEMPT),
    runNumber: count(env.GITHUB_RUN_NUMBER),
    workflow: env.GITHUB_WORKFLOW ?? '',
    job: env.GITHUB_JOB ?? '',
    serverUrl: (env.GITHUB_SERVER_URL || 'https://github.com').replace(/\/+$/, ''),
    apiUrl: (env.GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, ''),
    about,
    ...(about.defaultBranch === undefined ? {} : { defaultBranch: about.defaultBranch }),
    ...(event.pull_request === undefined ? {} : { pullRequest: pullRequestOf(event.pull_request) }),
    ...(event.base_ref ? { baseRef: event.base_ref } : {}),
    ...(env.GITHUB_WORKFLOW_REF ? { workflowRef: env.GITHUB_WORKFLOW_REF } : {}),
  };
}

function parsePayload(eventJson: string | undefined): Payload {
  if (eventJson === undefined) return {};
  try {
    return payloadSchema().parse(JSON.parse(eventJson));
  } catch {
    return {};
  }
}

function pullRequestOf(raw: NonNullable<Payload['pull_request']>): PullRequest {
  const headRepository = raw.head.repo?.full_name;
  return {
    number: raw.number,
    headSha: raw.head.sha,
    headRef: raw.head.ref,
    baseRef: raw.base.ref,
    ...(headRepository === undefined ? {} : { headRepository }),
  };
}

function aboutOf({ repository: raw }: Payload): RepositoryAbout {
  if (raw === undefined) return {};
  const visibility =
    raw.visibility ?? (raw.private === undefined ? undefined : raw.private ? 'private' : 'public');
  return {
    ...(raw.description ? { description: raw.description } : {}),
    ...(raw.license?.spdx_id ? { license: raw.license.spdx_id } : {}),
    ...(visibility === undefined ? {} : { visibility }),
    ...(raw.html_url ? { htmlUrl: raw.html_url } : {}),
    ...(raw.default_branch ? { defaultBranch: raw.default_branch } : {}),
  };
}

function required(env: Environment, name: string, form: RegExp): string {
  const value = env[name] ?? '';
  if (form.test(value)) return value;
  throw new ReleaseError(
    'INPUT_INVALID',
    `the runner's variable ${name} is not usable: ${value || '(not set)'}`,
    {
      hint: HINT,
    },
  );
}

function count(value: string | undefined): number {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : 1;
}
