import { type Exchange, SpecError } from './exchange.ts';
import type { TokenService } from './token-service.ts';
import { readBasic } from './users.ts';

export type AuthOptions =
  | { readonly kind: 'basic'; readonly users: Readonly<Record<string, string>> }
  | {
      readonly kind: 'token';
      readonly tokens: TokenService;
      /** Default: `/token` of the registry itself. */
      readonly realm?: string;
      /** The scope that the challenge of `/v2/` names; ghcr.io has an example there. */
      readonly pingScope?: string;
      /** What comes before a repository's name in scopes: some proxies have names of their own. */
      readonly scopePrefix?: string;
      /** A good token that allows too little: 401 with a challenge (default), or 403 with these words. */
      readonly forbidden?: string;
    };

/** What a request needs to be allowed to do. */
export type Need = { readonly repository: string; readonly action: 'pull' | 'push' | 'delete' };

/** Lets a request in, or throws the answer that keeps it out. */
export function admit(exchange: Exchange, auth: AuthOptions | undefined, needs: readonly Need[]): void {
  if (auth === undefined) return;
  const header = exchange.header('authorization');
  if (auth.kind === 'basic') {
    if (readBasic(header, auth.users) === undefined) throw refusal(exchange, auth, needs);
    return;
  }
  const access = auth.tokens.check(header?.replace(/^bearer /i, '') ?? '');
  if (access === undefined)
    throw refusal(exchange, auth, needs, header === undefined ? undefined : 'invalid_token');
  const missing = needs.filter(
    ({ repository, action }) =>
      !access.some(
        ({ name, actions }) => name === `${auth.scopePrefix ?? ''}${repository}` && actions.includes(action),
      ),
  );
  if (missing.length === 0) return;
  if (auth.forbidden !== undefined) throw new SpecError(403, 'DENIED', auth.forbidden);
  throw refusal(exchange, auth, needs, 'insufficient_scope');
}

/** The 401 that names what would help. */
export function refusal(
  exchange: Exchange,
  auth: AuthOptions | undefined,
  needs: readonly Need[],
  error?: string,
): SpecError {
  const value =
    auth?.kind === 'token' ? bearer(exchange, auth, needs, error) : 'Basic realm="embedded registry"';
  return new SpecError(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': value });
}

function bearer(
  exchange: Exchange,
  auth: Extract<AuthOptions, { kind: 'token' }>,
  needs: readonly Need[],
  error?: string,
): string {
  const names = [...new Set(needs.map(({ repository }) => repository))];
  const scopes = names.map((name) => {
    const actions = needs.filter(({ repository }) => repository === name).map(({ action }) => action);
    return `repository:${auth.scopePrefix ?? ''}${name}:${actions.join(',')}`;
  });
  if (scopes.length === 0 && auth.pingScope !== undefined) scopes.push(auth.pingScope);
  return [
    `Bearer realm="${auth.realm ?? new URL('/token', exchange.url).href}",service="${auth.tokens.service}"`,
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(' ')}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
  ].join(',');
}
