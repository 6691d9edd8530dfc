import { basicHeader, type Login } from './credentials.ts';
import { failureOf, type Place, RegistryFailure } from './failure.ts';
import { type HttpRequest, readAll, type Send } from './http.ts';
import { sendFollowing } from './redirect.ts';
import { readTokenReply } from './schema.ts';

type TokenRequest = {
  readonly send: Send;
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly login: Login | undefined;
  readonly registry: string;
  readonly secrets: ReadonlySet<string>;
  readonly now: Date;
};

const TOKEN_REPLY_BYTES = 1024 * 1024;
/** What a token lives at least, where the answer does not say. */
const DEFAULT_SECONDS = 60;
const CLIENT_ID = 'module-release';

/**
 * Asks the token service: by GET with the password (or anonymously), by POST with an identity token.
 * https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function requestToken(ask: TokenRequest): Promise<{ token: string; seconds: number }> {
  const { login } = ask;
  const request = login?.kind === 'identity' ? exchange(ask, login.token) : query(ask);
  // A body with an identity token is not sent anywhere else than asked for.
  const response =
    request.method === 'POST' ? await ask.send(request) : await sendFollowing(ask.send, request);
  if (response.status !== 200) {
    throw await failureOf(response, place(ask, request), ask.secrets, ask.now);
  }
  const reply = readTokenReply(await readAll(response.stream, TOKEN_REPLY_BYTES));
  const token = reply?.token || reply?.access_token;
  if (!token || !/^[\x21-\x7e]+$/.test(token))
    throw new RegistryFailure({
      ...place(ask, request),
      reason: 'the answer holds no token',
      transient: false,
    });
  const seconds = reply?.expires_in ?? DEFAULT_SECONDS;
  return { token, seconds: seconds > 0 ? seconds : DEFAULT_SECONDS };
}

function place(ask: TokenRequest, { method }: HttpRequest): Place {
  const host = ask.realm.host === ask.registry ? '' : ` (${ask.realm.host})`;
  return { method, target: `${ask.registry}${host}`, stage: 'token' };
}

function query({ realm, service, scopes, login }: TokenRequest): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers: Record<string, string> = {};
  if (login?.kind === 'basic') {
    url.searchParams.set('account', login.username);
    headers.authorization = basicHeader(login);
  }
  return { method: 'GET', url, headers };
}

function exchange({ realm, service, scopes }: TokenRequest, identityToken: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    scope: scopes.join(' '),
    refresh_token: identityToken,
  });
  if (service !== undefined) form.set('service', service);
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: { kind: 'bytes', bytes: Buffer.from(form.toString()) },
  };
}
