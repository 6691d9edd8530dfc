import { mapLimit, type Slots } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { DigestRef } from '../../model/reference.ts';
import type { Attached, Referrer } from '../../ports/registry.ts';
import { RegistryFailure } from './failure.ts';
import { sendManifest } from './manifests.ts';
import { listByApi } from './referrers.ts';
import { publishByTag } from './referrers-tag.ts';
import { READ_BACK } from './retry.ts';
import type { Pace, Settling } from './settle.ts';
import { placeOf, type Transport } from './transport.ts';

export type AttachTools = {
  readonly transport: Transport;
  readonly settling: Settling;
  /** Of the registry. */
  readonly pace: Pace;
  /** Of the registry: who waits for other writers holds none. */
  readonly slots: Slots;
  /** Of the registry: whether the first who asked was told that there is no referrers API. Never rejects. */
  readonly lists: { lackApi?: Promise<boolean> };
  /** Makes a blob exist in the subject's repository. */
  readonly push: (blob: Descriptor, bytes: Uint8Array) => Promise<void>;
};

const AT_ONCE = 4;

/**
 * Blobs, manifests, then whatever makes them findable; `arrived` goes on beside that. Ends after a fresh read has found
 * every one of them; throws ATTESTATION_NOT_READABLE. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export async function attach(
  tools: AttachTools,
  subject: DigestRef,
  referrers: readonly Referrer[],
  arrived: () => Promise<void> = async () => undefined,
): Promise<Attached> {
  const own = referrers.map(({ descriptor }) => descriptor);
  const indexed = await tools.slots(() => send(tools, subject, referrers));
  const [attached, meanwhile] = await Promise.allSettled([
    makeFindable(tools, subject, own, indexed),
    arrived(),
  ]);
  if (attached.status === 'rejected') throw attached.reason;
  if (meanwhile.status === 'rejected') throw meanwhile.reason;
  return attached.value;
}

async function makeFindable(
  tools: AttachTools,
  subject: DigestRef,
  own: readonly Descriptor[],
  indexed: boolean,
): Promise<Attached> {
  const listed = await findByApi(tools, subject, own, indexed);
  if (listed !== undefined) return { by: 'api', listed };
  return { by: 'tag', listed: await publishByTag(tools, subject, own) };
}

/** Whether the registry says that it lists all of them. That they are there is seen in the list. */
async function send(
  { transport, push }: AttachTools,
  subject: DigestRef,
  referrers: readonly Referrer[],
): Promise<boolean> {
  const { repository } = subject;
  const indexed = await mapLimit(referrers, AT_ONCE, async ({ manifest, blobs }) => {
    for (const { descriptor, bytes } of blobs) await push(descriptor, bytes);
    const ref = { repository, digest: manifest.descriptor.digest };
    return (await sendManifest(transport, ref, manifest)).subject === subject.digest;
  });
  return indexed.every(Boolean);
}

const ONE_LOOK = { ...READ_BACK, attempts: 1 };

/**
 * A registry that does not say that it lists them by itself may do so nevertheless: one look tells. Where the first look
 * at a registry found no such API, the others do not look: the tag is what the specification asks for in both cases, and
 * readers take the entries of both.
 */
async function findByApi(
  { transport, slots, lists }: AttachTools,
  subject: DigestRef,
  own: readonly Descriptor[],
  indexed: boolean,
): Promise<readonly Descriptor[] | undefined> {
  const asked = lists.lackApi;
  if (!indexed && asked !== undefined && (await asked)) return undefined;
  const look = slots(() => lookByApi(transport, subject, own, indexed ? READ_BACK : ONE_LOOK));
  lists.lackApi ??= look.then(
    (found) => found === 'no API',
    () => false,
  );
  const found = await look;
  return typeof found === 'string' ? undefined : found;
}

async function lookByApi(
  transport: Transport,
  subject: DigestRef,
  own: readonly Descriptor[],
  looks: typeof READ_BACK,
): Promise<readonly Descriptor[] | 'missing' | 'no API'> {
  try {
    return await transport.retrying(async () => {
      const listed = await listByApi(transport, { subject, access: 'push' });
      if (listed === undefined) return 'no API';
      const digests = new Set(listed.map(({ digest }) => digest));
      if (own.every(({ digest }) => digests.has(digest))) return listed;
      const place = placeOf({ method: 'GET', repository: subject.repository });
      throw new NotListed({
        ...place,
        reason: `the referrers of ${subject.digest} lack some`,
        transient: true,
      });
    }, looks);
  } catch (error) {
    if (error instanceof NotListed) return 'missing';
    throw error;
  }
}

class NotListed extends RegistryFailure {}
