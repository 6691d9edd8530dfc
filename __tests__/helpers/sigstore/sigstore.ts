import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Authority, BadRequest, createAuthority, readRequest } from './certificates.ts';
import { type SigningServices, signingConfigText, trustedRootText } from './documents.ts';
import { type Service, type SigstoreFault, SigstoreFaults } from './faults.ts';
import { BadEntry } from './log-entries.ts';
import { TileLog } from './tile-log.ts';
import { createTimestampAuthority, type TimestampAuthority } from './timestamps.ts';
import { TransparencyLog } from './transparency-log.ts';

export type { Service, SigstoreFault } from './faults.ts';

export type SigstoreOptions = {
  /** Address of the issuer whose tokens Fulcio takes: `url` of startOidc. */
  readonly issuer: string;
  /** Default: a free one. */
  readonly port?: number;
};

export type SigstoreRequest = {
  readonly service: Service;
  readonly method: string;
  readonly path: string;
  /** 0 while there is no answer, and when the connection was cut. */
  readonly status: number;
};

export type RunningSigstore = {
  /** Fulcio, Rekor and the TSA are all here. */
  readonly url: string;
  /** Text of a trusted root; that of another stand-in is "another trust root". */
  readonly trustedRoot: string;
  /** Text of a signing config v0.2. */
  signingConfig(services?: SigningServices): string;
  /** In the order they came. */
  readonly requests: readonly SigstoreRequest[];
  /** So many requests for each service. */
  counts(): Readonly<Record<Service, number>>;
  /** Entries in both logs. */
  readonly logSize: number;
  fail(fault: SigstoreFault): void;
  delay(service: Service, milliseconds: number): void;
  /** Milliseconds that Fulcio's clock is off: at -3 h it issues certificates that have expired before they can be used. */
  setFulcioClock(offset: number): void;
  /** Milliseconds that the clocks of all services are ahead: what is signed then is of another day. */
  setClocks(offset: number): void;
  /** No more faults and delays, and the right time. */
  heal(): void;
  stop(): Promise<void>;
};

/**
 * Fulcio with its CT log, Rekor (a log of API v1 and one of v2) and a timestamp authority on one loopback address: real certificates with SCT and the
 * extensions of GitHub's tokens, log entries with inclusion proof and checkpoint (v1: SET too), RFC 3161 timestamps.
 */
