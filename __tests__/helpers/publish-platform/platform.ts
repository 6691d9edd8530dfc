import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Faults } from '../registry/faults.ts';
import { Jobs } from './jobs.ts';

export type PlatformOptions = {
  /** What `Authorization: Bearer` or `X-API-Key` must carry; default `access-token`. */
  readonly token?: string;
  /** Namespaces that images may come from, such as `ghcr.io/acme/`; default: all. */
  readonly allowed?: readonly string[];
  readonly trustedSigners?: readonly unknown[];
  /** Puts every answer into `{success, data}`. */
  readonly envelope?: boolean;
};

export type PlatformRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names as they came, in their order. */
  readonly headerNames: readonly string[];
  readonly body: string;
  /** 0 while there is no answer, and when the connection was cut. */
  readonly status: number;
};

export type RunningPlatform = {
  readonly url: string;
  readonly token: string;
  readonly requests: readonly PlatformRequest[];
  /** Posts that were no dry runs. */
  readonly publishes: () => readonly PlatformRequest[];
  readonly jobs: Jobs;
  /** `answer`, `drop`, `mute` (done, and then no answer), `delay`, `hold`; besides those the two of `trouble`. */
  readonly faults: Faults;
  /** What is done, and then answered otherwise: a status, or so many bytes without an end of JSON. */
  readonly trouble: { status?: number; flood?: number }[];
  stop(): Promise<void>;
};

const ROUTE = /^\/v1\/(?:api\/)?modules\/publish(?:\/(.+))?$/;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Reply = { readonly status: number; readonly body: unknown };

/** A stand-in of the publish platform on loopback, which fails on demand and counts what it has taken. */
export async function startPlatform(options: PlatformOptions = {}): Promise<RunningPlatform> {
  const token = options.token ?? 'access-token';
  const requests: Mutable<PlatformRequest>[] = [];
  const faults = new Faults();
  const jobs = new Jobs();
  const trouble: { status?: number; flood?: number }[] = [];

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = incoming;
    const entry: Mutable<PlatformRequest> = {
      method,
      path: url,
      headers: incoming.headers,
      headerNames: incoming.rawHeaders.filter((_, i) => i % 2 === 0),
      body: '',
      status: 0,
    };
    requests.push(entry);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    const effects = faults.take(method, url);
    for (const effect of effects) {
      if (effect.do === 'drop') return void incoming.socket.destroy();
      if (effect.do === 'delay')
        await new Promise((done) => setTimeout(done, [effect.milliseconds].flat()[0]));
      if (effect.do === 'hold') await effect.until;
    }
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    entry.body = body;
    const answer = effects.find((effect) => effect.do === 'answer');
    if (answer?.do === 'answer') {
      response.writeHead(answer.status, answer.headers);
      return void response.end(answer.body);
    }
    const reply = replyTo(entry);
    if (effects.some((effect) => effect.do === 'mute')) return void incoming.socket.destroy();
    const { status, flood } = method === 'POST' && !isDryRun(body) ? (trouble.shift() ?? {}) : {};
    if (flood !== undefined) return pour(response, flood);
    response.writeHead(status ?? reply.status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        options.envelope && reply.status < 400 ? { success: true, data: reply.body } : reply.body,
      ),
    );
  };

  const replyTo = ({ method, path, headers, body }: PlatformRequest): Reply => {
    const given = headers['x-api-key'] ?? String(headers.authorization ?? '').replace(/^Bearer /, '');
    if (given !== token) return refuse(401, 'UNAUTHENTICATED', 'Token is not valid');
    const [, id] = ROUTE.exec(path) ?? [];
    if (!ROUTE.test(path)) return refuse(404, 'NOT_FOUND', 'No such route');
    if (method === 'GET') {
      const job = jobs.poll(decodeURIComponent(id ?? ''));
      return job === undefined ? refuse(404, 'NOT_FOUND', 'No such job') : { status: 200, body: job };
    }
    const { imageRef, manifest, dryRun } = JSON.parse(body);
    if (options.allowed?.every((namespace) => !imageRef.startsWith(namespace)))
      return refuse(403, 'REGISTRY_UNAUTHORIZED', 'Registry not in allowlist');
    if (dryRun === true)
      return { status: 200, body: { message: 'ok', trustedSigners: options.trustedSigners } };
    const { name, version } = manifest;
    const key = String(headers['idempotency-key']);
    const taken = jobs.take({ key, name, version, imageRef, bytes: body });
    if (taken.kind === 'reused')
      return refuse(409, 'IDEMPOTENCY_KEY_REUSED', 'The key came with another body');
    if (taken.kind === 'exists') {
      const details = { imageRef: taken.job.imageRef };
      return {
        status: 409,
        body: { error: { code: 'VERSION_EXISTS', message: `${version} exists`, details } },
      };
    }
    return { status: 202, body: { publishId: taken.job.publishId, status: 'pending', state: 'PENDING' } };
  };

  const server = createServer(
    (incoming, response) => void serve(incoming, response).catch(() => response.destroy()),
  );
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    requests,
    publishes: () => requests.filter(({ method, body }) => method === 'POST' && !isDryRun(body)),
    jobs,
    faults,
    trouble,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function isDryRun(body: string): boolean {
  return /"dryRun": ?true/.test(body);
}

function refuse(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}

/** So many bytes, as fast as they are taken. */
function pour(response: ServerResponse, bytes: number): void {
  response.writeHead(202, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end('{}');
  };
  more();
}
