import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { type BuiltImage, blobPath, type PushedImage } from '../../model/image.ts';
import { decodeManifest, describeBytes, type Encoded, requireDigest } from '../../model/manifest.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { CleanImage } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import type { BlobOutcome } from '../../ports/registry.ts';
import { blobsOf, type ManifestTree, planRoutes, type Shipment } from './decide.ts';

type PushPorts = Pick<Ports, 'files' | 'log' | 'registry'>;

/** More at once gain nothing on a fast line and cost memory (measured: bench/push.ts). */
const BLOBS_AT_ONCE = 3;
const MANIFESTS_AT_ONCE = 4;

type Counts = { uploaded: number; mounted: number; existing: number };

/**
 * Brings every image to each of its registries by digest: blobs, the manifests of the platforms, the index. No tag is set.
 * What is there already, whole, is left alone, so that a re-run sends only what is missing. Afterwards every registry has
 * answered with the digest of the staging store.
 */
export async function pushImages(
  images: readonly CleanImage[],
  ports: PushPorts,
): Promise<readonly PushedImage[]> {
  const trees = new Map(
    await mapLimit(images, 8, async ({ image }) => [image, await readTree(image, ports)] as const),
  );
  const wanted = [...trees].flatMap(([image, tree]) =>
    image.planned.repositories.map((repository) => ({ image, repository, tree })),
  );
  const present = await mapLimit(wanted, 8, (shipment) => isThere(shipment, ports));
  const missing = wanted.filter((_, i) => present[i] === false);
  const outcomes = await pushBlobs(missing, ports);
  await mapLimit(missing, MANIFESTS_AT_ONCE, (shipment) => pushManifests(shipment, ports));

  return [...trees].map(([image, tree]) => {
    const blobs = countBlobs(image, tree, outcomes);
    tell(image, blobs, ports);
    return {
      planned: image.planned,
      descriptor: image.top,
      platforms: image.platforms,
      size: image.size,
      origin: image.origin,
      subjects: image.planned.repositories.map((repository) => ({ repository, digest: image.top.digest })),
      blobs,
    };
  });
}

async function readTree(image: BuiltImage, ports: PushPorts): Promise<ManifestTree> {
  const top = await readManifest(image, image.top, ports);
  const document = decodeManifest(top.bytes);
  if (document.kind === 'manifest') return { top, members: [], blobs: blobsOf([document]) };
  const members = await mapLimit(document.manifests, 8, (member) => readManifest(image, member, ports));
  return { top, members, blobs: blobsOf(members.map(({ bytes }) => decodeManifest(bytes))) };
}

async function readManifest(image: BuiltImage, descriptor: Descriptor, ports: PushPorts): Promise<Encoded> {
  const bytes = await ports.files.read(blobPath(image.store, descriptor.digest));
  requireDigest(bytes, descriptor.digest, `a manifest of ${image.planned.name} in the staging store`);
  return describeBytes(bytes, descriptor.mediaType);
}

/** A registry keeps what its manifests name; but members of an index can have been deleted one by one. */
async function isThere({ repository, tree }: Shipment, { registry }: PushPorts): Promise<boolean> {
  for (const { descriptor } of [tree.top, ...tree.members]) {
    if ((await registry.resolve({ repository, digest: descriptor.digest })) === undefined) return false;
  }
  return true;
}

/** Outcomes by repository and digest. */
async function pushBlobs(
  shipments: readonly (Shipment & { readonly image: BuiltImage })[],
  ports: PushPorts,
): Promise<ReadonlyMap<string, BlobOutcome>> {
  const outcomes = new Map<string, BlobOutcome>();
  const store = shipments[0]?.image.store;
  if (store === undefined) return outcomes;
  await mapLimit(planRoutes(shipments), BLOBS_AT_ONCE, async ({ blob, repositories }) => {
    const path = blobPath(store, blob.digest);
    const done: Repository[] = [];
    for (const repository of repositories) {
      const outcome = await ports.registry.pushBlob(repository, blob, path, done.slice(0, 1));
      outcomes.set(outcomeKey(repository, blob), outcome);
      done.push(repository);
    }
  });
  return outcomes;
}

async function pushManifests({ repository, tree }: Shipment, { registry }: PushPorts): Promise<void> {
  for (const manifest of [...tree.members, tree.top]) {
    const reference = { repository, digest: manifest.descriptor.digest };
    await registry.putManifest(reference, manifest);
  }
}

function countBlobs(
  image: BuiltImage,
  tree: ManifestTree,
  outcomes: ReadonlyMap<string, BlobOutcome>,
): Counts {
  const counts: Counts = { uploaded: 0, mounted: 0, existing: 0 };
  for (const repository of image.planned.repositories) {
    for (const blob of tree.blobs) counts[outcomes.get(outcomeKey(repository, blob)) ?? 'existing'] += 1;
  }
  return counts;
}

function outcomeKey(repository: Repository, blob: Descriptor): string {
  return `${formatRepository(repository)}@${blob.digest}`;
}

function tell(image: BuiltImage, { uploaded, mounted, existing }: Counts, { log }: PushPorts): void {
  const places = image.planned.repositories.map(formatRepository).join(', ');
  const blobs = `${uploaded} blobs uploaded, ${mounted} mounted, ${existing} there already`;
  log.info(`${image.planned.name} is at ${places} as ${image.top.digest}: ${blobs}.`);
}
