import { createReadStream } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What goes up: bytes in memory, or a file from `start` to its end (`size` = bytes that are sent). */
export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly start: number; readonly size: number };

export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
};

/** The stream must be read or destroyed by the receiver. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly stream: Readable;
};

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** Milliseconds. `idle`: no byte moves in either direction, also while a registry hashes what it was sent. */
export type Timeouts = { readonly idle: number };

/** Measured: larger chunks are no faster on loopback, smaller ones cost CPU; bounds memory at about 2 × this × uploads. */
const CHUNK_BYTES = 1024 * 1024;
/** What is read of an answer that came before the whole body was sent. */
const EARLY_ANSWER_BYTES = 64 * 1024;
const CONNECTIONS_PER_HOST = 8;
const UNUSED_MS = 30_000;

/**
 * One request on the wire: no redirects, no retries, no credentials of its own. `fetch` is not used, because its stream
 * bodies take three times the memory. Proxies are Node's own business (HTTPS_PROXY, NO_PROXY; Node 24.5 and newer), and
 * so are certificates (NODE_EXTRA_CA_CERTS).
 */
export function createSend(env: Readonly<Record<string, string | undefined>>, timeouts: Timeouts): Send {
  // `timeout` closes connections that nobody uses: firewalls forget them without a word during a long build.
  const options = { keepAlive: true, maxSockets: CONNECTIONS_PER_HOST, timeout: UNUSED_MS, proxyEnv: env };
  const plain = new http.Agent(options);
  const secure = new https.Agent(options);
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const outgoing = (isSecure ? https : http).request(url, {
        method,
        headers: { ...headers, ...lengthOf(method, body) },
        agent: isSecure ? secure : plain,
      });
      let answered = false;
      const fail = (error: unknown): void => {
        if (!answered) reject(error);
      };
      outgoing.setTimeout(timeouts.idle, () => outgoing.destroy(idleError(timeouts.idle)));
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        answered = true;
        const answer = { status: incoming.statusCode ?? 0, headers: flatten(incoming.headers) };
        if (outgoing.writableEnded) {
          resolve({ ...answer, stream: incoming });
          return;
        }
        // The registry answered before it had the whole body, so it wants no more of it: keep the answer, stop sending.
        void readAtMost(incoming, EARLY_ANSWER_BYTES).then((bytes) => {
          outgoing.destroy();
          resolve({ ...answer, stream: Readable.from([bytes]) });
        });
      });
      sendBody(outgoing, body).catch(fail);
    });
}

async function sendBody(outgoing: http.ClientRequest, body: Body | undefined): Promise<void> {
  if (body?.kind !== 'file') {
    outgoing.end(body?.bytes);
    return;
  }
  if (body.size === 0) {
    outgoing.end();
    return;
  }
  const range = { start: body.start, end: body.start + body.size - 1, highWaterMark: CHUNK_BYTES };
  await pipeline(createReadStream(body.path, range), outgoing);
}

function lengthOf(method: string, body: Body | undefined): Record<string, string> {
  if (body === undefined)
    return method === 'GET' || method === 'HEAD' || method === 'DELETE' ? {} : { 'content-length': '0' };
  return { 'content-length': String(body.kind === 'file' ? body.size : body.bytes.byteLength) };
}

function flatten(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function idleError(milliseconds: number): Error {
  return Object.assign(new Error(`no byte moved for ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' });
}

/** As much as came, also when the connection broke: for answers whose status says enough. */
async function readAtMost(stream: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) break;
    }
  } catch {
    // The status has arrived; the rest of the text is a help at most.
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

/** Reads a whole body; throws a RangeError as soon as it is larger than the limit (bytes). */
export async function readAll(stream: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) {
      stream.destroy();
      throw new RangeError(`the answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads what is left, so that the connection can be used again; of long or broken answers nothing is kept. */
export async function drain(stream: Readable): Promise<Uint8Array> {
  const bytes = await readAtMost(stream, EARLY_ANSWER_BYTES);
  stream.destroy();
  return bytes;
}