export async function startSigstore(options: SigstoreOptions): Promise<RunningSigstore> {
  const faults = new SigstoreFaults();
  const requests: Mutable<SigstoreRequest>[] = [];
  let offset = 0;
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const authority = await createAuthority(() => new Date(now().getTime() + offset));
  const timestamps = await createTimestampAuthority(now);
  const tiles = new TileLog('127.0.0.1');
  let log: TransparencyLog | undefined;
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const service = serviceOf(path);
    if (service === undefined || log === undefined) return void response.writeHead(404).end();
    const entry = { service, method: request.method ?? 'GET', path: request.url ?? '', status: 0 };
    requests.push(entry);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    const state = { log, tiles, authority, timestamps, issuer: options.issuer, now };
    void serve(service, { request, response }, state, faults);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  const running = new TransparencyLog(host);
  log = running;
  return {
    url,
    trustedRoot: trustedRootText({
      url,
      fulcioRoot: authority.root,
      ctLog: authority.ctLog,
      logs: [running, tiles],
      timestampChain: timestamps.chain,
    }),
    signingConfig: (services = {}) => signingConfigText(url, options.issuer, services),
    requests,
    counts: () => {
      const counts = { fulcio: 0, rekor: 0, tsa: 0 };
      for (const { service } of requests) counts[service] += 1;
      return counts;
    },
    get logSize() {
      return running.size + tiles.size;
    },
    fail: (fault) => faults.add(fault),
    delay: (service, milliseconds) => faults.delay(service, milliseconds),
    setFulcioClock(milliseconds) {
      offset = milliseconds;
    },
    setClocks(milliseconds) {
      ahead = milliseconds;
    },
    heal() {
      faults.clear();
      offset = 0;
      ahead = 0;
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
type State = {
  readonly log: TransparencyLog;
  readonly tiles: TileLog;
  readonly authority: Authority;
  readonly timestamps: TimestampAuthority;
  readonly issuer: string;
  readonly now: () => Date;
};
type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

function serviceOf(path: string): Service | undefined {
  if (path === '/api/v2/signingCert') return 'fulcio';
  if (path === '/api/v1/timestamp') return 'tsa';
  return path.startsWith('/api/v1/log') || path === '/api/v2/log/entries' ? 'rekor' : undefined;
}

async function serve(
  service: Service,
  { request, response }: Exchange,
  state: State,
  faults: SigstoreFaults,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return; // The client went away.
  }
  await new Promise((done) => setTimeout(done, faults.delayOf(service)).unref());
  const body = Buffer.concat(chunks);
  // Reading an entry back is not what fails: a conflict is then found to be a success.
  const fault = request.method === 'POST' ? faults.take(service) : undefined;
  const isConflict = service === 'rekor' && fault?.status === 409;
  if (fault !== undefined && !isConflict && fault.afterWork !== true) return send(response, failed(fault));
  let answer: Answer;
  try {
    answer = await SERVICES[service](request, body, state);
    if (isConflict && answer.status === 201) answer = conflict(answer.headers?.location ?? '');
  } catch (error) {
    const status = error instanceof BadRequest ? error.status : error instanceof BadEntry ? 400 : 500;
    answer = {
      status,
      body: { code: status, message: error instanceof Error ? error.message : String(error) },
    };
  }
  send(response, fault?.afterWork === true ? failed(fault) : answer);
}

const failed = ({ status, headers }: SigstoreFault): Answer => ({
  status,
  body: { code: status, message: 'failed as it was told to' },
  ...(headers === undefined ? {} : { headers }),
});

function conflict(location: string): Answer {
  const message = `an equivalent entry already exists in the transparency log with UUID ${location.split('/').pop()}`;
  return { status: 409, body: { code: 409, message }, headers: { location } };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (status === 0) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

type Serve = (request: IncomingMessage, body: Buffer, state: State) => Promise<Answer>;

const SERVICES: Readonly<Record<Service, Serve>> = {
  async fulcio(request, body, { authority, issuer }) {
    const wanted = await readRequest(body.toString(), request.headers.authorization, issuer);
    const certificates = await authority.issue(wanted);
    // The real one answers 200, and cosign insists on it.
    return { status: 200, body: { signedCertificateEmbeddedSct: { chain: { certificates } } } };
  },
  async tsa(request, body, { timestamps }) {
    const reply = await timestamps.timestamp(body, request.headers['content-type'] ?? '');
    return { status: 201, body: reply, headers: { 'content-type': 'application/timestamp-reply' } };
  },
  async rekor(request, body, { log, tiles, now }) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://loopback');
    if (pathname.startsWith('/api/v2')) return { status: 201, body: tiles.add(parsed(body)) };
    const [kind, uuid] = pathname.slice('/api/v1/log/'.length).split('/');
    if (request.method === 'POST' && kind === 'entries' && uuid === undefined) return enter(log, body, now());
    if (request.method === 'POST' && uuid === 'retrieve') return retrieve(log, body);
    if (kind === 'publicKey') {
      const body = Buffer.from(log.publicKeyPem);
      return { status: 200, body, headers: { 'content-type': 'application/x-pem-file' } };
    }
    const wanted = uuid ?? Number(searchParams.get('logIndex'));
    const found = kind === 'entries' ? log.find(wanted) : undefined;
    return found === undefined
      ? { status: 404, body: { code: 404, message: 'entry not found' } }
      : { status: 200, body: { [found.uuid]: found.entry } };
  },
};

function enter(log: TransparencyLog, body: Buffer, now: Date): Answer {
  const { uuid, added } = log.add(parsed(body), now);
  const location = `/api/v1/log/entries/${uuid}`;
  if (!added) return conflict(location);
  return { status: 201, body: { [uuid]: log.find(uuid)?.entry }, headers: { location, etag: uuid } };
}

function retrieve(log: TransparencyLog, body: Buffer): Answer {
  const {
    entryUUIDs = [],
    logIndexes = [],
    entries = [],
  } = parsed(body) as {
    entryUUIDs?: string[];
    logIndexes?: number[];
    entries?: unknown[];
  };
  const found = [
    ...[...entryUUIDs, ...logIndexes].map((wanted) => log.find(wanted)),
    ...entries.map((proposed) => log.findEquivalent(proposed)),
  ];
  return {
    status: 200,
    body: found.filter((hit) => hit !== undefined).map(({ uuid, entry }) => ({ [uuid]: entry })),
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new BadEntry('the request is no JSON');
  }
}
