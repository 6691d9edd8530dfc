import { mapLimit, type Slots } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { isDigest } from '../../model/digest.ts';
import type { ReleaseError } from '../../model/errors.ts';
import { readDescriptor } from '../../model/manifest.ts';
import { type DigestRef, formatReference, type TagRef } from '../../model/reference.ts';
import { RegistryFailure } from './failure.ts';
import { getManifestOnce, MANIFEST_BYTES, putManifestOnce, resolveManifest } from './manifests.ts';
import { notReadable } from './not-readable.ts';
import {
  digestOfEntry,
  entryOf,
  extendIndex,
  missingFrom,
  type RawEntry,
  type RawIndex,
  readIndex,
  referrersTag,
} from './referrers-index.ts';
import { type Pace, type Settling, settle, watching } from './settle.ts';
import type { Transport } from './transport.ts';

type Tools = {
  readonly transport: Transport;
  readonly settling: Settling;
  readonly pace: Pace;
  readonly slots: Slots;
};

/** What one writer knows, from its first read to its last. */
type Writer = Tools & {
  readonly subject: DigestRef;
  readonly tag: TagRef;
  /** Our own, and those of others that were seen while a write of ours was under way. */
  readonly wanted: RawEntry[];
  /** Digests that lists name and the registry does not hold. */
  readonly dead: Set<string>;
  /** What the tag held before we wrote: to see it again is to see an old answer. */
  readonly before: Set<string | undefined>;
};

type Held = { readonly index: RawIndex; readonly digest: string | undefined };

const MOST_ROUNDS = 12;
/** So many old answers in a row are waited out; then another writer has put back what was there. */
const MOST_STALE = 4;
const CHECKED_AT_ONCE = 6;

/**
 * Adds entries to the list that a tag holds, where a registry keeps none itself. There is no lock and no compare-and-swap
 * in the protocol, so: read, add, write at once; wait longer than another writer takes; read again, and begin anew where
 * something is missing. The last act is always a read that found everything, whose list is answered. docs/attestations.md tells what remains.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#unavailable-referrers-api
 */
export async function publishByTag(
  { transport, settling, pace, slots }: Tools,
  subject: DigestRef,
  own: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  const tag = { repository: subject.repository, tag: referrersTag(subject.digest) };
  const known = { wanted: own.map(entryOf), dead: new Set<string>(), before: new Set<string | undefined>() };
  const writer: Writer = { transport, settling, pace, slots, subject, tag, ...known };
  let stale = 0;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const outcome = await transport.retrying(() => slots(() => merge(writer, stale < MOST_STALE)));
    if (typeof outcome === 'object') return outcome.manifests.flatMap((entry) => readDescriptor(entry) ?? []);
    stale = outcome === 'stale' ? stale + 1 : 0;
    if (outcome === 'stale') pace.showsLate = true;
    await settle(settling, pace, round);
  }
  const what = `and ${formatReference(tag)} did not keep them ${MOST_ROUNDS} times: others write it, or it is not consistent`;
  throw notReadable(subject, what, 'Re-run the job when nothing else attaches to this image.');
}

/** One attempt: what was read is extended and written at once; the list, when it holds all already. After a failure the next one begins with a fresh read. */
async function merge(writer: Writer, mayBeStale: boolean): Promise<RawIndex | 'stale' | 'written'> {
  const { settling, pace, tag, transport, wanted, dead, before } = writer;
  const { clock } = settling;
  let began = clock.elapsed();
  let held = await readHeld(writer);
  for (let again = 0; again < 3 && clock.elapsed() - began > settling.leastMs / 2; again += 1) {
    began = clock.elapsed();
    held = await readHeld(writer);
  }
  const missing = missingFrom(held.index, wanted);
  if (missing.length === 0) return held.index;
  if (mayBeStale && before.has(held.digest)) return 'stale';
  const manifests = held.index.manifests.filter((entry) => !dead.has(digestOfEntry(entry) ?? ''));
  const merged = extendIndex({ ...held.index, manifests }, missing);
  requireSmall(merged.bytes, writer);
  const look = async (): Promise<void> => {
    const { index } = await readHeld(writer);
    wanted.push(
      ...missingFrom({ ...index, manifests: [...held.index.manifests, ...wanted] }, index.manifests),
    );
  };
  try {
    await watching(settling, putManifestOnce(transport, tag, merged), look);
  } catch (error) {
    await bury(writer, held.index, error);
    return merge(writer, mayBeStale);
  }
  before.add(held.digest);
  pace.slowestMs = Math.max(pace.slowestMs, clock.elapsed() - began);
  return 'written';
}

async function readHeld({ transport, tag, subject }: Writer): Promise<Held> {
  const manifest = await getManifestOnce(transport, tag, 'push');
  const index = readIndex(manifest?.bytes);
  if (index !== undefined) return { index, digest: manifest?.descriptor.digest };
  const what = `but ${formatReference(tag)} holds something else than the list of referrers`;
  throw notReadable(subject, what, 'Delete this tag, or move what it holds to another name; then re-run.');
}

/**
 * Registries refuse an index that names what they do not hold. The list may: somebody deleted a referrer and forgot it
 * here. Such entries go, as no reader could follow them. Throws the error again when that was not its cause.
 */
async function bury(
  { transport, tag, dead, subject }: Writer,
  held: RawIndex,
  error: unknown,
): Promise<void> {
  if (!(error instanceof RegistryFailure)) throw error;
  if (isOverwriteRefused(error)) throw overwriteRefused(tag, subject, error);
  if (!UNKNOWN.some((code) => error.says(code))) throw error;
  const found = await mapLimit(held.manifests, CHECKED_AT_ONCE, async (entry) => {
    const digest = digestOfEntry(entry) ?? '';
    if (!isDigest(digest) || dead.has(digest)) return [];
    const there = await resolveManifest(transport, { repository: tag.repository, digest }, 'push');
    return there === undefined ? [digest] : [];
  });
  // All are there: the registry needs a moment before it knows what it has just taken.
  if (found.flat().length === 0) throw unsettled(error);
  for (const digest of found.flat()) dead.add(digest);
}

const UNKNOWN = ['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN'];

function unsettled({ method, target, stage, errors, status = 404 }: RegistryFailure): RegistryFailure {
  return new RegistryFailure({ method, target, stage, errors, status, transient: true });
}

/** Amazon ECR, Harbor, Docker Hub and others, each in its own words. */
function isOverwriteRefused({ message, status }: RegistryFailure): boolean {
  return /immutab|cannot be overwritten/i.test(message) || status === 409 || status === 412;
}

function overwriteRefused(tag: TagRef, subject: DigestRef, cause: RegistryFailure): ReleaseError {
  const what = `but the registry does not let ${formatReference(tag)} be overwritten, which lists them: ${cause.message}`;
  const hint =
    'Exempt tags that match `sha256-*` from the immutability of tags in this repository, or use a registry with the ' +
    'referrers API, or set `attest-store` to `github` or `file`.';
  return notReadable(subject, what, hint, cause);
}

function requireSmall({ byteLength }: Uint8Array, { subject }: Writer): void {
  if (byteLength <= MANIFEST_BYTES) return;
  const what = `but their list has ${byteLength} bytes, and registries take ${MANIFEST_BYTES}`;
  throw notReadable(subject, what, 'Remove referrers that nobody needs from this image.');
}
