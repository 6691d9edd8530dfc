import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Claims of a token by name; https://docs.github.com/en/actions/reference/security/oidc. Undefined leaves a claim out. */
export type Claims = Readonly<Record<string, string | number | undefined>>;

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/** Of a release of `Acme/Modules` by a tag, as GitHub's own tokens have them. */
export const GITHUB_CLAIMS = {
  actor: 'octocat',
  actor_id: '583231',
  base_ref: '',
  event_name: 'push',
  head_ref: '',
  job_workflow_ref: 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
  job_workflow_sha: '1234567890123456789012345678901234567890',
  ref: 'refs/tags/v1.2.3',
  ref_protected: 'false',
  ref_type: 'tag',
  repository: 'Acme/Modules',
  repository_id: '700100',
  repository_owner: 'Acme',
  repository_owner_id: '700200',
  repository_visibility: 'public',
  run_attempt: '1',
  run_id: '4242',
  run_number: '7',
  runner_environment: 'github-hosted',
  sha: '1234567890123456789012345678901234567890',
  sub: 'repo:Acme/Modules:ref:refs/tags/v1.2.3',
  workflow: 'Release',
  workflow_ref: 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
  workflow_sha: '1234567890123456789012345678901234567890',
} as const satisfies Claims;

export type OidcOptions = {
  /** Over the claims of GITHUB_CLAIMS; `iss`, `aud`, `exp`, `nbf` and `iat` too, to make wrong tokens. */
  readonly claims?: Claims;
  /**
   * The issuer's name in its tokens; default GitHub's, so that certificates look like real ones. `own`: its address, where those
   * find its keys who go by the name.
   */
  readonly issuer?: string | 'own';
  /** Where the issuer is on its host: `/_services/token` on a GitHub Enterprise Server. Default: nowhere below it. */
  readonly path?: string;
  /** Seconds that a token lives; default 300, as GitHub's. */
  readonly lifetime?: number;
  /** Default: a free one. */
  readonly port?: number;
};

export type RunningOidc = {
  /** Where `/.well-known/openid-configuration` is: what startSigstore wants as `issuer`. */
  readonly url: string;
  readonly issuer: string;
  /** What the runner puts into the environment of a job with `id-token: write`. */
  readonly env: {
    readonly ACTIONS_ID_TOKEN_REQUEST_URL: string;
    readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
  };
  /** Requests for a token so far. */
  readonly requests: readonly { readonly audience: string | undefined; readonly status: number }[];
  /** From now on these claims too. */
  setClaims(claims: Claims): void;
  /** A token without asking for it over HTTP, for tools that take one by flag. */
  token(audience?: string, claims?: Claims): string;
  /** So many (default: all) of the next requests for a token are answered with this status; 0 cuts the connection, -1 never answers. */
  failWith(status: number, times?: number): void;
  /** Whether the issuer publishes its keys no more. */
  hideKeys(hidden: boolean): void;
  /** No more failures. */
  heal(): void;
  stop(): Promise<void>;
};

/** A stand-in of the runner's OIDC token service and of its issuer, on loopback. */
export async function startOidc(options: OidcOptions = {}): Promise<RunningOidc> {
  let issuer = options.issuer ?? GITHUB_ISSUER;
  const { path = '' } = options;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  const bearer = `runner-${randomUUID()}`;
  const requests: { audience: string | undefined; status: number }[] = [];
  let claims: Claims = { ...GITHUB_CLAIMS, ...options.claims };
  let failure = { status: 0, left: 0 };
  let hidden = false;

  const token = (audience = 'sigstore', extra: Claims = {}): string => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 60, exp: now + (options.lifetime ?? 300) };
    const body = { jti: randomUUID(), iss: issuer, aud: audience, ...times, ...claims, ...extra };
    const parts = [{ typ: 'JWT', alg: 'RS256', kid }, body].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = sign('sha256', Buffer.from(parts.join('.')), privateKey);
    return [...parts, signature.toString('base64url')].join('.');
  };

  /** The status and the body; a token is given only as the runner gives it. */
  const answer = (url: URL, authorization: string | undefined): readonly [number, unknown] => {
    if (url.pathname === `${path}/.well-known/openid-configuration`)
      return [200, { issuer, jwks_uri: `${here()}${path}/.well-known/jwks` }];
    if (url.pathname === `${path}/.well-known/jwks`) {
      if (hidden) return [404, { message: 'not found' }];
      const jwk = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })).export({
        format: 'jwk',
      });
      return [200, { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] }];
    }
    if (url.pathname !== '/idtoken/4242/job') return [404, { message: 'not found' }];
    if (authorization !== `Bearer ${bearer}`) return [401, { message: 'unauthorized' }];
    if (failure.left > 0) {
      failure.left -= 1;
      return [failure.status, { message: `failed as it was told to: ${failure.status}` }];
    }
    // Without an audience GitHub takes the owner's address.
    return [200, { count: 1, value: token(url.searchParams.get('audience') ?? 'https://github.com/Acme') }];
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback');
    const [status, body] = answer(url, request.headers.authorization);
    if (url.pathname.startsWith('/idtoken/'))
      requests.push({ audience: url.searchParams.get('audience') ?? undefined, status });
    if (status === 0) return void request.socket.destroy();
    if (status === -1) return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const here = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `${here()}${path}`;
  if (issuer === 'own') issuer = url;
  return {
    url,
    issuer,
    env: {
      // The runner's address has a query already: the audience is appended with `&`.
      ACTIONS_ID_TOKEN_REQUEST_URL: `${here()}/idtoken/4242/job?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    requests,
    setClaims(more) {
      claims = { ...claims, ...more };
    },
    token,
    failWith(status, times = Number.POSITIVE_INFINITY) {
      failure = { status, left: times };
    },
    hideKeys(yes) {
      hidden = yes;
    },
    heal() {
      hidden = false;
      failure = { status: 0, left: 0 };
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
