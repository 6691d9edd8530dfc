import * as z from 'zod/mini';
import type { DeploymentRequest, DeploymentStatus } from '../../model/deployment.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Http, HttpOptions, HttpOutcome } from '../../ports/http.ts';
import { readJson, wordsOf } from './answer.ts';
import { headersOf, repositoryUrl } from './request.ts';

type Api = { readonly token: string; readonly apiUrl: string; readonly http: Http };

const id = z.number().check(z.int(), z.positive());

/** https://docs.github.com/en/rest/deployments/deployments#create-a-deployment */
const created = z.object({ id });

/** https://docs.github.com/en/rest/deployments/deployments#list-deployments; the newest first, of many writers. */
const listed = z.array(z.object({ id, payload: z.optional(z.unknown()) })).check(z.maxLength(100));

/** https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses; the newest first. */
const statuses = z.array(z.object({ state: z.string() }));

const ours = z.object({ nonce: z.string(), channel: z.string(), immutable_tag: z.string() });

/** A page holds payloads. */
const PAGE_BYTES = 4 * 1024 * 1024;
const MOST_EARLIER = 10;
const MOST_ATTEMPTS = 3;

/**
 * Records a deployment, once: GitHub knows no key by which it could tell a request that comes again, so after an answer
 * that was lost the record is looked for before it is asked for again.
 */
export async function createDeployment(
  api: Api,
  repository: string,
  request: DeploymentRequest,
  until: number,
): Promise<number> {
  const { environment, revision, description, isProduction, payload } = request;
  const body = {
    ref: revision,
    environment,
    description,
    payload,
    auto_merge: false,
    required_contexts: [],
    transient_environment: false,
    production_environment: isProduction,
  };
  const ask = () => exchange(api, repository, '', { until, attempts: 1 }, body);
  const first = await ask();
  const found = isUncertain(first) ? await findOwn(api, repository, request, until) : undefined;
  if (found !== undefined) return found;
  const outcome = isUncertain(first) ? await ask() : first;
  if (outcome.kind !== 'answer' || outcome.status !== 201) throw refused(outcome, repository);
  const parsed = created.safeParse(readJson(outcome.body));
  if (parsed.success) return parsed.data.id;
  throw new ReleaseError('GITHUB_REFUSED', `GitHub names no deployment that it recorded: ${repository}`);
}

export async function setDeploymentStatus(
  api: Api,
  repository: string,
  deployment: number,
  { state, description, logUrl }: Omit<DeploymentStatus, 'state'> & { readonly state: string },
  until: number,
): Promise<void> {
  const body = { state, description, log_url: logUrl, auto_inactive: true };
  const options = { until, attempts: MOST_ATTEMPTS };
  const outcome = await exchange(api, repository, `/${deployment}/statuses`, options, body);
  if (outcome.kind !== 'answer' || outcome.status !== 201) throw refused(outcome, repository);
}

export async function unfinishedDeployment(
  api: Api,
  repository: string,
  { environment, immutableTag }: { readonly environment: string; readonly immutableTag: string },
  until: number,
): Promise<number | undefined> {
  const all = await list(api, repository, environment, until);
  const [newest] = all.flatMap(({ id, payload }) => {
    const parsed = ours.safeParse(payload);
    return parsed.success ? [{ id, tag: parsed.data.immutable_tag }] : [];
  });
  if (newest?.tag !== immutableTag) return undefined;
  const state = await stateOf(api, repository, newest.id, until);
  return state === undefined || state === 'in_progress' ? newest.id : undefined;
}

/** From the newest to the first that is inactive already: those before it were retired with it. */
export async function retireDeployments(
  api: Api,
  repository: string,
  current: { readonly id: number; readonly environment: string; readonly logUrl: string },
  until: number,
): Promise<void> {
  const all = await list(api, repository, current.environment, until);
  for (const { id, payload } of all.filter((each) => each.id < current.id)) {
    const state = await stateOf(api, repository, id, until);
    if (state === 'inactive') return;
    const isLeft = state === 'success' || (state === 'in_progress' && ours.safeParse(payload).success);
    const inactive = { state: 'inactive', description: '', logUrl: current.logUrl };
    if (isLeft) await setDeploymentStatus(api, repository, id, inactive, until);
  }
}

/** The record of this very request, where its answer was lost. */
async function findOwn(
  api: Api,
  repository: string,
  { environment, payload }: DeploymentRequest,
  until: number,
): Promise<number | undefined> {
  const all = await list(api, repository, environment, until);
  return all.find((each) => {
    const parsed = ours.safeParse(each.payload);
    return parsed.success && parsed.data.nonce === payload.nonce;
  })?.id;
}

async function list(
  api: Api,
  repository: string,
  environment: string,
  until: number,
): Promise<z.infer<typeof listed>> {
  const query = `?environment=${encodeURIComponent(environment)}&per_page=${MOST_EARLIER}`;
  return read(await exchange(api, repository, query, { until, attempts: 2 }), listed, repository);
}

async function stateOf(
  api: Api,
  repository: string,
  deployment: number,
  until: number,
): Promise<string | undefined> {
  const path = `/${deployment}/statuses?per_page=1`;
  const found = read(await exchange(api, repository, path, { until, attempts: 2 }), statuses, repository);
  return found[0]?.state;
}

function read<T>(outcome: HttpOutcome, schema: z.ZodMiniType<T>, repository: string): T {
  if (outcome.kind !== 'answer' || outcome.status !== 200) throw refused(outcome, repository);
  const parsed = schema.safeParse(readJson(outcome.body));
  if (parsed.success) return parsed.data;
  throw new ReleaseError('GITHUB_REFUSED', `GitHub does not list the deployments of ${repository}`);
}

/** Without a body it is a GET. */
function exchange(
  { token, apiUrl, http }: Api,
  repository: string,
  path: string,
  options: HttpOptions,
  body?: unknown,
): Promise<HttpOutcome> {
  const url = new URL(`${repositoryUrl(apiUrl, repository)}/deployments${path}`);
  const headers = headersOf(token);
  const request =
    body === undefined
      ? { method: 'GET' as const, url, headers }
      : {
          method: 'POST' as const,
          url,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        };
  return http.exchange(async () => request, { limit: PAGE_BYTES, ...options });
}

/** GitHub may have done it all the same. */
function isUncertain(outcome: HttpOutcome): boolean {
  return outcome.kind !== 'answer' || outcome.status >= 500;
}

function refused(outcome: HttpOutcome, repository: string): ReleaseError {
  const what = `the deployments of ${repository} at GitHub`;
  if (outcome.kind !== 'answer') {
    const reason = outcome.kind === 'failure' ? outcome.reason : 'no answer in time';
    return new ReleaseError('GITHUB_REFUSED', `${what} cannot be reached: ${reason}`, { hint: NO_GATE });
  }
  const { status, body } = outcome;
  const said = wordsOf(body);
  const message = `${what} answer ${said === '' ? status : `${status} ${said}`}`;
  return new ReleaseError('GITHUB_REFUSED', message, { hint: hintOf(status, said) });
}

const NO_GATE = 'The channel does not depend on it.';

function hintOf(status: number, said: string): string {
  if (/rate limit/i.test(said)) return NO_GATE;
  switch (status) {
    case 401:
      return 'Check `github-token`: GitHub does not accept it.';
    case 403:
    case 404:
      return 'Add `permissions: deployments: write` to the job.';
    case 422:
      return 'GitHub records deployments of commits that the repository has.';
    default:
      return NO_GATE;
  }
}
