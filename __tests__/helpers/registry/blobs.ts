import { type Digest, isDigest } from '../../../src/model/digest.ts';
import { type Exchange, SpecError } from './exchange.ts';
import type { Store, StoredRepository } from './store.ts';

type Place = { readonly store: Store; readonly name: string; readonly mounts: boolean };

const OCTETS = 'application/octet-stream';

/** HEAD, GET (with ranges) and DELETE of a blob. */
export async function serveBlob(exchange: Exchange, { store, name }: Place, text: string): Promise<void> {
  const digest = requireDigestForm(text);
  const repository = store.find(name);
  if (!repository?.blobs.has(digest)) throw new SpecError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  if (exchange.method === 'DELETE') {
    repository.blobs.delete(digest);
    return exchange.reply(202);
  }
  const size = await store.blobSize(digest);
  const headers = { 'docker-content-digest': digest, 'content-type': OCTETS, 'accept-ranges': 'bytes' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(exchange.header('range') ?? '');
  if (range === null || exchange.effect('ignore-range') !== undefined)
    return exchange.reply(200, headers, store.readBlob(digest), size);
  const start = Number(range[1]);
  const end = Math.min(range[2] ? Number(range[2]) : size - 1, size - 1);
  if (start > end) throw new SpecError(416, 'RANGE_INVALID', 'no such range');
  const content = { ...headers, 'content-range': `bytes ${start}-${end}/${size}` };
  return exchange.reply(206, content, store.readBlob(digest, { start, end }), end - start + 1);
}

/** POST: a session, a mount, or the whole blob at once. */
export async function openUpload(exchange: Exchange, place: Place): Promise<void> {
  const { store, name, mounts } = place;
  const repository = store.provide(name);
  const query = exchange.url.searchParams;
  const mount = query.get('mount');
  const from = query.get('from');
  if (mount !== null) {
    const digest = requireDigestForm(mount);
    if (mounts && from !== null && store.find(from)?.blobs.has(digest)) {
      repository.blobs.add(digest);
      return exchange.reply(201, created(name, digest));
    }
  }
  const id = store.open(repository);
  const wanted = query.get('digest');
  if (wanted !== null) return finishUpload(exchange, place, repository, id);
  return exchange.reply(202, session(name, id, 0));
}

/** GET, PATCH, PUT and DELETE of an upload session. */
export async function serveUpload(exchange: Exchange, place: Place, id: string): Promise<void> {
  const { store, name } = place;
  const repository = store.find(name);
  const path = repository?.uploads.get(id);
  if (repository === undefined || path === undefined)
    throw new SpecError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  // The session's address belongs to the registry: a client must give its query back as it was.
  if (exchange.url.searchParams.get('_state') !== state(id))
    throw new SpecError(400, 'BLOB_UPLOAD_INVALID', 'the session was not addressed as the Location said');
  const size = await store.uploadSize(path);
  switch (exchange.method) {
    case 'GET':
      return exchange.reply(204, session(name, id, size));
    case 'DELETE':
      repository.uploads.delete(id);
      return exchange.reply(204);
    case 'PATCH':
      requireNext(exchange, size);
      await store.append(path, exchange.body());
      return exchange.reply(202, session(name, id, await store.uploadSize(path)));
    case 'PUT':
      requireNext(exchange, size);
      return finishUpload(exchange, place, repository, id);
    default:
      throw new SpecError(405, 'UNSUPPORTED', 'the operation is unsupported');
  }
}

async function finishUpload(
  exchange: Exchange,
  { store, name }: Place,
  repository: StoredRepository,
  id: string,
): Promise<void> {
  const wanted = requireDigestForm(exchange.url.searchParams.get('digest') ?? '');
  const path = repository.uploads.get(id) ?? '';
  await store.append(path, exchange.body());
  const actual = await store.digestOfUpload(path);
  if (actual !== wanted)
    throw new SpecError(400, 'DIGEST_INVALID', `provided digest did not match uploaded content: ${actual}`);
  await store.keep(repository, path, wanted);
  repository.uploads.delete(id);
  return exchange.reply(201, created(name, wanted));
}

/** A chunk must start where the last one ended. */
function requireNext(exchange: Exchange, size: number): void {
  const range = exchange.header('content-range');
  if (range === undefined) return;
  const match = /^(?:bytes )?(\d+)-(\d+)(?:\/\S+)?$/.exec(range);
  if (match === null || Number(match[1]) !== size)
    throw new SpecError(416, 'RANGE_INVALID', `expected ${size}, got ${range}`);
}

export function requireDigestForm(text: string): Digest {
  if (isDigest(text)) return text;
  throw new SpecError(400, 'DIGEST_INVALID', 'the digest is not in the form sha256:HEX');
}

/** With characters that a careless client would decode or encode anew. */
function state(id: string): string {
  return `${id}/~+ =`;
}

function session(name: string, id: string, size: number): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}?_state=${encodeURIComponent(state(id))}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function created(name: string, digest: Digest): Record<string, string> {
  return { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest };
}
