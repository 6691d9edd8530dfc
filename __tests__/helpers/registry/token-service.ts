import { randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCertificate, type KeyAndCertificate } from './certificate.ts';
import { readBasic } from './users.ts';

export type Access = { readonly type: string; readonly name: string; readonly actions: readonly string[] };

export type TokenServiceOptions = {
  /** User name → password. */
  readonly users: Readonly<Record<string, string>>;
  /** Identity token → user name, for the POST form. */
  readonly identityTokens?: Readonly<Record<string, string>>;
  /** What a user may do in a repository; default everything for users, nothing for nobody. */
  readonly grant?: (user: string | undefined, repository: string) => readonly string[];
  /** `jwt`: readable and signed, as distribution's are. `opaque`: as ghcr.io's are. */
  readonly form?: 'jwt' | 'opaque';
  /** A scope that is not fully granted: a narrower token (default), or 403. */
  readonly denied?: 'narrow' | 'refuse';
  /** Seconds. */
  readonly expiresIn?: number;
  /** Which field of the answer holds the token. */
  readonly field?: 'token' | 'access_token';
  readonly service?: string;
};

/** One answered token request. Never holds the password. */
export type TokenRequest = {
  readonly method: string;
  readonly scopes: readonly string[];
  readonly user: string | undefined;
  readonly status: number;
};

/** Making a key takes longer than most tests. */
let sharedKeys: KeyAndCertificate | undefined;

/** A stand-in of a registry's token service. https://distribution.github.io/distribution/spec/auth/token/ */
export class TokenService {
  readonly requests: TokenRequest[] = [];
  readonly service: string;
  readonly issuer = 'module-release test issuer';
  readonly #options: TokenServiceOptions;
  readonly #issued = new Map<string, { readonly access: readonly Access[]; readonly expires: number }>();

  constructor(options: TokenServiceOptions) {
    this.#options = options;
    this.service = options.service ?? 'registry.test';
  }

  /** The certificate whose key signs the tokens: distribution's `rootcertbundle`. */
  get certificatePem(): string {
    return this.#keys.certificatePem;
  }

  /** What a token allows; undefined when it is not ours, or no longer good. */
  check(token: string): readonly Access[] | undefined {
    const issued = this.#issued.get(token);
    return issued !== undefined && issued.expires > Date.now() ? issued.access : undefined;
  }

  /** Every token given so far is refused from now on. */
  revokeAll(): void {
    this.#issued.clear();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
    const scopes = form.getAll('scope').flatMap((scope) => scope.split(' ').filter(Boolean));
    const user = request.method === 'POST' ? this.#exchange(form) : this.#login(request);
    const [status, answer] = this.#answer(user, scopes, form.get('service'));
    this.requests.push({ method: request.method ?? '', scopes, user: user?.name, status });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  #answer(user: User | undefined, scopes: readonly string[], service: string | null): [number, unknown] {
    if (user === undefined) return [401, failure('UNAUTHORIZED', 'authentication required')];
    if (service !== this.service) return [400, failure('UNSUPPORTED', `unknown service: ${service}`)];
    const asked = scopes.map(parseScope);
    const access = asked.map((one) => this.#narrow(user, one));
    const isNarrower = access.some(({ actions }, i) => actions.length < (asked[i]?.actions.length ?? 0));
    if (isNarrower && this.#options.denied === 'refuse')
      return [403, failure('DENIED', 'requested access to the resource is denied')];
    const seconds = this.#options.expiresIn ?? 300;
    const granted = access.filter(({ actions }) => actions.length > 0);
    const token =
      this.#options.form === 'opaque' ? randomUUID().repeat(3) : this.#sign(user, granted, seconds);
    this.#issued.set(token, { access: granted, expires: Date.now() + seconds * 1000 });
    return [200, { [this.#options.field ?? 'token']: token, expires_in: seconds }];
  }

  #narrow(user: User, { type, name, actions }: Access): Access {
    const grant =
      this.#options.grant ?? ((who) => (who === undefined ? [] : ['pull', 'push', 'delete', '*']));
    const allowed = grant(user.name, name);
    return { type, name, actions: actions.filter((action) => allowed.includes(action)) };
  }

  /** Undefined for wrong credentials; a user without a name for none. */
  #login(request: IncomingMessage): User | undefined {
    if (request.headers.authorization === undefined) return { name: undefined };
    const name = readBasic(request.headers.authorization, this.#options.users);
    return name === undefined ? undefined : { name };
  }

  #exchange(form: URLSearchParams): User | undefined {
    if (form.get('grant_type') !== 'refresh_token') return undefined;
    const name = this.#options.identityTokens?.[form.get('refresh_token') ?? ''];
    return name === undefined ? undefined : { name };
  }

  #sign(user: User, access: readonly Access[], seconds: number): string {
    const now = Math.floor(Date.now() / 1000);
    const x5c = [this.#keys.certificateDer.toString('base64')];
    const header = { typ: 'JWT', alg: 'RS256', x5c };
    const claims = {
      iss: this.issuer,
      sub: user.name ?? '',
      aud: this.service,
      exp: now + Math.max(1, seconds),
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const body = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${body}.${sign('sha256', Buffer.from(body), this.#keys.privateKey).toString('base64url')}`;
  }

  get #keys(): KeyAndCertificate {
    sharedKeys ??= createCertificate();
    return sharedKeys;
  }
}

type User = { readonly name: string | undefined };

function parseScope(scope: string): Access {
  const [type = '', ...rest] = scope.split(':');
  const actions = rest.pop()?.split(',') ?? [];
  return { type, name: rest.join(':'), actions };
}

function failure(code: string, message: string): unknown {
  return { errors: [{ code, message }] };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export type RunningTokenService = {
  readonly tokens: TokenService;
  /** `http://127.0.0.1:PORT/token` */
  readonly realm: string;
  stop(): Promise<void>;
};

/** The token service on a port of its own, as Docker Hub has it. */
export async function startTokenService(options: TokenServiceOptions): Promise<RunningTokenService> {
  const tokens = new TokenService(options);
  const server = createServer((request, response) => void tokens.handle(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { tokens, realm: `http://127.0.0.1:${port}/token`, stop };
}
