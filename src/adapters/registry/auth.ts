import type { Clock } from '../../ports/clock.ts';
import { type Challenge, mergeScopes, parseChallenge } from './challenge.ts';
import { base64Pair, basicHeader, type FindLogin, type Login } from './credentials.ts';
import { drain, type Send } from './http.ts';
import { AddressError } from './redirect.ts';
import { readTokenAccess, type TokenAccess } from './schema.ts';
import { requestToken } from './token.ts';

type Bearer = Extract<Challenge, { scheme: 'bearer' }>;
type Token = { readonly value: string; readonly expiresAt: number };

type AuthOptions = {
  readonly send: Send;
  readonly endpoint: (registry: string) => URL;
  readonly findLogin: FindLogin;
  readonly clock: Pick<Clock, 'elapsed' | 'now'>;
  /** What must never be shown; everything learned here is added. */
  readonly secrets: Set<string>;
};

/** What the registry's door is like for these scopes. `access`: what a readable token grants. */
export type Standing = {
  readonly scheme: Challenge['scheme'] | 'none';
  readonly login: Login | undefined;
  readonly access: TokenAccess | undefined;
};

/**
 * Who we are at each registry: the challenge of `/v2/`, asked once, and tokens by scope until they expire.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #challenges = new Map<string, Promise<Challenge | undefined>>();
  readonly #tokens = new Map<string, Promise<Token>>();
  /** Scopes that a registry asked for beyond ours, by registry and ours. */
  readonly #asked = new Map<string, string>();

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /** The Authorization header for a request; undefined when the registry asks for none, or we have nothing to show. */
  async authorize(registry: string, scopes: readonly string[]): Promise<string | undefined> {
    const challenge = await this.#challengeOf(registry);
    if (challenge === undefined) return undefined;
    const login = await this.#login(registry);
    if (challenge.scheme === 'basic') return login?.kind === 'basic' ? basicHeader(login) : undefined;
    if (login?.kind === 'registry-token') return `Bearer ${login.token}`;
    return `Bearer ${(await this.#token(registry, challenge, scopes, login)).value}`;
  }

  /** After a 401 to `refused`: a new header, or undefined when there is nothing better to show. */
  async renew(
    registry: string,
    header: string | undefined,
    scopes: readonly string[],
    refused: string | undefined,
  ): Promise<string | undefined> {
    const challenge = parseChallenge(header);
    if (challenge === undefined) return undefined;
    this.#challenges.set(registry, Promise.resolve(challenge));
    if (challenge.scheme === 'bearer') {
      const id = key(registry, scopes);
      if (challenge.scope !== undefined) this.#asked.set(id, challenge.scope);
      const token = await this.#tokens.get(id)?.catch(() => undefined);
      // Another request may have renewed it already.
      if (token === undefined || `Bearer ${token.value}` === refused) this.#tokens.delete(id);
    }
    const renewed = await this.authorize(registry, scopes);
    return renewed === refused ? undefined : renewed;
  }

  async standing(registry: string, scopes: readonly string[]): Promise<Standing> {
    const challenge = await this.#challengeOf(registry);
    const login = await this.#login(registry);
    const header = await this.authorize(registry, scopes);
    const access =
      challenge?.scheme === 'bearer' && header !== undefined
        ? readTokenAccess(header.slice('Bearer '.length))
        : undefined;
    return { scheme: challenge?.scheme ?? 'none', login, access };
  }

  async #login(registry: string): Promise<Login | undefined> {
    const login = await this.#options.findLogin(registry);
    if (login === undefined) return undefined;
    const { secrets } = this.#options;
    secrets.add('password' in login ? login.password : login.token);
    if (login.kind === 'basic') secrets.add(base64Pair(login));
    return login;
  }

  #challengeOf(registry: string): Promise<Challenge | undefined> {
    const known = this.#challenges.get(registry) ?? this.#ping(registry);
    this.#challenges.set(registry, known);
    known.catch(() => this.#challenges.delete(registry));
    return known;
  }

  /** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support (end-1) */
  async #ping(registry: string): Promise<Challenge | undefined> {
    const url = new URL('/v2/', this.#options.endpoint(registry));
    const response = await this.#options.send({ method: 'GET', url, headers: {} });
    await drain(response.stream);
    if (response.status !== 401) return undefined;
    const challenge = parseChallenge(response.headers['www-authenticate']);
    // Its scope, where there is one, is an example (ghcr.io) and no demand.
    if (challenge?.scheme !== 'bearer') return challenge;
    const { scope: _, ...rest } = challenge;
    return rest;
  }

  #token(registry: string, challenge: Bearer, scopes: readonly string[], login?: Login): Promise<Token> {
    const id = key(registry, scopes);
    const get = async (known: Promise<Token> | undefined): Promise<Token> => {
      const token = await known?.catch(() => undefined);
      if (token !== undefined && token.expiresAt > this.#options.clock.elapsed()) return token;
      return this.#fetchToken(registry, challenge, mergeScopes(scopes, this.#asked.get(id)), login);
    };
    const token = get(this.#tokens.get(id));
    this.#tokens.set(id, token);
    token.catch(() => this.#tokens.delete(id));
    return token;
  }

  async #fetchToken(
    registry: string,
    challenge: Bearer,
    scopes: readonly string[],
    login?: Login,
  ): Promise<Token> {
    const { send, secrets, clock } = this.#options;
    const realm = this.#realmOf(registry, challenge);
    const started = clock.elapsed();
    const grant = await requestToken({
      send,
      realm,
      service: challenge.service,
      scopes,
      login,
      registry,
      secrets,
      now: clock.now(),
    });
    secrets.add(grant.token);
    // A tenth early, so that it does not expire on the way.
    return { value: grant.token, expiresAt: started + grant.seconds * 900 };
  }

  /** Credentials go to the realm: it must be as safe as the registry itself. */
  #realmOf(registry: string, { realm }: Bearer): URL {
    const own = this.#options.endpoint(registry);
    const url = URL.parse(realm, own.href);
    if (url === null) throw new AddressError(`${registry} names a token service that is no URL`);
    if (url.protocol !== 'https:' && url.protocol !== own.protocol)
      throw new AddressError(`${registry} is on https and names a token service that is not: ${url.host}`);
    return url;
  }
}

function key(registry: string, scopes: readonly string[]): string {
  return [registry, ...scopes].join(' ');
}
