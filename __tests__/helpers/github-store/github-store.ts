import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Faults } from '../registry/faults.ts';
import { snappyCompress } from './snappy.ts';

export type StoreOptions = {
  /** What a request must carry as `Bearer …` or `token …`; default `ghs_store`. */
  readonly token?: string;
  /** The token's `attestations` permission; default `write`. */
  readonly permission?: 'write' | 'read' | 'none';
  /** By `Owner/Name`, which GitHub compares without case; default `Acme/Modules`, public, id 700100. */
  readonly repositories?: Readonly<Record<string, StoreRepository>>;
  /** True: bundles stand in the list, as until July 2026; default: `bundle` is null and `bundle_url` leads to it. */
  readonly inline?: boolean;
  /** Largest page, whatever per_page says; default 100. */
  readonly pageSize?: number;
  /** Bytes of a request's body; default 16 MiB. The API documents no limit; this is that of GitHub's own action. */
  readonly bodyLimit?: number;
  /** Default: a free one. */
  readonly port?: number;
};

export type StoreRepository = {
  readonly id: number;
  /** False: private, and the plan has no attestations. */
  readonly available?: boolean;
};

export type StoreRequest = {
  /** `POST /repos/Acme/Modules/attestations` */
  readonly line: string;
  readonly authorization: string | undefined;
  /** 0 while there is no answer, and when the connection was cut. */
  readonly status: number;
};

export type RunningStore = {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly token: string;
  readonly requests: readonly StoreRequest[];
  /** Those of the registry stand-in: `answer` with any status, `drop`, `delay`, `hold`. */
  readonly faults: Faults;
  /** What is stored, by repository (`owner/name` in lower case), oldest first. */
  stored(repository: string): readonly StoredBundle[];
  /** Puts a bundle in as it is, whatever it says: to find a tampered one. */
  plant(repository: string, digest: string, bundle: unknown): void;
  stop(): Promise<void>;
};

