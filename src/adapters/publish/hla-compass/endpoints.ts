import type { PublishEnv, PublishTarget } from '../../../model/publish.ts';

/** Without the version, which stands in each route. */
const APIS: Readonly<Record<PublishEnv, string>> = {
  dev: 'https://api.dev.alithea.bio',
  staging: 'https://api.staging.alithea.bio',
  prod: 'https://api.alithea.bio',
};

export type Platform = Extract<PublishTarget, { kind: 'hla-compass' }>;

/** Base address without a slash at its end. */
export function apiOf({ env, url }: Platform): string {
  return (url ?? APIS[env]).replace(/\/+$/, '');
}

export type Credential = {
  readonly headers: Readonly<Record<string, string>>;
  /** API keys have routes of their own since SDK 5. */
  readonly route: string;
};

const API_KEY = 'api-key:';

/** An access token as it is; an API key says so by `api-key:` before it. */
export function credentialOf(token: string): Credential {
  return token.startsWith(API_KEY)
    ? { headers: { 'x-api-key': token.slice(API_KEY.length) }, route: '/v1/api/modules/publish' }
    : { headers: { authorization: `Bearer ${token}` }, route: '/v1/modules/publish' };
}
