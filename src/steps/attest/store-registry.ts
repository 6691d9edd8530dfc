import { BUNDLE_TYPE } from '../../model/attestation.ts';
import { createSlots, mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { digestOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import { type DigestRef, formatReference, type Repository, sameRepository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Referrer } from '../../ports/registry.ts';
import { referrerOf, type Storable } from './referrer.ts';
import { untilSeen } from './until-seen.ts';

type Item<T = Storable> = { readonly signed: T; readonly referrer: Referrer };
/** Everything for one digest at one registry: written by one writer, at once. */
type Job<T> = { readonly subject: DigestRef; readonly items: Item<T>[] };

/** Most of them wait for other writers of referrers tags; the client bounds how many write. */
const SUBJECTS_AT_ONCE = 64;
/** And so many are read back. */
const READ_BACK_AT_ONCE = 16;
const READS_AT_ONCE = 4;

/** At every registry of each image that is to have it (all, unless told); the referrers of each statement, one for each registry. */
export async function storeInRegistries<T extends Storable>(
  signed: readonly T[],
  images: readonly PushedImage[],
  created: Date,
  ports: Pick<Ports, 'clock' | 'log' | 'registry'>,
  wanted: (statement: T, repository: Repository) => boolean = () => true,
): Promise<ReadonlyMap<T, readonly DigestRef[]>> {
  const jobs = planJobs(signed, images, created, wanted);
  const reading = createSlots(READ_BACK_AT_ONCE);
  await mapLimit(jobs, SUBJECTS_AT_ONCE, async ({ subject, items }) => {
    const referrers = items.map(({ referrer }) => referrer);
    const { by } = await ports.registry.attach(subject, referrers);
    await reading(() => readBack(subject, items, ports));
    const list = by === 'api' ? 'the referrers API' : 'the referrers tag';
    ports.log.info(
      `Attestations of ${formatReference(subject)} that are stored, and found by ${list}: ${items.length}.`,
    );
  });
  return placesOf(jobs);
}

/** Results in the order of the images and of their registries. */
function planJobs<T extends Storable>(
  signed: readonly T[],
  images: readonly PushedImage[],
  created: Date,
  wanted: (statement: T, repository: Repository) => boolean,
): readonly Job<T>[] {
  const jobs: Job<T>[] = [];
  for (const statement of signed) {
    const image = images.find(({ planned }) => planned.name === statement.image);
    const about = image === undefined ? undefined : describedIn(image, statement);
    if (image === undefined || about === undefined)
      throw new ReleaseError(
        'INTERNAL',
        `a statement about what was not pushed: ${statement.image} ${statement.subject}`,
      );
    const places = image.subjects.filter(({ repository }) => wanted(statement, repository));
    if (places.length === 0) continue;
    const item = { signed: statement, referrer: referrerOf(statement, about, created) };
    for (const { repository } of places) {
      const subject = { repository, digest: about.digest };
      const job = jobs.find((each) => isSame(each.subject, subject));
      if (job === undefined) jobs.push({ subject, items: [item] });
      else job.items.push(item);
    }
  }
  return jobs;
}

function isSame(a: DigestRef, b: DigestRef): boolean {
  return a.digest === b.digest && sameRepository(a.repository, b.repository);
}

function describedIn(image: PushedImage, { subject }: Storable): Descriptor | undefined {
  const all = [image.descriptor, ...image.platforms.map(({ descriptor }) => descriptor)];
  return all.find(({ digest }) => digest === subject);
}

/** By the way that cosign, oras and gh take: the list of this artifactType, the manifest, the bundle. */
async function readBack(
  subject: DigestRef,
  items: readonly Item[],
  { clock, registry }: Pick<Ports, 'clock' | 'registry'>,
): Promise<void> {
  const { repository } = subject;
  let missing: readonly Item[] = items;
  const areListed = async (): Promise<boolean> => {
    const listed = new Set((await registry.referrers(subject, BUNDLE_TYPE)).map(({ digest }) => digest));
    missing = items.filter(({ referrer }) => !listed.has(referrer.manifest.descriptor.digest));
    return missing.length === 0;
  };
  if (!(await untilSeen(clock, areListed))) throw notReadable(subject, missing, 'are not listed');
  const isRead = async ({ referrer: { manifest, blobs } }: Item): Promise<boolean> => {
    const { digest } = manifest.descriptor;
    if ((await registry.getManifest({ repository, digest })) === undefined) return false;
    for (const { descriptor, bytes } of blobs) {
      if (descriptor.mediaType !== BUNDLE_TYPE) continue;
      const read = await registry.readBlob(repository, descriptor, bytes.byteLength);
      if (digestOf(read) !== descriptor.digest) return false;
    }
    return true;
  };
  missing = items;
  const areRead = async (): Promise<boolean> => {
    const unread = await mapLimit(missing, READS_AT_ONCE, async (item) =>
      (await isRead(item)) ? [] : [item],
    );
    missing = unread.flat();
    return missing.length === 0;
  };
  if (!(await untilSeen(clock, areRead))) throw notReadable(subject, missing, 'cannot be read');
}

function notReadable(subject: DigestRef, items: readonly Item[], what: string): ReleaseError {
  const kinds = items.map(({ signed }) => signed.kind).join(', ');
  const message = `attestations of ${formatReference(subject)} were written and ${what}: ${kinds}`;
  return new ReleaseError('ATTESTATION_NOT_READABLE', message);
}

function placesOf<T>(jobs: readonly Job<T>[]): ReadonlyMap<T, readonly DigestRef[]> {
  const places = new Map<T, DigestRef[]>();
  for (const { subject, items } of jobs)
    for (const { signed, referrer } of items) {
      const known = places.get(signed) ?? [];
      known.push({ repository: subject.repository, digest: referrer.manifest.descriptor.digest });
      places.set(signed, known);
    }
  return places;
}
