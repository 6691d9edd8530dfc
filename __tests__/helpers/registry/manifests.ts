import { type Digest, digestOf, isDigest } from '../../../src/model/digest.ts';
import { type AnyManifest, decodeManifest } from '../../../src/model/manifest.ts';
import { isTag } from '../../../src/model/reference.ts';
import { type Exchange, SpecError } from './exchange.ts';
import type { Store, StoredManifest, StoredRepository } from './store.ts';

const MANIFEST_BYTES = 4 * 1024 * 1024;

/** Tags and digests that are written and not shown yet: what a read sees instead, and for how many reads. */
export type Hidden = Map<string, { left: number; readonly before: Digest | undefined }>;

type Place = {
  readonly store: Store;
  readonly name: string;
  readonly hidden: Hidden;
  readonly hiddenReads: number;
  /** Whether a manifest with a subject is answered with OCI-Subject. */
  readonly tellsSubject: boolean;
};

export async function serveManifest(exchange: Exchange, place: Place, reference: string): Promise<void> {
  if (!isDigest(reference) && !isTag(reference))
    throw new SpecError(400, reference.includes(':') ? 'DIGEST_INVALID' : 'TAG_INVALID', 'invalid reference');
  if (exchange.method === 'PUT') return put(exchange, place, reference);
  const repository = place.store.find(place.name);
  if (repository === undefined)
    throw new SpecError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  if (exchange.method === 'DELETE') return remove(exchange, repository, reference);
  const digest = visible(place, reference, digestFor(repository, reference));
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined)
    throw new SpecError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  const headers = { 'content-type': manifest.mediaType, 'docker-content-digest': digest };
  return exchange.reply(200, headers, manifest.bytes);
}

function digestFor(repository: StoredRepository, reference: string): Digest | undefined {
  return isDigest(reference) ? reference : repository.tags.get(reference);
}

function visible({ hidden, name }: Place, reference: string, digest: Digest | undefined): Digest | undefined {
  const entry = hidden.get(`${name}/${reference}`);
  if (entry === undefined || entry.left === 0) return digest;
  entry.left -= 1;
  return entry.before;
}

async function put(exchange: Exchange, place: Place, reference: string): Promise<void> {
  const { store, name, hidden, hiddenReads } = place;
  const repository = store.provide(name);
  const bytes = await exchange.bytes(MANIFEST_BYTES);
  const digest = digestOf(bytes);
  if (isDigest(reference) && reference !== digest)
    throw new SpecError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  const manifest = check(exchange, repository, bytes);
  if (hiddenReads > 0) {
    const known = digestFor(repository, reference);
    const before = known !== undefined && repository.manifests.has(known) ? known : undefined;
    hidden.set(`${name}/${reference}`, { left: hiddenReads, before });
  }
  repository.manifests.set(digest, manifest);
  if (!isDigest(reference)) repository.tags.set(reference, digest);
  return exchange.reply(201, {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(manifest.subject !== undefined && place.tellsSubject ? { 'oci-subject': manifest.subject } : {}),
  });
}

/** As strict as the strictest: the type named twice must agree, and everything pointed at must be there. */
function check(exchange: Exchange, repository: StoredRepository, bytes: Buffer): StoredManifest {
  const mediaType = exchange.header('content-type') ?? '';
  let document: { mediaType?: unknown; subject?: { digest?: unknown } };
  let manifest: AnyManifest;
  try {
    document = JSON.parse(bytes.toString());
    manifest = decodeManifest(bytes);
  } catch {
    throw new SpecError(400, 'MANIFEST_INVALID', 'manifest invalid');
  }
  if (document.mediaType !== undefined && document.mediaType !== mediaType)
    throw new SpecError(400, 'MANIFEST_INVALID', `the Content-Type is ${mediaType}`);
  const missing =
    manifest.kind === 'index'
      ? manifest.manifests.filter(({ digest }) => !repository.manifests.has(digest))
      : [manifest.config, ...manifest.layers].filter(({ digest }) => !repository.blobs.has(digest));
  if (missing[0] !== undefined)
    throw new SpecError(404, 'MANIFEST_BLOB_UNKNOWN', `unknown to the repository: ${missing[0].digest}`);
  const subject = document.subject?.digest;
  return { bytes, mediaType, ...(typeof subject === 'string' && isDigest(subject) ? { subject } : {}) };
}

function remove(exchange: Exchange, repository: StoredRepository, reference: string): Promise<void> {
  const known = isDigest(reference)
    ? repository.manifests.delete(reference)
    : repository.tags.delete(reference);
  if (!known) throw new SpecError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  for (const [tag, digest] of repository.tags) if (digest === reference) repository.tags.delete(tag);
  return exchange.reply(202);
}

/** A page of names with a link to the next. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
export function servePage(
  exchange: Exchange,
  names: readonly string[],
  wrap: (page: readonly string[]) => unknown,
): Promise<void> {
  const query = exchange.url.searchParams;
  const last = query.get('last');
  const count = Number(query.get('n') ?? 1000);
  const rest = [...names].sort().filter((name) => last === null || name > last);
  const page = rest.slice(0, count);
  const more = rest.length > page.length && page.length > 0;
  const next = `${exchange.url.pathname}?n=${count}&last=${encodeURIComponent(page.at(-1) ?? '')}`;
  return exchange.json(200, wrap(page), more ? { link: `<${next}>; rel="next"` } : {});
}
