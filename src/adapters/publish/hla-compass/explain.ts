import { type ErrorCode, ReleaseError } from '../../../model/errors.ts';
import type { PublishRequest } from '../../../model/publish.ts';
import { formatReference } from '../../../model/reference.ts';
import type { HttpOutcome } from '../../../ports/http.ts';
import { readBody, readRefusal } from './answers.ts';
import { remedyFor, USUAL_REMEDY } from './remedies.ts';

type Answer = Extract<HttpOutcome, { kind: 'answer' }>;

/** `request`: undefined when only a job is asked about. */
export type Circumstances = {
  readonly name: string;
  readonly api: string;
  readonly request?: PublishRequest;
  /** X-Request-Id of the last attempt. */
  readonly requestId: string;
};

/** The ReleaseError for an exchange that gave no answer of use: the platform's own code and words stand in its message. */
export function explain(outcome: HttpOutcome, about: Circumstances): ReleaseError {
  if (outcome.kind !== 'answer')
    return unavailable(about, outcome.kind === 'late' ? 'no answer' : outcome.reason);
  const { status, headers } = outcome;
  if (status >= 300 && status < 400) return redirected(headers.location, status, about);
  const { code, message } = readRefusal(readBody(outcome.body) ?? {});
  if (status === 429 || status === 408 || status === 425 || status >= 500)
    return unavailable(about, said(status, code, message), waitHint(outcome));
  if (status < 300) return unavailable(about, 'its answer is not a JSON object');
  const id = codeOf(status, code, message);
  const hint = hintOf(id, code, message, about);
  return new ReleaseError(id, `${about.name} refused ${what(about)}: ${said(status, code, message)}`, {
    cause: traceOf(about),
    ...(hint === undefined ? {} : { hint }),
  });
}

function codeOf(status: number, code: string | undefined, message = ''): ErrorCode {
  if (code === 'REGISTRY_UNAUTHORIZED' || /not in (?:the )?allow-?list/i.test(message))
    return 'REGISTRY_UNAUTHORIZED';
  if (status === 401) return 'PUBLISH_AUTH';
  if (status === 403) return 'PUBLISH_FORBIDDEN';
  return 'PUBLISH_FAILED';
}

function hintOf(
  id: ErrorCode,
  code: string | undefined,
  message: string | undefined,
  { request, name }: Circumstances,
): string | undefined {
  if (id === 'REGISTRY_UNAUTHORIZED') return allowHint(request);
  if (id === 'PUBLISH_AUTH')
    return `The token has expired, or it is for another environment than ${name}: renew the secret that \`publish-token\` gets.`;
  if (code === 'MFA_REQUIRED')
    return 'The account of `publish-token` must set up multi-factor authentication; the request itself is right.';
  // `Forbidden` alone is about the caller here, and about the image in a job.
  if (id === 'PUBLISH_FORBIDDEN') return undefined;
  return remedyFor(code, message) ?? USUAL_REMEDY;
}

function allowHint(request: PublishRequest | undefined): string | undefined {
  if (request === undefined) return undefined;
  const { registry, path } = request.image.repository;
  const namespace = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const pattern = [registry, namespace, '*'].filter(Boolean).join('/');
  return `Ask an admin of the organization to add ${pattern} under Org Settings → Registries, or set \`registry\` and \`namespace\` to a registered one.`;
}

function redirected(location: string | undefined, status: number, about: Circumstances): ReleaseError {
  const target = URL.parse(location ?? '', about.api);
  const where = target === null ? 'nowhere' : `${target.protocol}//${target.host}`;
  const message = `${about.name} redirects ${what(about)} to ${where} (status ${status}), and the token is sent to no other place`;
  return new ReleaseError('PUBLISH_FAILED', message, {
    cause: traceOf(about),
    hint: 'Correct `publish-url`, or `publish-env` when it is not set: it must name the API itself.',
  });
}

function unavailable(about: Circumstances, why: string, hint?: string): ReleaseError {
  const message = `${about.name} did not answer ${what(about)} properly: ${why}`;
  return new ReleaseError('PUBLISH_UNAVAILABLE', message, {
    cause: traceOf(about),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** For those who look into the platform's logs. */
function traceOf({ requestId }: Circumstances): Error {
  return new Error(`the platform knows this request as ${requestId}`);
}

function waitHint({ status, headers }: Answer): string | undefined {
  const asked = headers['retry-after'];
  if (status !== 429 || asked === undefined) return undefined;
  return `The platform limits how often it is asked, and wants a pause (Retry-After: ${asked.slice(0, 60)}). Re-run the job after it: nothing is published twice.`;
}

function what({ request }: Pick<Circumstances, 'request'>): string {
  if (request === undefined) return 'the question about the job';
  return `${request.name} ${request.version} (${formatReference(request.image)})`;
}

/** `403 REGISTRY_UNAUTHORIZED: namespace is not allowed`. */
function said(status: number, code: string | undefined, message: string | undefined): string {
  const id = code === undefined ? '' : ` ${code}`;
  return `${status}${id}${message === undefined ? '' : `: ${message}`}`;
}
