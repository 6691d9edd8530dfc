import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultEffect, Faults } from '../registry/faults.ts';
import { Blobs } from './blobs.ts';
import { type Attempt, type ShelvedArtifact, type Told, tell } from './shelf.ts';

/** What the runner gives to a step that is an action, so that it reaches the service. */
export type ResultsEnv = {
  readonly ACTIONS_RUNTIME_URL: string;
  readonly ACTIONS_RESULTS_URL: string;
  readonly ACTIONS_RUNTIME_TOKEN: string;
};

export type RunningResults = {
  readonly url: string;
  /** For all jobs of one run. A second call gives that of another attempt of it: "re-run failed jobs". */
  attempt(): ResultsEnv;
  /** For a run that has nothing to do with the others. */
  otherRun(): ResultsEnv;
  /** `POST CreateArtifact`, `PUT block`, `PUT blocklist`, `GET blob`, with the status of the answer: 0 = none. */
  readonly requests: readonly { readonly line: string; readonly status: number }[];
  /** Matched against `/twirp/…/CreateArtifact` and `/blobs/…?comp=block`. All effects but those of registries. */
  readonly faults: Faults;
  /** Also what was never finalized. */
  readonly artifacts: readonly ShelvedArtifact[];
  bytes(artifact: ShelvedArtifact): Buffer;
  /** Puts other bytes in the place of what an artifact holds, as who can write there may. */
  plant(artifact: ShelvedArtifact, bytes: Uint8Array): void;
  stop(): Promise<void>;
};

export type ResultsOptions = {
  /** Older services tell no digest; default: told. */
  readonly tellsDigests?: boolean;
};

const SERVICE = '/twirp/github.actions.results.api.v1.ArtifactService/';

/**
 * A stand-in of GitHub's results service and its blob store on loopback: Twirp in JSON, Azure's block blobs, signed addresses.
 * https://github.com/actions/toolkit/tree/main/packages/artifact
 */
