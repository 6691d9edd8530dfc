import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import type { Encoded } from '../../model/manifest.ts';
import { type DigestRef, formatReference, formatRepository, type Repository } from '../../model/reference.ts';
import type { CleanImage } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { type ImageContent, planTransfers, type RegistryPush, type Target, type Transfer } from './decide.ts';
import { readContent } from './read.ts';
import { count, describe, EMPTY, formatSize, type Tally } from './tally.ts';

export { dropLayers } from './drop.ts';

type PushPorts = Pick<Ports, 'registry' | 'files' | 'log'>;

/** Bytes fill the line (measured: more than three at once gain nothing), small blobs wait for answers: each has its lane. */
const LANES = [
  { atOnce: 3, from: 4 * 1024 * 1024, below: Number.POSITIVE_INFINITY },
  { atOnce: 5, from: 0, below: 4 * 1024 * 1024 },
];
const IMAGES_AT_ONCE = 4;

/**
 * Brings every image to every registry of its plan, by digest: blobs, then manifests, what is pointed at before what
 * points. No tag is set. What is there already is left alone, so a run that was cut off is finished by the next one.
 */
export async function pushImages(
  images: readonly CleanImage[],
  ports: PushPorts,
): Promise<readonly PushedImage[]> {
  const contents = await mapLimit(images, IMAGES_AT_ONCE, ({ image }) => readContent(image, ports.files));
  const plans = planTransfers(contents);
  for (const plan of plans) ports.log.info(announcement(plan, contents.length));
  const tallies = new Map<string, Tally>();
  await mapLimit(plans, plans.length, (plan) => pushToRegistry(plan, contents, tallies, ports));
  return images.map(({ image }) => {
    const { planned, top, platforms, size, origin } = image;
    const tally = tallies.get(planned.name) ?? EMPTY;
    const subjects = planned.repositories.map((repository) => ({ repository, digest: top.digest }));
    const where = subjects.map(formatReference).join(', ');
    ports.log.info(`The image ${planned.name} is at ${where}: ${describe(tally)}.`);
    const { uploaded, mounted, existing } = tally;
    const blobs = { uploaded, mounted, existing };
    return { planned, descriptor: top, platforms, size, origin, subjects, blobs };
  });
}

function announcement({ registry, transfers }: RegistryPush, images: number): string {
  const bytes = formatSize(transfers.reduce((sum, { blob }) => sum + blob.size, 0));
  const what = `${images} ${images === 1 ? 'image' : 'images'}`;
  return `Pushing ${what} to ${registry} by digest: ${transfers.length} distinct blobs, at most ${bytes}.`;
}

async function pushToRegistry(
  { registry, transfers }: RegistryPush,
  contents: readonly ImageContent[],
  tallies: Map<string, Tally>,
  ports: PushPorts,
): Promise<void> {
  const sentFor = new Set<string>();
  const send = async (
    { blob, path }: Transfer,
    target: Target,
    from: readonly Repository[],
  ): Promise<void> => {
    const outcome = await ports.registry.pushBlob(target.repository, blob, path, from);
    if (outcome === 'uploaded') sentFor.add(target.image);
    tallies.set(target.image, count(tallies.get(target.image) ?? EMPTY, outcome, blob.size));
  };
  await mapLimit(LANES, LANES.length, ({ atOnce, from, below }) => {
    const lane = transfers.filter(({ blob }) => blob.size >= from && blob.size < below);
    return mapLimit(lane, atOnce, async (transfer) => {
      await send(transfer, transfer.first, []);
      for (const other of transfer.others) await send(transfer, other, [transfer.first.repository]);
    });
  });
  await mapLimit(contents, IMAGES_AT_ONCE, async (content) => {
    for (const repository of content.planned.repositories)
      if (repository.registry === registry)
        await pushManifests(content, repository, { isNew: sentFor.has(content.planned.name) }, ports);
  });
}

/** Whether a blob of the image was missing. Then its manifests hardly are there, and writing equal bytes again does no harm. */
type Novelty = { readonly isNew: boolean };

async function pushManifests(
  { top, levels }: ImageContent,
  repository: Repository,
  novelty: Novelty,
  ports: PushPorts,
): Promise<void> {
  for (const level of levels)
    await mapLimit(level, IMAGES_AT_ONCE, (manifest) => pushManifest(manifest, repository, novelty, ports));
  const ref: DigestRef = { repository, digest: top.descriptor.digest };
  const found = await ports.registry.resolve(ref);
  if (found?.digest === ref.digest) return;
  const shown = found === undefined ? 'nothing there' : found.digest;
  throw new ReleaseError(
    'DIGEST_MISMATCH',
    `${formatReference(ref)} was pushed, and the registry shows ${shown}`,
  );
}

async function pushManifest(
  manifest: Encoded,
  repository: Repository,
  { isNew }: Novelty,
  ports: PushPorts,
): Promise<void> {
  const ref: DigestRef = { repository, digest: manifest.descriptor.digest };
  if (!isNew && (await ports.registry.resolve(ref)) !== undefined) {
    ports.log.debug(`${formatRepository(repository)} has the manifest ${ref.digest} already.`);
    return;
  }
  await ports.registry.putManifest(ref, manifest);
}
