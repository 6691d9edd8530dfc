import { BUNDLE_TYPE } from '../../model/attestation.ts';
import { createSlots, mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { digestOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import { type DigestRef, formatReference, type Repository, sameRepository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Referrer } from '../../ports/registry.ts';
import { type Coming, type Draft, referrerOf } from './referrer.ts';
import { untilSeen } from './until-seen.ts';

/** A bundle as the referrer that it becomes. */
type Item = { readonly coming: Coming; readonly referrer: Promise<Referrer> };
/** Everything for one digest at one registry: written by one writer, at once. */
type Job = { readonly subject: DigestRef; readonly items: Item[] };
type Written = { readonly coming: Coming; readonly referrer: Referrer };

/** Most of them wait for other writers of referrers tags; the client bounds how many write. */
const SUBJECTS_AT_ONCE = 64;
/** And so many are read back. */
const READ_BACK_AT_ONCE = 16;
const READS_AT_ONCE = 4;

/**
 * At every registry of each image that is to have it (all, unless told), as soon as all bundles of a digest are there; the
 * referrers of each, one for each registry. What was written is read back while its writer waits for others, but not
 * before everything is signed: writes go first, so that the last of these waits begins as early as it can.
 */
export async function storeInRegistries(
  coming: readonly Coming[],
  images: readonly PushedImage[],
  created: Date,
  ports: Pick<Ports, 'clock' | 'log' | 'registry'>,
  wanted: (draft: Draft, repository: Repository) => boolean = () => true,
): Promise<ReadonlyMap<Coming, readonly DigestRef[]>> {
  const jobs = planJobs(coming, images, created, wanted);
  const places = new Map<Coming, DigestRef[]>();
  const reading = createSlots(READ_BACK_AT_ONCE);
  const allSigned = Promise.allSettled(coming.map(({ signed }) => signed));
  const stored = await mapLimit(jobs, SUBJECTS_AT_ONCE, async ({ subject, items }) => {
    const written = await Promise.all(
      items.map(async (item) => ({ ...item, referrer: await item.referrer })),
    );
    const referrers = written.map(({ referrer }) => referrer);
    const { by, listed } = await ports.registry.attach(subject, referrers, async () => {
      await allSigned;
      await reading(() => readBytes(subject, written, ports));
    });
    await reading(() => findInList(subject, written, listed, ports));
    const list = by === 'api' ? 'the referrers API' : 'the referrers tag';
    ports.log.info(
      `Attestations of ${formatReference(subject)} that are stored, and found by ${list}: ${items.length}.`,
    );
    return { subject, written };
  });
  for (const { subject, written } of stored)
    for (const { coming: each, referrer } of written) {
      const digest = referrer.manifest.descriptor.digest;
      places.set(each, [...(places.get(each) ?? []), { repository: subject.repository, digest }]);
    }
  return places;
}

/** Results in the order of the images and of their registries. */
function planJobs(
  coming: readonly Coming[],
  images: readonly PushedImage[],
  created: Date,
  wanted: (draft: Draft, repository: Repository) => boolean,
): readonly Job[] {
  const jobs: Job[] = [];
  for (const each of coming) {
    const { draft, signed } = each;
    const image = images.find(({ planned }) => planned.name === draft.image);
    const about = image === undefined ? undefined : describedIn(image, draft);
    if (image === undefined || about === undefined)
      throw new ReleaseError(
        'INTERNAL',
        `a statement about what was not pushed: ${draft.image} ${draft.subject}`,
      );
    const places = image.subjects.filter(({ repository }) => wanted(draft, repository));
    if (places.length === 0) continue;
    const referrer = signed.then((storable) => referrerOf(storable, about, created));
    // Whoever writes it is told; nobody does where an earlier one failed.
    referrer.catch(() => undefined);
    const item = { coming: each, referrer };
    for (const { repository } of places) {
      const subject = { repository, digest: about.digest };
      const job = jobs.find((known) => isSame(known.subject, subject));
      if (job === undefined) jobs.push({ subject, items: [item] });
      else job.items.push(item);
    }
  }
  return jobs;
}

function isSame(a: DigestRef, b: DigestRef): boolean {
  return a.digest === b.digest && sameRepository(a.repository, b.repository);
}

function describedIn(image: PushedImage, { subject }: Draft): Descriptor | undefined {
  const all = [image.descriptor, ...image.platforms.map(({ descriptor }) => descriptor)];
  return all.find(({ digest }) => digest === subject);
}

type ReadPorts = Pick<Ports, 'clock' | 'registry'>;

/** As cosign, oras and gh do: the manifest by its digest, then the bundle. */
async function readBytes(
  { repository, digest: subject }: DigestRef,
  written: readonly Written[],
  { clock, registry }: ReadPorts,
): Promise<void> {
  const isRead = async ({ referrer: { manifest, blobs } }: Written): Promise<boolean> => {
    const { digest } = manifest.descriptor;
    if ((await registry.getManifest({ repository, digest })) === undefined) return false;
    for (const { descriptor, bytes } of blobs) {
      if (descriptor.mediaType !== BUNDLE_TYPE) continue;
      const read = await registry.readBlob(repository, descriptor, bytes.byteLength);
      if (digestOf(read) !== descriptor.digest) return false;
    }
    return true;
  };
  let missing = written;
  const areRead = async (): Promise<boolean> => {
    const unread = await mapLimit(missing, READS_AT_ONCE, async (each) =>
      (await isRead(each)) ? [] : [each],
    );
    missing = unread.flat();
    return missing.length === 0;
  };
  if (!(await untilSeen(clock, areRead)))
    throw notReadable({ repository, digest: subject }, missing, 'cannot be read');
}

/** As they do before: the list of this artifactType. What its last look has shown is not asked for again. */
async function findInList(
  subject: DigestRef,
  written: readonly Written[],
  seen: readonly Descriptor[],
  { clock, registry }: ReadPorts,
): Promise<void> {
  let missing = written;
  const areIn = (list: readonly Descriptor[]): boolean => {
    const listed = new Set(list.map(({ digest }) => digest));
    missing = written.filter(({ referrer }) => !listed.has(referrer.manifest.descriptor.digest));
    return missing.length === 0;
  };
  if (areIn(seen.filter(({ artifactType }) => artifactType === BUNDLE_TYPE))) return;
  const areListed = async (): Promise<boolean> => areIn(await registry.referrers(subject, BUNDLE_TYPE));
  if (!(await untilSeen(clock, areListed))) throw notReadable(subject, missing, 'are not listed');
}

function notReadable(subject: DigestRef, written: readonly Written[], what: string): ReleaseError {
  const kinds = written.map(({ coming }) => coming.draft.kind).join(', ');
  const message = `attestations of ${formatReference(subject)} were written and ${what}: ${kinds}`;
  return new ReleaseError('ATTESTATION_NOT_READABLE', message);
}
