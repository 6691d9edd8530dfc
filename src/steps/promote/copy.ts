import { BUNDLE_TYPE } from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { decodeManifest, type Encoded, isIndexType } from '../../model/manifest.ts';
import type { PromotionItem } from '../../model/promotion.ts';
import { type DigestRef, formatReference, type Repository, sameRepository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Referrer } from '../../ports/registry.ts';
import { readManifest } from './commit.ts';

type CopyPorts = Pick<Ports, 'registry' | 'log'>;

/** A blob that comes down and goes up needs two connections, and a client has eight for each registry. */
const BLOBS_AT_ONCE = 3;
const SUBJECTS_AT_ONCE = 4;
/** Evidence about evidence is as deep as anybody goes. */
const MOST_DEPTH = 3;
/** An SBOM in a bundle; several times what services take. */
const REFERRER_BLOB_BYTES = 128 * 1024 * 1024;

/**
 * Makes every image complete in all of its repositories, with everything that refers to it, so that a tag there leads to
 * the same bytes and the same evidence. Mirrors that a release has filled cost a look each; where a source is named, its
 * evidence may have grown since, and all of it is compared.
 */
export async function copyMissing(items: readonly PromotionItem[], ports: CopyPorts): Promise<void> {
  for (const { image, repositories, digest, source: named } of items) {
    const source = named ?? repositories[0];
    if (source === undefined) throw new ReleaseError('INTERNAL', `an image without a repository: ${image}`);
    for (const repository of repositories) {
      if (sameRepository(source, repository)) continue;
      if (named === undefined && (await ports.registry.resolve({ repository, digest })) !== undefined)
        continue;
      const count = await copyTree({ repository: source, digest }, repository, ports, 0);
      if (count > 0)
        ports.log.info(
          `${formatReference({ repository, digest })} has ${count} manifests more, copied from ${source.registry}/${source.path}.`,
        );
    }
  }
}

/** A manifest with all below it, and all that refers to any of them; how many manifests were written. */
async function copyTree(from: DigestRef, to: Repository, ports: CopyPorts, depth: number): Promise<number> {
  const { registry } = ports;
  const manifest = await readManifest(from.repository, from.digest, ports);
  const there = await registry.resolve({ repository: to, digest: from.digest });
  const content = decodeManifest(manifest.bytes);
  let count = 0;
  if (content.kind === 'index') {
    const members = content.manifests;
    const counts = await mapLimit(members, SUBJECTS_AT_ONCE, ({ digest }) =>
      copyTree({ ...from, digest }, to, ports, depth),
    );
    count += sum(counts);
  } else if (there === undefined) {
    await copyBlobs(from.repository, to, [content.config, ...content.layers], ports);
  }
  if (there === undefined) {
    await registry.putManifest({ repository: to, digest: from.digest }, manifest);
    count += 1;
  }
  return count + (await copyReferrers(from, to, ports, depth));
}

async function copyBlobs(
  from: Repository,
  to: Repository,
  blobs: readonly Descriptor[],
  { registry }: CopyPorts,
): Promise<void> {
  const seen = new Set<Digest>();
  const wanted = blobs.filter(
    ({ mediaType, digest }) =>
      !/nondistributable|\.foreign\./.test(mediaType) && !seen.has(digest) && seen.add(digest),
  );
  await mapLimit(wanted, BLOBS_AT_ONCE, (blob) => registry.copyBlob(from, to, blob));
}

/** Signatures, provenance, SBOMs: whatever names it as its subject. */
async function copyReferrers(
  from: DigestRef,
  to: Repository,
  ports: CopyPorts,
  depth: number,
): Promise<number> {
  const { registry } = ports;
  const subject = { repository: to, digest: from.digest };
  const listed = await registry.referrers(from);
  if (listed.length === 0) return 0;
  if (depth >= MOST_DEPTH)
    throw new ReleaseError(
      'REGISTRY_UNAVAILABLE',
      `referrers of referrers go on and on: ${formatReference(from)}`,
    );
  const held = new Set((await registry.referrers(subject)).map(({ digest }) => digest));
  const missing = listed.filter(({ digest }) => !held.has(digest));
  const referrers = await mapLimit(missing, SUBJECTS_AT_ONCE, (descriptor) =>
    readReferrer(from.repository, descriptor, ports),
  );
  if (referrers.length > 0) await registry.attach(subject, referrers);
  const counts = await mapLimit(listed.filter(mayHaveEvidence), SUBJECTS_AT_ONCE, ({ digest }) =>
    copyReferrers({ ...from, digest }, to, ports, depth + 1),
  );
  return referrers.length + sum(counts);
}

/** Nobody attests a bundle, and to ask for each of them would double the requests. */
function mayHaveEvidence({ artifactType }: Descriptor): boolean {
  return artifactType !== BUNDLE_TYPE;
}

async function readReferrer(
  repository: Repository,
  descriptor: Descriptor,
  ports: CopyPorts,
): Promise<Referrer> {
  const manifest: Encoded = await readManifest(repository, descriptor.digest, ports);
  const content = isIndexType(manifest.descriptor.mediaType) ? undefined : decodeManifest(manifest.bytes);
  if (content?.kind !== 'manifest') {
    const name = formatReference({ repository, digest: descriptor.digest });
    throw new ReleaseError('REGISTRY_UNAVAILABLE', `a referrer that is an index is not copied: ${name}`);
  }
  const blobs = await mapLimit([content.config, ...content.layers], BLOBS_AT_ONCE, async (blob) => ({
    descriptor: blob,
    bytes: await ports.registry.readBlob(repository, blob, REFERRER_BLOB_BYTES),
  }));
  return { manifest, descriptor, blobs };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
