import { isNativeError } from 'node:util/types';
import { ReleaseError } from '../../model/errors.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Authenticator } from './auth.ts';
import { failureOf, type Place, RegistryFailure, sanitize } from './failure.ts';
import { type Body, drain, type HttpRequest, readAll, type Send } from './http.ts';
import { AddressError, type Followed, sendFollowing } from './redirect.ts';
import type { Retrier } from './retry.ts';

/** One request to a repository, in the words of the distribution spec. */
export type Call = {
  readonly repository: Repository;
  /** What the token must allow. */
  readonly access: 'pull' | 'push';
  /** Another repository of the same registry that a blob is mounted from. */
  readonly from?: Repository;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/v2/NAME/`, or the whole address of an upload session. */
  readonly to: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Statuses that are an answer; any other is a failure. */
  readonly expect: readonly number[];
};

export type Answer = Pick<Followed, 'status' | 'headers' | 'url'>;
export type AnswerWithBytes = Answer & { readonly bytes: Uint8Array };

type TransportOptions = {
  readonly send: Send;
  readonly auth: Authenticator;
  readonly endpoint: (registry: string) => URL;
  readonly clock: Pick<Clock, 'now'>;
  readonly secrets: ReadonlySet<string>;
  readonly retrier: Retrier;
};

/** Sends calls with their credentials, and makes a RegistryFailure of every way in which one can fail. */
export class Transport {
  readonly retrying: Retrier;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.retrying = options.retrier;
  }

  /** With retries; the body of the answer is dropped. */
  call(call: Call): Promise<Answer> {
    return this.retrying(() => this.once(call));
  }

  /** With retries; the whole body, at most `limit` bytes. */
  bytes(call: Call, limit: number): Promise<AnswerWithBytes> {
    return this.retrying(() => this.onceBytes(call, limit));
  }

  /** One attempt; the whole body, at most `limit` bytes. */
  onceBytes(call: Call, limit: number): Promise<AnswerWithBytes> {
    return this.stream(call, async ({ status, headers, url, stream }) => ({
      status,
      headers,
      url,
      bytes: await readAll(stream, limit),
    }));
  }

  /** One attempt; the body of the answer is dropped. */
  once(call: Call): Promise<Answer> {
    return this.stream(call, async ({ status, headers, url, stream }) => {
      await drain(stream);
      return { status, headers, url };
    });
  }

  /** One attempt; `read` takes the body, and a connection that breaks meanwhile is a failure of the call. */
  stream<T>(call: Call, read: (response: Followed) => Promise<T>): Promise<T> {
    const place = placeOf(call);
    return this.attempt(place, async () => {
      const response = await this.#authorized(call);
      if (call.expect.includes(response.status)) return read(response);
      throw await failureOf(response, place, this.#options.secrets, this.#options.clock.now());
    });
  }

  /** Whatever goes wrong in the work, on the network or with an address, is a failure at this place. */
  async attempt<T>(place: Place, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#asFailure(place, error);
    }
  }

  /** The address of the registry's API root. */
  root(registry: string): URL {
    return new URL('/v2/', this.#options.endpoint(registry));
  }

  async #authorized(call: Call): Promise<Followed> {
    const { auth, send, endpoint } = this.#options;
    const { registry } = call.repository;
    const base = endpoint(registry);
    const url =
      typeof call.to === 'string'
        ? new URL(`${call.repository.path}/${call.to}`, this.root(registry))
        : call.to;
    const request = { method: call.method, url, headers: call.headers ?? {}, ...bodyOf(call) };
    // An upload session may live on another host, which then knows it by its address alone.
    if (url.origin !== base.origin) return sendFollowing(send, request);
    const scopes = scopesOf(call);
    const authorization = await auth.authorize(registry, scopes);
    const response = await sendFollowing(send, withHeader(request, authorization));
    if (response.status !== 401 || response.url.origin !== base.origin) return response;
    const renewed = await auth.renew(registry, response.headers['www-authenticate'], scopes, authorization);
    if (renewed === undefined) return response;
    await drain(response.stream);
    return sendFollowing(send, withHeader(request, renewed));
  }

  #asFailure(place: Place, error: unknown): unknown {
    if (error instanceof RegistryFailure || error instanceof ReleaseError || !isNativeError(error))
      return error;
    const reason = sanitize(error.message, this.#options.secrets);
    if (error instanceof AddressError || error instanceof RangeError)
      return new RegistryFailure({ ...place, reason, transient: false, cause: error });
    const code = errorCode(error);
    // Trouble with our own file, and not with the network.
    if ('path' in error || !/^(E[A-Z]|UND_|ERR_|HPE_|[A-Z]+_)/.test(code)) return error;
    return new RegistryFailure({ ...place, reason, transient: !isCertificateTrouble(code), cause: error });
  }
}

/** `ECONNRESET`, …; empty when there is none. */
export function errorCode(error: unknown): string {
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Codes of OpenSSL and Node that another attempt does not change. */
export function isCertificateTrouble(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^EPROTO$|^ERR_SSL/.test(code);
}

export function placeOf(call: Pick<Call, 'method' | 'repository'>): Place {
  return { method: call.method, target: formatRepository(call.repository), stage: 'registry' };
}

/** https://distribution.github.io/distribution/spec/auth/scope/ */
function scopesOf({ repository, access, from }: Call): readonly string[] {
  const own = `repository:${repository.path}:${access === 'push' ? 'pull,push' : 'pull'}`;
  return from === undefined ? [own] : [own, `repository:${from.path}:pull`];
}

function withHeader(request: HttpRequest, authorization: string | undefined): HttpRequest {
  return authorization === undefined
    ? request
    : { ...request, headers: { ...request.headers, authorization } };
}

function bodyOf({ body }: Call): { readonly body?: Body } {
  return body === undefined ? {} : { body };
}