export type StoredBundle = {
  readonly id: number;
  /** `sha256:…` of every subject of its statement. */
  readonly digests: readonly string[];
  readonly predicateType: string | undefined;
  readonly bundle: unknown;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const DOCUMENTATION = 'https://docs.github.com/rest/repos/attestations';

/**
 * A stand-in of GitHub's attestation store on loopback: POST /repos/{owner}/{repo}/attestations and GET
 * …/attestations/{subject_digest}. https://docs.github.com/en/rest/repos/attestations
 */
export async function startGitHubStore(options: StoreOptions = {}): Promise<RunningStore> {
  const faults = new Faults();
  const requests: Mutable<StoreRequest>[] = [];
  const token = options.token ?? 'ghs_store';
  const repositories = options.repositories ?? { 'Acme/Modules': { id: 700100 } };
  const shelves = new Map(
    Object.entries(repositories).map(([name, repository]): [string, Shelf] => [
      name.toLowerCase(),
      { repository, bundles: [] },
    ]),
  );
  let url = '';
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    const entry = { line, authorization: request.headers.authorization, status: 0 };
    requests.push(entry);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    void serve({ request, response }, { url, token, options, shelves }, faults);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    requests,
    faults,
    stored: (repository) => shelves.get(repository.toLowerCase())?.bundles ?? [],
    plant(repository, digest, bundle) {
      const shelf = shelves.get(repository.toLowerCase());
      if (shelf === undefined) throw new Error(`no such repository: ${repository}`);
      shelf.bundles.push({ id: nextId(shelves), digests: [digest], predicateType: undefined, bundle });
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

type Shelf = { readonly repository: StoreRepository; readonly bundles: StoredBundle[] };
type State = {
  readonly url: string;
  readonly token: string;
  readonly options: StoreOptions;
  readonly shelves: ReadonlyMap<string, Shelf>;
};
type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** GitHub numbers attestations over all repositories. */
function nextId(shelves: State['shelves']): number {
  return 9_000_001 + [...shelves.values()].reduce((sum, { bundles }) => sum + bundles.length, 0);
}

const refused = (status: number, message: string): Answer => ({
  status,
  body: { message, documentation_url: DOCUMENTATION, status: String(status) },
});

async function serve(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  state: State,
  faults: Faults,
): Promise<void> {
  const effects = faults.take(request.method ?? 'GET', request.url ?? '/');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return; // The client went away.
  }
  for (const effect of effects) {
    if (effect.do === 'delay')
      await new Promise((done) => setTimeout(done, Math.max(...[effect.milliseconds].flat())).unref());
    else if (effect.do === 'hold') await effect.until;
    else if (effect.do === 'drop') return void response.destroy();
    else if (effect.do === 'answer')
      return void response.writeHead(effect.status, effect.headers).end(effect.body);
  }
  const { status, body, headers } = answer(request, Buffer.concat(chunks), state);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

const ROUTES = /^\/repos\/(?<name>[^/]+\/[^/]+)\/attestations(?:\/(?<digest>[^/]+))?$/;
const BLOBS = /^\/blobs\/(?<id>\d+)\.json\.sn$/;

function answer(request: IncomingMessage, body: Buffer, state: State): Answer {
  const url = new URL(request.url ?? '/', state.url);
  const blob = BLOBS.exec(url.pathname);
  if (blob !== null) return serveBlob(request, Number(blob.groups?.id), url, state);
  const { name, digest } = ROUTES.exec(url.pathname)?.groups ?? {};
  const { authorization } = request.headers;
  if (authorization?.replace(/^(Bearer|token) /i, '') !== state.token)
    return refused(401, authorization === undefined ? 'Requires authentication' : 'Bad credentials');
  const shelf = state.shelves.get(name?.toLowerCase() ?? '');
  if (shelf === undefined) return refused(404, 'Not Found');
  const permission = state.options.permission ?? 'write';
  if (request.method === 'POST' && digest === undefined)
    return permission === 'write'
      ? store(body, shelf, state)
      : refused(403, 'Resource not accessible by integration');
  if (request.method === 'GET' && digest !== undefined)
    return permission === 'none'
      ? refused(403, 'Resource not accessible by integration')
      : list(url, decodeURIComponent(digest), shelf, state);
  return refused(404, 'Not Found');
}

function store(body: Buffer, { repository, bundles }: Shelf, { options, shelves }: State): Answer {
  if (repository.available === false)
    return refused(
      422,
      'Feature not available for the Acme organization. To enable this feature, please upgrade the billing plan, or make this repository public.',
    );
  if (body.length > (options.bodyLimit ?? 16 * 1024 * 1024))
    return refused(422, 'Invalid Argument - too large');
  try {
    const { bundle } = JSON.parse(body.toString());
    if (!String(bundle.mediaType).startsWith('application/vnd.dev.sigstore.bundle'))
      return refused(422, `Invalid Argument - invalid media type: ${bundle.mediaType}`);
    if (typeof bundle.verificationMaterial !== 'object')
      return refused(422, 'Invalid Argument - no verification material');
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
    const digests: readonly string[] = statement.subject.map(
      ({ digest }: { digest: { sha256: string } }) => `sha256:${digest.sha256}`,
    );
    const id = nextId(shelves);
    bundles.push({ id, digests, predicateType: statement.predicateType, bundle });
    return { status: 201, body: { id } };
  } catch (error) {
    return refused(422, `Invalid Argument - ${error instanceof Error ? error.message : error}`);
  }
}

function list(url: URL, digest: string, { repository, bundles }: Shelf, state: State): Answer {
  const wanted = url.searchParams;
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return refused(422, 'Invalid Argument - invalid digest');
  const type = wanted.get('predicate_type');
  // Newest first; cursors are ids here, and opaque to a client.
  const found = bundles
    .filter(
      ({ digests, predicateType }) => digests.includes(digest) && (type ?? predicateType) === predicateType,
    )
    .toReversed();
  if (found.length === 0) return refused(404, 'Not Found');
  const limit = Math.min(Number(wanted.get('per_page') ?? 30), state.options.pageSize ?? 100);
  const after = Number(wanted.get('after') ?? Number.POSITIVE_INFINITY);
  const rest = found.filter(({ id }) => id < after);
  const page = rest.slice(0, limit);
  const next = new URL(url);
  next.searchParams.set('after', String(page.at(-1)?.id));
  const attestations = page.map(({ id, bundle }) => ({
    bundle: state.options.inline === true ? bundle : null,
    bundle_url: `${state.url}/blobs/${id}.json.sn?sig=presigned`,
    repository_id: repository.id,
    initiator: 'user',
  }));
  const headers = rest.length > page.length ? { link: `<${next}>; rel="next"` } : {};
  return { status: 200, body: { attestations }, headers };
}

/** What GitHub keeps on another host: the address is the permission, and a token has no business there. */
function serveBlob(request: IncomingMessage, id: number, url: URL, state: State): Answer {
  const found = [...state.shelves.values()]
    .flatMap(({ bundles }) => bundles)
    .find((stored) => stored.id === id);
  if (request.headers.authorization !== undefined || url.searchParams.get('sig') !== 'presigned')
    return refused(403, 'Server failed to authenticate the request.');
  if (found === undefined) return refused(404, 'The specified blob does not exist.');
  const body = snappyCompress(Buffer.from(JSON.stringify(found.bundle)));
  return { status: 200, body, headers: { 'content-type': 'application/x-snappy' } };
}
