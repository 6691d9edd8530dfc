import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestFromHex } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Download } from '../../ports/download.ts';
import { downloadUrl, isTransient, pauseAfter, redirectTarget } from './policy.ts';

const MOST_REDIRECTS = 5;
const IDLE_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

type Options = {
  readonly clock: Pick<Clock, 'sleep'>;
  /** For HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which Node 24.5 and newer understands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without a byte for so long, the attempt has failed. */
  readonly idleMs?: number;
};

/** Worth another attempt. */
class TransientError extends Error {
  readonly retryAfter: string | undefined;

  constructor(message: string, retryAfter?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.retryAfter = retryAfter;
  }
}

/** Download over node:https: streams to disk, follows redirects, retries; sends nothing but the address. */
export function createDownload({ clock, env, idleMs = IDLE_MS }: Options): Download {
  const agents = { secure: new https.Agent({ proxyEnv: env }), plain: new http.Agent({ proxyEnv: env }) };

  const get = (url: URL): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const options = {
        agent: secure ? agents.secure : agents.plain,
        headers: { 'user-agent': 'module-release', accept: '*/*' },
      };
      const request = (secure ? https : http).get(url, options, resolve);
      request.setTimeout(idleMs, () => request.destroy(new Error(`no byte came for ${idleMs / 1000} s`)));
      request.on('error', (cause) => reject(new TransientError(cause.message, undefined, cause)));
    });

  const follow = async (first: URL): Promise<http.IncomingMessage> => {
    let url = first;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const response = await get(url);
      if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
      response.resume();
      const next = redirectTarget(response.headers.location, url);
      if (next === undefined) throw new Error(`${url.host} redirects to where a download must not go`);
      url = next;
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects`);
  };

  const attempt = async (url: URL, path: string, limit: number): Promise<Digest | undefined> => {
    const response = await follow(url);
    const status = response.statusCode ?? 0;
    if (status !== 200) response.resume();
    if (status === 404) return undefined;
    if (isTransient(status)) throw new TransientError(`status ${status}`, response.headers['retry-after']);
    if (status !== 200) throw new Error(`status ${status}`);
    return save(response, path, limit);
  };

  const file: Download['file'] = async (address, path, limit = Number.POSITIVE_INFINITY) => {
    const url = downloadUrl(address);
    for (let count = 1; ; count += 1) {
      try {
        return await attempt(url, path, limit);
      } catch (cause) {
        if (cause instanceof RangeError) throw tooLarge(url, limit, cause);
        const transient = cause instanceof TransientError;
        const pause = transient ? pauseAfter(count, cause.retryAfter, Math.random()) : undefined;
        if (pause === undefined) throw failure(url, count, cause);
        await clock.sleep(pause);
      }
    }
  };

  return { file };
}

/** Into a file beside the wanted one first, so that a broken download never stands under the real name. */
async function save(response: http.IncomingMessage, path: string, limit: number): Promise<Digest> {
  const part = `${path}.part`;
  let size = 0;
  const hash = createHash('sha256');
  await mkdir(dirname(path), { recursive: true });
  try {
    // A generator in its place would let `pipeline` fail before the file is closed, or even made.
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.byteLength;
        const isTooMuch = size > limit;
        if (!isTooMuch) hash.update(chunk);
        done(isTooMuch ? new RangeError(`more than ${limit} bytes`) : null, chunk);
      },
    });
    await pipeline(response, hashing, createWriteStream(part));
  } catch (cause) {
    await rm(part, { force: true });
    throw isDiskError(cause) || cause instanceof RangeError
      ? cause
      : new TransientError('the connection broke off', undefined, cause);
  }
  await rename(part, path);
  return digestFromHex(hash.digest('hex'));
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && (error.syscall === 'open' || error.syscall === 'write')
  );
}

function tooLarge(url: URL, limit: number, cause: unknown): ReleaseError {
  return new ReleaseError('TOOL_UNVERIFIED', `the download has more than ${limit} bytes: ${url.href}`, {
    hint: 'Do not use this file. Check `tools-mirror`, or install the tool yourself.',
    cause,
  });
}

function failure(url: URL, attempts: number, cause: unknown): ReleaseError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const often = attempts === 1 ? '' : ` after ${attempts} attempts`;
  return new ReleaseError('TOOL_MISSING', `the download failed${often}: ${url.href}: ${why}`, {
    hint: 'Re-run later, set `tools-mirror` to a reachable place, or install the tool and set its `*-path` input.',
    cause,
  });
}
