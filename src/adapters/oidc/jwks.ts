import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import { isLoopback } from '../../model/reference.ts';
import type { Http } from '../../ports/http.ts';

const LARGEST = 256 * 1024;
const SMALLEST_MODULUS = 2048;

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const configuration = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.unknown()).check(z.maxLength(100)) });
/** https://www.rfc-editor.org/rfc/rfc7517#section-4 */
const rsaKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string(),
  alg: z.optional(z.literal('RS256')),
  use: z.optional(z.literal('sig')),
  n: z.string(),
  e: z.string(),
});

/**
 * The key for RS256 that the issuer publishes under this id now; undefined when there is none, or more than one. The issuer
 * may have a path (`https://HOST/_services/token`). Throws SIGSTORE_UNAVAILABLE.
 */
export async function fetchKey(http: Http, issuer: string, kid: string): Promise<KeyObject | undefined> {
  const { issuer: named, jwks_uri } = await fetchJson(
    http,
    safeUrl(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`),
    configuration,
  );
  if (named !== issuer) throw broken(safeUrl(issuer), 'its configuration is that of another issuer');
  const { keys } = await fetchJson(http, safeUrl(jwks_uri), keySet);
  const fitting = keys.flatMap((each) => {
    const parsed = rsaKey.safeParse(each);
    return parsed.success && parsed.data.kid === kid ? [parsed.data] : [];
  });
  const [jwk] = fitting;
  return jwk === undefined || fitting.length > 1 ? undefined : publicKeyOf(jwk);
}

function publicKeyOf({ n, e }: z.infer<typeof rsaKey>): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_MODULUS ? undefined : key;
  } catch {
    return undefined;
  }
}

async function fetchJson<T>(http: Http, url: URL, schema: z.ZodMiniType<T>): Promise<T> {
  const headers = { accept: 'application/json' };
  const outcome = await http.exchange(async () => ({ method: 'GET', url, headers }), { limit: LARGEST });
  if (outcome.kind !== 'answer') throw broken(url, outcome.kind === 'failure' ? outcome.reason : 'too late');
  if (outcome.status !== 200) throw broken(url, `status ${outcome.status}`);
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(outcome.body).toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Told below, in the same words.
  }
  throw broken(url, 'its answer is not what the protocol promises');
}

/** Keys come over https, or from loopback. */
function safeUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host))))
    return url;
  throw new ReleaseError(
    'SIGSTORE_UNAVAILABLE',
    `the keys of the OIDC issuer have no https address: ${text.slice(0, 200)}`,
  );
}

function broken(url: URL, what: string): ReleaseError {
  return new ReleaseError(
    'SIGSTORE_UNAVAILABLE',
    `the keys of the OIDC issuer cannot be fetched: ${url.origin}${url.pathname}: ${what}`,
    { hint: 'Re-run the job later: nothing was signed, and what was kept is still there.' },
  );
}
