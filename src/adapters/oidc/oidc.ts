import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import { isLoopback } from '../../model/reference.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Http, HttpOutcome } from '../../ports/http.ts';
import type { Log } from '../../ports/log.ts';
import type { Oidc } from '../../ports/oidc.ts';
import { parseClaims } from './claims.ts';
import { proveToken } from './prove-token.ts';

type OidcSetup = {
  /** ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN, which jobs with `id-token: write` have. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'now'>;
  readonly http: Http;
  readonly log: Pick<Log, 'mask'>;
};

const LARGEST = 64 * 1024;

const answerSchema = z.object({ value: z.string() });
/** Three parts in base64url. https://www.rfc-editor.org/rfc/rfc7519 */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The token service of the runner. https://docs.github.com/en/actions/reference/security/oidc */
export function createOidc({ env, clock, http, log }: OidcSetup): Oidc {
  const address = env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '';
  const bearer = env.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? '';
  const available = address !== '' && bearer !== '';

  const token = async (audience: string): Promise<string> => {
    if (!available) throw new ReleaseError('OIDC_MISSING', 'this job may not ask for an OIDC token');
    log.mask(bearer);
    const url = requestUrl(address, audience);
    const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' };
    const outcome = await http.exchange(async () => ({ method: 'GET', url, headers }), { limit: LARGEST });
    if (outcome.kind !== 'answer' || outcome.status !== 200) throw failureOf(outcome, url);
    const value = readToken(outcome.body);
    if (value === undefined) throw broken(url, 'its answer holds no token');
    log.mask(value);
    return value;
  };

  return {
    available,
    token,
    async claims(audience) {
      const claims = parseClaims(await token(audience));
      if (claims !== undefined) return claims;
      throw broken(requestUrl(address, audience), 'its token lacks the claims of a GitHub job');
    },
    prove: (given, expected) => proveToken(given, expected, { http, clock }),
  };
}

/** The bearer token goes nowhere but over https, or to loopback. */
function requestUrl(address: string, audience: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host))))
    throw new ReleaseError(
      'OIDC_MISSING',
      `the runner's token service has no https address: ${url?.host ?? 'no URL'}`,
    );
  url.searchParams.set('audience', audience);
  return url;
}

function readToken(body: Uint8Array): string | undefined {
  try {
    const result = answerSchema.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
    return result.success && TOKEN.test(result.data.value) ? result.data.value : undefined;
  } catch {
    return undefined;
  }
}

/** What the service says is not repeated: it may hold what it was asked for. */
function failureOf(outcome: HttpOutcome, url: URL): ReleaseError {
  if (outcome.kind === 'answer' && [400, 401, 403, 404].includes(outcome.status))
    return new ReleaseError(
      'OIDC_MISSING',
      `the runner's token service refused this job: ${placeOf(url)}: status ${outcome.status}`,
    );
  const often = outcome.attempts === 1 ? '' : ` after ${outcome.attempts} attempts`;
  const why =
    outcome.kind === 'failure'
      ? outcome.reason
      : outcome.kind === 'answer'
        ? `status ${outcome.status}`
        : 'too late';
  return broken(url, `no answer of use${often}: ${why}`);
}

function broken(url: URL, what: string): ReleaseError {
  return new ReleaseError(
    'SIGSTORE_UNAVAILABLE',
    `the runner's OIDC token service did not do its work: ${placeOf(url)}: ${what}`,
  );
}

/** Without path and query, which tell of the run. */
function placeOf(url: URL): string {
  return url.origin;
}
