import { constants, verify } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../ports/clock.ts';
import type { Http } from '../../ports/http.ts';
import type { Oidc, TokenProof } from '../../ports/oidc.ts';
import { parseClaims } from './claims.ts';
import { fetchKey } from './jwks.ts';

const LONGEST = 32 * 1024;
const LONGEST_SHOWN = 200;
/** As far as clocks may differ, in seconds. */
const SKEW = 300;
/** GitHub's tokens live for minutes; one that lives longer than a day is none of its. */
const LONGEST_LIFE = 24 * 60 * 60;

/** https://www.rfc-editor.org/rfc/rfc7515#section-4.1; an extension that must be understood (`crit`) is none that we do. */
const head = z.object({
  alg: z.string(),
  kid: z.string().check(z.minLength(1), z.maxLength(500)),
  crit: z.optional(z.never()),
});
/** https://www.rfc-editor.org/rfc/rfc7519#section-4.1 */
const body = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  nbf: z.optional(z.int()),
});

type Expected = Parameters<Oidc['prove']>[1];

/**
 * The algorithm is fixed here, and the issuer is the caller's: nothing that the token says chooses how it is judged. It may have
 * ended long ago: it tells who asked for it then, and gives no right to anything.
 */
export async function proveToken(
  token: string,
  { issuer, audience }: Expected,
  { http, clock }: { readonly http: Http; readonly clock: Pick<Clock, 'now'> },
): Promise<TokenProof> {
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token.length > LONGEST ? '' : token);
  const [, first = '', second = '', third = ''] = parts ?? [];
  const header = head.safeParse(jsonOf(first));
  const claimed = body.safeParse(jsonOf(second));
  const claims = parseClaims(token);
  if (!header.success || !claimed.success || claims === undefined)
    return refuse('form of the token', 'a token of a GitHub job', 'something else');
  const { alg, kid } = header.data;
  const { iss, aud, iat, exp, nbf = iat } = claimed.data;
  if (alg !== 'RS256') return refuse('algorithm of the token', 'RS256', alg);
  if (iss !== issuer) return refuse('issuer of the token', issuer, iss);
  if (aud !== audience) return refuse('audience of the token', audience, aud);
  const key = await fetchKey(http, issuer, kid);
  if (key === undefined) return refuse('key of the token', `a key that ${issuer} publishes`, kid);
  const signed = Buffer.from(`${first}.${second}`);
  const rsa = { key, padding: constants.RSA_PKCS1_PADDING };
  if (!verify('sha256', signed, rsa, Buffer.from(third, 'base64url')))
    return refuse('signature of the token', `that of the key ${kid}`, 'another one');
  const now = Math.floor(clock.now().getTime() / 1000);
  if (iat > now + SKEW || exp <= iat || exp - iat > LONGEST_LIFE || nbf > exp)
    return refuse(
      'times of the token',
      `issued before ${now}, for a day at most`,
      `issued ${iat}, until ${exp}`,
    );
  return { ok: true, claims };
}

function refuse(check: string, expected: string, actual: string): TokenProof {
  return { ok: false, check, expected, actual: actual.slice(0, LONGEST_SHOWN) };
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
  } catch {
    return undefined;
  }
}
