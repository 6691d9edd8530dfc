import * as http from 'node:http';
import * as https from 'node:https';
import type { HttpRequest } from '../../ports/http.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

/** The answer is larger than anybody asked for: the same would come again. */
export class TooLargeError extends Error {}

export type Send = (request: HttpRequest, limit: number) => Promise<Answer>;

type SendOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds without a byte after which an attempt has failed. */
  readonly idleMs: number;
  /** Milliseconds after which an attempt has failed, also when a byte comes now and then. */
  readonly wholeMs: number;
};

const CONNECTIONS_PER_HOST = 8;

/**
 * One request on the wire: no redirects, no retries. Proxies and certificates are Node's own business, as in the other
 * adapters (HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS).
 */
export function createSend({ env, idleMs, wholeMs }: SendOptions): Send {
  const options = { keepAlive: true, maxSockets: CONNECTIONS_PER_HOST, timeout: idleMs, proxyEnv: env };
  const plain = new http.Agent(options);
  const secure = new https.Agent(options);
  return ({ method, url, headers, body }, limit) =>
    new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const request = (isSecure ? https : http).request(url, {
        method,
        headers: { 'user-agent': 'module-release', ...headers, ...length },
        agent: isSecure ? secure : plain,
        signal: AbortSignal.timeout(wholeMs),
      });
      request.setTimeout(idleMs, () => request.destroy(timeoutError(idleMs)));
      request.on('error', (error) => reject(isAbort(error) ? timeoutError(wholeMs) : error));
      request.on('response', (incoming) => {
        read(incoming, limit).then(resolve, (error) => {
          request.destroy();
          reject(isAbort(error) ? timeoutError(wholeMs) : error);
        });
      });
      request.end(body);
    });
}

async function read(incoming: http.IncomingMessage, limit: number): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > limit) throw new TooLargeError(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

function timeoutError(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' });
}
