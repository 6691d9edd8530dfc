import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../model/json.ts';
import { spacedJson } from '../../../model/json.ts';
import type { PublishJob, PublishRequest } from '../../../model/publish.ts';
import { formatReference } from '../../../model/reference.ts';
import type { Http, HttpOutcome, HttpRequest } from '../../../ports/http.ts';
import type { DryRunAnswer, JobReading, PublishAnswer, PublishApi } from '../../../ports/publish-api.ts';
import { readBody, readConflict, readJob, readRefusal, readSigners } from './answers.ts';
import { apiOf, type Credential, credentialOf, type Platform } from './endpoints.ts';
import { explain } from './explain.ts';
import { remedyFor, USUAL_REMEDY } from './remedies.ts';

type Setup = { readonly platform: Platform; readonly token: string; readonly http: Http };

/** As the platform's own client asks: the same key and bytes each time. */
const ATTEMPTS = 3;

/** HLA-Compass, spoken to as its SDK 2.1.3 does (API keys: as 6.0.2 does). */
export function createHlaCompass({ platform, token, http }: Setup): PublishApi {
  const api = apiOf(platform);
  const credential = credentialOf(token);
  const name = `HLA-Compass ${platform.env}`;

  const ask = async (request: Omit<HttpRequest, 'headers'>, attempts: number, more = {}): Promise<Asked> => {
    let requestId = '';
    const outcome = await http.exchange(
      async () => {
        requestId = randomUUID();
        return { ...request, headers: headersOf(credential, requestId, more) };
      },
      { attempts },
    );
    return { outcome, requestId };
  };
  const post = (request: PublishRequest, key: string, more: JsonObject = {}): Promise<Asked> => {
    const body = spacedJson({ ...bodyOf(request), ...more });
    const url = new URL(api + credential.route);
    return ask({ method: 'POST', url, body }, ATTEMPTS, { 'idempotency-key': key });
  };

  return {
    name,
    realm: api,
    signsManifests: true,
    async dryRun(request): Promise<DryRunAnswer> {
      const { outcome, requestId } = await post(request, randomUUID(), { dryRun: true });
      const body = bodyOfAnswer(outcome);
      const exists = conflictOf(outcome);
      if (exists !== undefined) return { kind: 'exists', message: exists.message };
      if (body === undefined) throw explain(outcome, { name, api, request, requestId });
      const trustedSigners = readSigners(body);
      return { kind: 'ready', ...(trustedSigners === undefined ? {} : { trustedSigners }) };
    },
    async publish(request, idempotencyKey): Promise<PublishAnswer> {
      const { outcome, requestId } = await post(request, idempotencyKey);
      const body = bodyOfAnswer(outcome);
      const exists = conflictOf(outcome);
      if (exists !== undefined) return exists;
      if (body === undefined) throw explain(outcome, { name, api, request, requestId });
      return { kind: 'job', job: withRemedy(readJob(body)) };
    },
    async status(id): Promise<JobReading> {
      const url = new URL(`${api}${credential.route}/${encodeURIComponent(id)}`);
      const { outcome, requestId } = await ask({ method: 'GET', url }, 1);
      const body = bodyOfAnswer(outcome);
      if (body !== undefined) return { kind: 'job', job: withRemedy({ id, ...readJob(body) }) };
      if (outcome.kind === 'answer' && outcome.status === 404) return { kind: 'missing' };
      const error = explain(outcome, { name, api, requestId });
      if (error.code === 'PUBLISH_AUTH' || error.code === 'PUBLISH_FORBIDDEN') throw error;
      const retryAfterMs = outcome.kind === 'answer' ? outcome.retryAfterMs : undefined;
      return {
        kind: 'unknown',
        reason: error.message,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    },
    watchCommand: (id) => `hla-compass publish-status --env ${platform.env} --watch ${id}`,
  };
}

type Asked = { readonly outcome: HttpOutcome; readonly requestId: string };

function headersOf(
  { headers }: Credential,
  requestId: string,
  more: Readonly<Record<string, string>>,
): HttpRequest['headers'] {
  const json = 'application/json';
  return { accept: json, 'content-type': json, ...headers, 'x-request-id': requestId, ...more };
}

/** The keys in the order of the platform's own client. */
function bodyOf({ image, manifest, scope, org }: PublishRequest): JsonObject {
  return { imageRef: formatReference(image), manifest, scope, orgId: org ?? null };
}

/** Of an answer that says yes; undefined for any other. */
function bodyOfAnswer(outcome: HttpOutcome): Readonly<Record<string, unknown>> | undefined {
  if (outcome.kind !== 'answer' || outcome.status < 200 || outcome.status >= 300) return undefined;
  return readBody(outcome.body);
}

/** 409 is assumed by the documents; the words decide where another status comes with them. */
function conflictOf(outcome: HttpOutcome): Extract<PublishAnswer, { kind: 'exists' }> | undefined {
  if (outcome.kind !== 'answer' || outcome.status < 400 || outcome.status >= 500) return undefined;
  const body = readBody(outcome.body) ?? {};
  const { code = '', message = '' } = readRefusal(body);
  const sameRequest = /IDEMPOTENCY/i.test(code);
  const isThere =
    sameRequest ||
    /(?:VERSION|ALREADY)_EXISTS|DUPLICATE_VERSION/i.test(code) ||
    (outcome.status === 409 && code === '') ||
    /version\b.*\balready (?:exists|published)/i.test(message);
  if (!isThere) return undefined;
  const words = [code, message].filter(Boolean).join(': ') || `status ${outcome.status}`;
  return { kind: 'exists', message: words, sameRequest, ...readConflict(body) };
}

function withRemedy(job: PublishJob): PublishJob {
  const { state, reason, scan } = job;
  if (state !== 'failed' && state !== 'rejected') return job;
  const isScan = scan?.status?.toLowerCase() === 'failed' || (scan?.failed.length ?? 0) > 0;
  const words = isScan ? `${reason ?? ''} security scan failed` : reason;
  return { ...job, remedy: remedyFor(undefined, words) ?? USUAL_REMEDY };
}
