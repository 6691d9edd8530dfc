import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../../model/descriptor.ts';
import { digestFromHex } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { requireDigest } from '../../model/manifest.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Followed } from './redirect.ts';
import type { Call, Transport } from './transport.ts';

export type BlobPull = {
  readonly repository: Repository;
  readonly blob: Descriptor;
  readonly path: string;
  readonly access: Call['access'];
};

/**
 * Streams a blob into a file beside its place, which it takes only when size and digest are right. After a break it asks
 * for the rest. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
 */
export async function pullBlob(transport: Transport, pull: BlobPull): Promise<void> {
  const { repository, blob, path } = pull;
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const hex = await transport.retrying((attempt) => pullOnce(transport, pull, part, attempt));
    const digest = digestFromHex(hex);
    if (digest !== blob.digest) {
      const message = `a blob of ${formatRepository(repository)}: expected ${blob.digest}, got ${digest}`;
      throw new ReleaseError('DIGEST_MISMATCH', message);
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** HEAD. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry */
export async function hasBlob(
  transport: Transport,
  { repository, blob, access }: Omit<BlobPull, 'path'>,
): Promise<boolean> {
  const to = `blobs/${blob.digest}`;
  const answer = await transport.call({ repository, access, method: 'HEAD', to, expect: [200, 404] });
  return answer.status === 200;
}

/** A small blob as checked bytes; throws a RangeError when it is said to be larger than `limit` bytes. */
export async function readBlob(
  transport: Transport,
  { repository, blob, access }: Omit<BlobPull, 'path'>,
  limit: number,
): Promise<Uint8Array> {
  if (blob.size > limit)
    throw new RangeError(`${blob.digest} has ${blob.size} bytes, and ${limit} are allowed`);
  const call = { repository, access, method: 'GET', to: `blobs/${blob.digest}`, expect: [200] } as const;
  const { bytes } = await transport.bytes(call, blob.size);
  requireDigest(bytes, blob.digest, `a blob of ${formatRepository(repository)}`);
  return bytes;
}

/** Returns the SHA-256 of the whole file in hex. */
async function pullOnce(
  transport: Transport,
  { repository, blob, access }: BlobPull,
  part: string,
  attempt: number,
): Promise<string> {
  const held = attempt === 1 ? 0 : await sizeOf(part);
  const start = held < blob.size ? held : 0;
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  const call = { repository, access, method: 'GET', to: `blobs/${blob.digest}`, headers } as const;
  return transport.stream({ ...call, expect: start === 0 ? [200] : [200, 206] }, async (response) => {
    const from = response.status === 206 ? start : 0;
    if (from > 0 && !response.headers['content-range']?.startsWith(`bytes ${from}-`)) {
      await rm(part, { force: true });
      throw broken('another range came than was asked for');
    }
    return receive(response, blob, part, from);
  });
}

async function receive(response: Followed, blob: Descriptor, part: string, from: number): Promise<string> {
  const hash = createHash('sha256');
  if (from > 0) await pipeline(createReadStream(part), hash, { end: false });
  const gauge = { received: from };
  const flags = from > 0 ? 'a' : 'w';
  await pipeline(response.stream, counting(gauge, blob, hash), createWriteStream(part, { flags }));
  // The connection ended as if all were well: some proxies cut without a word.
  if (gauge.received < blob.size) throw broken(`${gauge.received} of ${blob.size} bytes came`);
  return hash.digest('hex');
}

function counting(gauge: { received: number }, blob: Descriptor, hash: Hash): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      gauge.received += chunk.byteLength;
      const tooMany = gauge.received > blob.size;
      if (!tooMany) hash.update(chunk);
      done(tooMany ? new RangeError(`more than the ${blob.size} bytes of ${blob.digest} came`) : null, chunk);
    },
  });
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Treated as a connection that broke. */
function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
