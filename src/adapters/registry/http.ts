import { open } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isNativeError } from 'node:util/types';

/** What goes up: bytes in memory, a file from `start` to its end, or what comes down from elsewhere (`size` = bytes that are sent). */
export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly size: number }
  | FileBody;

type FileBody = {
  readonly kind: 'file';
  readonly path: string;
  readonly start: number;
  readonly size: number;
};

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

/** Milliseconds in which no byte moves in either direction. `finish`: for a PUT, whose answer may take long. */
export type Timeouts = { readonly idle: number; readonly finish: number };

/** Measured: smaller parts cost CPU, larger ones gain nothing. An upload holds two of them, if its file is as large. */
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
      const limit = method === 'PUT' ? timeouts.finish : timeouts.idle;
      outgoing.setTimeout(limit, () => outgoing.destroy(idleError(limit)));
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
  if (body?.kind === 'stream') return pipeline(body.stream, outgoing);
  if (body?.kind !== 'file' || body.size === 0) {
    outgoing.end(body?.kind === 'bytes' ? body.bytes : undefined);
    return;
  }
  try {
    await sendFile(outgoing, body);
  } catch (error) {
    // The promised length can no longer be kept.
    outgoing.destroy(isNativeError(error) ? error : undefined);
    throw error;
  }
}

/**
 * Two buffers in turn: one is filled from the file while the other drains into the socket. Streams make a buffer for each
 * chunk, which costs half as much time again and thrice the memory. The last part ends the request in the same call: the
 * answer may come before its callback, and must not pass for one to half a body.
 */
async function sendFile(outgoing: http.ClientRequest, { path, start, size }: FileBody): Promise<void> {
  const closed = whenClosed(outgoing);
  const file = await open(path);
  try {
    const length = Math.min(CHUNK_BYTES, size);
    let [filling, draining] = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)];
    let writing = Promise.resolve();
    for (let sent = 0; sent < size; ) {
      const wanted = Math.min(length, size - sent);
      const { bytesRead } = await file.read(filling, 0, wanted, start + sent);
      if (bytesRead === 0) throw new Error(`the file ends after ${start + sent} bytes: ${path}`);
      await Promise.race([writing, closed]);
      sent += bytesRead;
      const part = filling.subarray(0, bytesRead);
      if (sent === size) outgoing.end(part);
      else writing = write(outgoing, part);
      [filling, draining] = [draining, filling];
    }
  } finally {
    await file.close();
  }
}

/** Resolves when the bytes have left for the kernel, so that their buffer is free. */
function write(outgoing: http.ClientRequest, bytes: Uint8Array): Promise<void> {
  const written = new Promise<void>((resolve, reject) => {
    outgoing.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
  // It may fail while the next part is read; whoever waits for it then is told.
  written.catch(() => undefined);
  return written;
}

/** Rejects when the request is over: what is still to be written then will never be. */
function whenClosed(outgoing: http.ClientRequest): Promise<never> {
  const closed = new Promise<never>((_, reject) => {
    outgoing.once('close', () =>
      reject(Object.assign(new Error('the connection closed'), { code: 'ECONNRESET' })),
    );
  });
  closed.catch(() => undefined);
  return closed;
}

function lengthOf(method: string, body: Body | undefined): Record<string, string> {
  if (body === undefined)
    return method === 'GET' || method === 'HEAD' || method === 'DELETE' ? {} : { 'content-length': '0' };
  return { 'content-length': String(body.kind === 'bytes' ? body.bytes.byteLength : body.size) };
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
