import * as z from 'zod/mini';
import { ReleaseError } from '../../../model/errors.ts';
import type { Http, HttpOutcome } from '../../../ports/http.ts';
import type { PublishApi } from '../../../ports/publish-api.ts';
import { failureOf } from './failure.ts';
import { payloadOf } from './payload.ts';

type Setup = {
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** `https://api.github.com`. */
  readonly apiUrl: string;
  readonly http: Http;
};

const EVENT = 'module-release';
const ATTEMPTS = 3;

/** Workflows of a repository, by its event. https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
export function createDispatch({ repository, token, apiUrl, http }: Setup): PublishApi {
  const base = `${apiUrl.replace(/\/+$/, '')}/repos/${repository}`;
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'x-github-api-version': '2022-11-28',
  };
  const ask = (method: 'GET' | 'POST', url: string, body?: string): Promise<HttpOutcome> =>
    http.exchange(
      async () => ({
        method,
        url: new URL(url),
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      }),
      { attempts: ATTEMPTS },
    );
  return {
    name: `${repository} on GitHub`,
    realm: `${base}/dispatches`,
    signsManifests: false,
    async dryRun() {
      const outcome = await ask('GET', base);
      if (!isGood(outcome)) throw refusal(repository, outcome);
      if (canWrite(outcome.body) === false) throw forbidden(repository, 'the token may only read');
      return { kind: 'ready' };
    },
    async publish(request, idempotencyKey) {
      const payload = { event_type: EVENT, client_payload: payloadOf(request, idempotencyKey) };
      const outcome = await ask('POST', `${base}/dispatches`, JSON.stringify(payload));
      if (!isGood(outcome)) throw refusal(repository, outcome);
      return { kind: 'job', job: { id: idempotencyKey, status: 'accepted', state: 'running' } };
    },
  };
}

type Answer = Extract<HttpOutcome, { kind: 'answer' }>;

function isGood(outcome: HttpOutcome): outcome is Answer {
  return outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300;
}

const about = z.object({ permissions: z.optional(z.object({ push: z.boolean() })) });

/** Undefined when GitHub does not say, as for tokens of apps. */
function canWrite(body: Uint8Array): boolean | undefined {
  try {
    const parsed = about.safeParse(JSON.parse(new TextDecoder().decode(body)));
    return parsed.success ? parsed.data.permissions?.push : undefined;
  } catch {
    return undefined;
  }
}

/** GitHub says 404 for what a token may not see. */
function refusal(repository: string, outcome: HttpOutcome): ReleaseError {
  const { code, words } = failureOf(outcome);
  if (outcome.kind === 'answer' && outcome.status === 404) return forbidden(repository, words);
  if (code === 'PUBLISH_FORBIDDEN') return forbidden(repository, words);
  return new ReleaseError(code, `${repository} on GitHub did not take the release: ${words}`);
}

function forbidden(repository: string, words: string): ReleaseError {
  return new ReleaseError(
    'PUBLISH_FORBIDDEN',
    `${repository} on GitHub may not be told of the release: ${words}`,
    {
      hint: 'Give `publish-token` a token with write access to the contents of that repository; the token of the job reaches its own repository only.',
    },
  );
}