export async function startResults(options: ResultsOptions = {}): Promise<RunningResults> {
  const root = mkdtempSync(join(tmpdir(), 'mr-results-'));
  const key = randomBytes(32);
  const blobs = new Blobs(root);
  const faults = new Faults();
  const artifacts: ShelvedArtifact[] = [];
  const requests: { line: string; status: number }[] = [];
  const runs: Attempt[][] = [[]];
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const token = (attempt: Attempt): string => {
    const claims = { scp: `Actions.ExampleScope Actions.Results:${attempt}:${randomUUID()}` };
    const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    return `${parts.join('.')}.${sign(parts.join('.'))}`;
  };
  /** The attempt that a token is for; undefined when it is none of ours. */
  const attemptOf = (authorization: string | undefined): Attempt | undefined => {
    const [head = '', body = '', signature] = authorization?.replace(/^Bearer /, '').split('.') ?? [];
    if (signature !== sign(`${head}.${body}`)) return undefined;
    const { scp } = JSON.parse(Buffer.from(body, 'base64url').toString());
    return /Actions\.Results:([^:]+):/.exec(scp)?.[1];
  };
  const tellRequest = async (request: IncomingMessage, method: string): Promise<Told> => {
    const fields = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const attempt = attemptOf(request.headers.authorization);
    if (attempt === undefined) return { status: 401, code: 'unauthenticated', msg: 'bad token' };
    const run = runs.find((attempts) => attempts.includes(attempt)) ?? [];
    if (!run.includes(fields.workflow_run_backend_id))
      return { status: 403, code: 'permission_denied', msg: 'not your run' };
    return tell(method, fields, {
      blobs,
      artifacts,
      runOf: () => run,
      signedUrl: (blob, rights) =>
        `${url}/blobs/${blob}/archive?${new URLSearchParams({ sp: rights, sig: sign(`${rights} ${blob}`) })}`,
      tellsDigests: options.tellsDigests ?? true,
    });
  };
  const serve = async (request: IncomingMessage, reply: Reply): Promise<void> => {
    const address = new URL(request.url ?? '/', url);
    if (request.method === 'POST' && address.pathname.startsWith(SERVICE)) {
      const told = await tellRequest(request, address.pathname.slice(SERVICE.length));
      const status = 'status' in told ? told.status : 200;
      const body = 'body' in told ? told.body : { code: told.code, msg: told.msg };
      return reply(status, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(body)));
    }
    const blob = /^\/blobs\/([0-9a-f-]+)\/archive$/.exec(address.pathname)?.[1] ?? '';
    const rights = request.method === 'GET' ? 'r' : 'w';
    if (address.searchParams.get('sig') !== sign(`${rights} ${blob}`))
      return reply(403, ...azureError('AuthenticationFailed'));
    if (request.method === 'PUT') {
      const { status, code } = await blobs.put(blob, address.searchParams, request);
      return reply(status, ...(code === undefined ? azureHeaders() : azureError(code)));
    }
    if (blobs.size(blob) === undefined) return reply(404, ...azureError('BlobNotFound'));
    const name = `${artifacts.find((artifact) => artifact.blob === blob)?.name}.zip`;
    const headers = {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    };
    return reply(200, headers, readFileSync(blobs.path(blob)));
  };
  const server = createServer((request, response) => {
    const entry = { line: nameOf(request), status: 0 };
    requests.push(entry);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    const effects = faults.take(request.method ?? 'GET', request.url ?? '/');
    void disturbed(request, response, effects, serve).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const envOf = (run: Attempt[]): ResultsEnv => {
    const attempt = randomUUID();
    run.push(attempt);
    return { ACTIONS_RUNTIME_URL: url, ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: token(attempt) };
  };
  return {
    url,
    attempt: () => envOf(runs[0] ?? []),
    otherRun: () => envOf(runs[runs.push([]) - 1] ?? []),
    requests,
    faults,
    artifacts,
    bytes: ({ blob }) => readFileSync(blobs.path(blob)),
    plant: ({ blob }, bytes) => writeFileSync(blobs.path(blob), bytes),
    stop: () =>
      new Promise((done) => {
        server.close(() => {
          rmSync(root, { recursive: true, force: true });
          done();
        });
        server.closeAllConnections();
      }),
  };
}

type Reply = (status: number, headers: Readonly<Record<string, string>>, body: Buffer) => void;

/** Serves a request, or does what it was told to do instead. */
async function disturbed(
  request: IncomingMessage,
  response: ServerResponse,
  effects: readonly FaultEffect[],
  serve: (request: IncomingMessage, reply: Reply) => Promise<void>,
): Promise<void> {
  const told = (kind: FaultEffect['do']): boolean => effects.some((effect) => effect.do === kind);
  for (const effect of effects) {
    if (effect.do === 'delay')
      await new Promise((done) => setTimeout(done, Math.max(...[effect.milliseconds].flat())).unref());
    else if (effect.do === 'hold') await effect.until;
    else if (effect.do === 'drop') return void request.socket.destroy();
    else if (effect.do === 'answer') {
      await request.toArray();
      return void response.writeHead(effect.status, effect.headers).end(effect.body);
    }
  }
  await serve(request, (status, headers, body) => {
    if (told('mute')) return void request.socket.destroy();
    const cut = effects.find((effect) => effect.do === 'truncate');
    const sent = told('corrupt') ? Buffer.from(body).fill(0, 0, 1) : body;
    response.writeHead(status, { ...headers, 'content-length': String(body.length) });
    if (cut === undefined) response.end(sent);
    else response.write(sent.subarray(0, cut.bytes), () => request.socket.destroy());
  });
}

function azureHeaders(): [Readonly<Record<string, string>>, Buffer] {
  return [{ 'x-ms-version': '2025-11-05', 'x-ms-request-id': randomUUID() }, Buffer.alloc(0)];
}

function azureError(code: string): [Readonly<Record<string, string>>, Buffer] {
  const [headers] = azureHeaders();
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return [{ ...headers, 'x-ms-error-code': code, 'content-type': 'application/xml' }, Buffer.from(xml)];
}

function nameOf({ method, url }: IncomingMessage): string {
  const address = new URL(url ?? '/', 'http://loopback');
  if (address.pathname.startsWith(SERVICE)) return `${method} ${address.pathname.slice(SERVICE.length)}`;
  return `${method} ${address.searchParams.get('comp') ?? 'blob'}`;
}
