import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import { decodeManifest, MEDIA, readDescriptor } from '../../model/manifest.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';
import { RegistryFailure } from './failure.ts';
import { getManifest, MANIFEST_BYTES } from './manifests.ts';
import { AddressError, resolveLocation } from './redirect.ts';
import { readIndex, referrersTag } from './referrers-index.ts';
import { type AnswerWithBytes, type Call, placeOf, type Transport } from './transport.ts';

export type ListReferrers = {
  readonly subject: DigestRef;
  readonly artifactType?: string;
  readonly access: Call['access'];
};

/** Nobody attaches more to one image; who lists more wants to keep us busy. */
const MOST_REFERRERS = 5000;
const MOST_PAGES = 200;
/** Of those whose kind the list does not tell, so many are asked themselves, the youngest. */
const MOST_ASKED = 200;
const ASKED_AT_ONCE = 6;
/**
 * What else than "here is the list" a registry without this API may answer (1.0 registries know no such route, proxies
 * in front of them forbid it): then the tag alone counts.
 */
const NO_API = [400, 403, 404, 405, 406, 410, 415, 501];

/**
 * All referrers, from the API and from the tag; each digest once. An entry is a claim of whoever keeps the list: the
 * manifest behind it must still be read by its digest, and say the same.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function listReferrers(
  transport: Transport,
  list: ListReferrers,
): Promise<readonly Descriptor[]> {
  const { artifactType } = list;
  const [byApi, byTag] = await Promise.all([listByApi(transport, list), listByTag(transport, list)]);
  const found = distinct([...(byApi ?? []), ...byTag]);
  if (artifactType === undefined) return found;
  const kinds = await askKinds(transport, list, found);
  return kinds.filter((descriptor) => descriptor.artifactType === artifactType);
}

/** Undefined when the registry has no such API. */
export async function listByApi(
  transport: Transport,
  { subject, artifactType, access }: ListReferrers,
): Promise<readonly Descriptor[] | undefined> {
  const { repository, digest } = subject;
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
  const found: Descriptor[] = [];
  let to: string | URL = `referrers/${digest}${query}`;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const call: Call = { repository, access, method: 'GET', to, headers: ACCEPT, expect: [200, ...NO_API] };
    const answer = await transport.bytes(call, MANIFEST_BYTES);
    // Some answer any unknown address with a page for people.
    const index = answer.status === 200 ? readIndex(answer.bytes) : undefined;
    if (index === undefined) {
      if (page === 1) return undefined;
      throw new RegistryFailure({
        ...placeOf(call),
        reason: `page ${page} of the referrers is no list`,
        transient: false,
      });
    }
    found.push(...index.manifests.flatMap((entry) => readDescriptor(entry) ?? []));
    requireFew(found.length, subject);
    const next = await transport.attempt(placeOf(call), async () => nextPage(answer, call));
    if (next === undefined) return found;
    to = next;
  }
  throw tooMany(subject, `${MOST_PAGES} pages`);
}

const ACCEPT = { accept: MEDIA.ociIndex };

/** `Link: <…>; rel="next"`, on the same host: credentials go there. https://www.rfc-editor.org/rfc/rfc8288 */
function nextPage({ headers, url }: AnswerWithBytes, call: Call): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.link ?? '')?.[1];
  if (target === undefined) return undefined;
  const next = resolveLocation(target, url);
  if (next.origin === url.origin) return next;
  const { target: where } = placeOf(call);
  throw new AddressError(`${where} continues its list of referrers on another host: ${next.host}`);
}

/** Empty when there is no such tag, or when it holds something else. */
async function listByTag(
  transport: Transport,
  { subject, access }: ListReferrers,
): Promise<readonly Descriptor[]> {
  const tag = { repository: subject.repository, tag: referrersTag(subject.digest) };
  const index = readIndex((await getManifest(transport, tag, access))?.bytes);
  const found = (index?.manifests ?? []).flatMap((entry) => readDescriptor(entry) ?? []);
  requireFew(found.length, subject);
  return found;
}

/**
 * go-containerregistry, and so cosign, lists its referrers under the type of their empty config and without annotations:
 * what they are stands in the manifest alone. One that is about another subject, or cannot be read, is left out.
 */
async function askKinds(
  transport: Transport,
  { subject, access }: ListReferrers,
  found: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  const unclear = found.filter(isUnclear).slice(-MOST_ASKED);
  const asked = new Map<string, Descriptor | undefined>();
  await mapLimit(unclear, ASKED_AT_ONCE, async (descriptor) => {
    const ref = { repository: subject.repository, digest: descriptor.digest };
    const manifest = await getManifest(transport, ref, access).catch(notFollowed);
    asked.set(descriptor.digest, manifest && clarify(descriptor, manifest.bytes, subject));
  });
  return found.flatMap((descriptor) =>
    isUnclear(descriptor) ? (asked.get(descriptor.digest) ?? []) : [descriptor],
  );
}

const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';

function isUnclear({ artifactType }: Descriptor): boolean {
  return artifactType === undefined || artifactType === '' || artifactType === OCI_EMPTY;
}

function clarify(descriptor: Descriptor, bytes: Uint8Array, subject: DigestRef): Descriptor | undefined {
  try {
    const manifest = decodeManifest(bytes);
    if (manifest.kind !== 'manifest' || manifest.subject?.digest !== subject.digest) return undefined;
    const { annotations, artifactType = manifest.config.mediaType } = manifest;
    return { ...descriptor, artifactType, annotations };
  } catch {
    return undefined;
  }
}

/** A list may name what cannot be had; trouble that passes is not taken for that. */
function notFollowed(error: unknown): undefined {
  if (error instanceof RegistryFailure && (error.transient || error.status === 401)) throw error;
  return undefined;
}

/** The first of each digest. */
function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const seen = new Set<string>();
  return descriptors.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}

function requireFew(count: number, subject: DigestRef): void {
  if (count > MOST_REFERRERS) throw tooMany(subject, `${MOST_REFERRERS}`);
}

function tooMany(subject: DigestRef, limit: string): ReleaseError {
  const message = `the registry lists more than ${limit} referrers of ${formatReference(subject)}`;
  const hint = 'Remove what nobody needs from the list of referrers; no image has so many.';
  return new ReleaseError('REGISTRY_UNAVAILABLE', message, { hint });
}
