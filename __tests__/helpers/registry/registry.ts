import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../../src/model/digest.ts';
import { openUpload, requireDigestForm, serveBlob, serveUpload } from './blobs.ts';
import { type AuthOptions, admit, type Need, refusal } from './doorman.ts';
import { Exchange, type RequestLog, SpecError } from './exchange.ts';
import { Faults } from './faults.ts';
import { type Hidden, serveManifest, servePage } from './manifests.ts';
import { type ReferrersApi, serveReferrers } from './referrers.ts';
import { Store } from './store.ts';

export type { RequestLog } from './exchange.ts';

export type RegistryOptions = {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: anybody may do anything. */
  readonly auth?: AuthOptions;
  /** The referrers API of OCI 1.1; default true. */
  readonly referrers?: boolean | ReferrersApi;
  /** Whether it says by OCI-Subject that it lists a referrer by itself; default: when it has the API. */
  readonly tellsSubject?: boolean;
  /** Default true; false: a mount opens an upload session. */
  readonly mounts?: boolean;
  /** Default true; false: pushing to a repository that is not in `repositories` is NAME_UNKNOWN (Amazon ECR). */
  readonly createsRepositories?: boolean;
  readonly repositories?: readonly string[];
  /** https with this key and certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type Catalogue = Readonly<
  Record<
    string,
    {
      readonly tags: Readonly<Record<string, Digest>>;
      readonly manifests: readonly Digest[];
      readonly blobs: readonly Digest[];
    }
  >
>;

export type RunningRegistry = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Every request so far, in the order they came. */
  readonly requests: readonly RequestLog[];
  readonly faults: Faults;
  readonly store: Store;
  catalogue(): Catalogue;
  /** Ends the registry and removes what it stores. */
  stop(): Promise<void>;
};

/** An OCI distribution 1.1 registry on loopback, with faults on demand. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const store = await Store.create();
  for (const name of options.repositories ?? []) store.provide(name);
  const faults = new Faults();
  const requests: RequestLog[] = [];
  const hidden: Hidden = new Map();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const method = request.method ?? 'GET';
    const path = request.url ?? '/';
    const scheme = request.headers.authorization?.split(' ')[0]?.toLowerCase();
    const authorization = scheme === 'basic' || scheme === 'bearer' ? scheme : 'none';
    const log: RequestLog = { method, path, bodyBytes: 0, status: 0, isOver: false, authorization };
    requests.push(log);
    const exchange = new Exchange(request, response, log, faults.take(method, path));
    const { auth } = options;
    const asksForToken = auth?.kind === 'token' && path.startsWith('/token');
    response.on('finish', () => {
      log.status = response.statusCode;
    });
    void answer(exchange, () =>
      asksForToken
        ? auth.tokens.handle(request, response)
        : route(exchange, { options, store, faults, hidden }),
    );
  };
  const server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  // Docker tries https first, and goes on with http only when it is answered in plain text.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  const port = await listen(server, options.port ?? 0);
  return {
    host: `127.0.0.1:${port}`,
    requests,
    faults,
    store,
    catalogue: () => catalogueOf(store),
    stop: async () => {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
      await store.remove();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

type State = {
  readonly options: RegistryOptions;
  readonly store: Store;
  readonly faults: Faults;
  readonly hidden: Hidden;
};

function lengthOf(milliseconds: number | readonly [number, number]): number {
  if (typeof milliseconds === 'number') return milliseconds;
  const [from, to] = milliseconds;
  return from + Math.random() * (to - from);
}

/** Serves the request, as far as its faults let it. */
async function answer(exchange: Exchange, serve: () => Promise<void>): Promise<void> {
  try {
    const delay = exchange.effect('delay');
    if (delay !== undefined)
      await new Promise((done) => setTimeout(done, lengthOf(delay.milliseconds)).unref());
    const hold = exchange.effect('hold');
    if (hold !== undefined) {
      await exchange.arrive();
      await hold.until;
    }
    if (exchange.effect('drop')?.afterBytes === 0) return exchange.drop();
    const fixed = exchange.effect('answer');
    if (fixed !== undefined)
      return await exchange.reply(fixed.status, fixed.headers, Buffer.from(fixed.body ?? ''));
    await serve();
  } catch (error) {
    if (error instanceof SpecError) await exchange.error(error).catch(() => exchange.drop());
    else exchange.drop();
  } finally {
    exchange.log.isOver = true;
  }
}

const ROUTES =
  /^\/v2\/(?:_catalog|(?<name>[a-z0-9._/-]+)\/(?:(?<kind>manifests|blobs|referrers)\/(?<reference>[^/]+)|(?<list>tags\/list)|blobs\/(?<uploads>uploads)\/(?<session>[^/]*)))?$/;

async function route(exchange: Exchange, { options, store, faults, hidden }: State): Promise<void> {
  const { auth } = options;
  const match = ROUTES.exec(exchange.url.pathname);
  if (match === null) throw new SpecError(404, 'NAME_INVALID', 'no such endpoint');
  const { name, kind, reference = '', list, uploads, session } = match.groups ?? {};
  const needs = needsOf(exchange, name);
  if (exchange.effect('unauthorized') !== undefined) throw refusal(exchange, auth, needs, 'invalid_token');
  admit(exchange, auth, needs);
  if (name === undefined) {
    if (exchange.url.pathname === '/v2/') return exchange.json(200, {});
    return servePage(exchange, [...store.repositories.keys()], (repositories) => ({ repositories }));
  }
  const isKnown = store.find(name) !== undefined;
  if (!isKnown && (options.createsRepositories === false || list !== undefined))
    throw new SpecError(404, 'NAME_UNKNOWN', `the repository with name '${name}' does not exist`);
  if (list !== undefined)
    return servePage(exchange, [...store.provide(name).tags.keys()], (tags) => ({ name, tags }));
  const place = { store, name, mounts: options.mounts ?? true };
  if (uploads !== undefined)
    return session === '' ? openUpload(exchange, place) : serveUpload(exchange, place, session ?? '');
  const { hiddenReads } = faults;
  const referrers = options.referrers ?? true;
  const shelf = {
    store,
    name,
    hidden,
    hiddenReads,
    tellsSubject: options.tellsSubject ?? referrers !== false,
  };
  if (kind === 'manifests') return serveManifest(exchange, shelf, reference);
  if (kind === 'blobs') return serveBlob(exchange, place, reference);
  if (referrers === false) throw new SpecError(404, 'UNSUPPORTED', 'the operation is unsupported');
  const api = referrers === true ? {} : referrers;
  return serveReferrers(exchange, shelf, requireDigestForm(reference), api);
}

function needsOf(exchange: Exchange, name: string | undefined): readonly Need[] {
  if (name === undefined) return [];
  const { method } = exchange;
  if (method === 'GET' || method === 'HEAD') return [{ repository: name, action: 'pull' }];
  if (method === 'DELETE' && !exchange.url.pathname.includes('/uploads/'))
    return [{ repository: name, action: 'delete' }];
  const from = exchange.url.searchParams.get('from');
  const push: Need[] = [
    { repository: name, action: 'pull' },
    { repository: name, action: 'push' },
  ];
  return from === null ? push : [...push, { repository: from, action: 'pull' }];
}

function catalogueOf(store: Store): Catalogue {
  return Object.fromEntries(
    [...store.repositories].map(([name, { tags, manifests, blobs }]) => [
      name,
      { tags: Object.fromEntries(tags), manifests: [...manifests.keys()], blobs: [...blobs] },
    ]),
  );
}
