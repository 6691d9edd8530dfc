import { mapLimit, type Slots } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { DigestRef } from '../../model/reference.ts';
import type { Referrer } from '../../ports/registry.ts';
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
  /** Makes a blob exist in the subject's repository. */
  readonly push: (blob: Descriptor, bytes: Uint8Array) => Promise<void>;
};

const AT_ONCE = 4;

/**
 * Blobs, manifests, then whatever makes them findable. Ends after a fresh read has found every one of them; throws
 * ATTESTATION_NOT_READABLE. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export async function attach(
  tools: AttachTools,
  subject: DigestRef,
  referrers: readonly Referrer[],
): Promise<{ readonly by: 'api' | 'tag' }> {
  const own = referrers.map(({ descriptor }) => descriptor);
  const isListed = await tools.slots(async () => {
    const indexed = await send(tools, subject, referrers);
    // A registry that does not say that it lists them by itself may do so nevertheless: one look tells.
    return isListedByApi(tools.transport, subject, own, indexed ? READ_BACK : ONE_LOOK);
  });
  if (isListed) return { by: 'api' };
  await publishByTag(tools, subject, own);
  return { by: 'tag' };
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

async function isListedByApi(
  transport: Transport,
  subject: DigestRef,
  own: readonly Descriptor[],
  looks: typeof READ_BACK,
): Promise<boolean> {
  try {
    return await transport.retrying(async () => {
      const listed = await listByApi(transport, { subject, access: 'push' });
      if (listed === undefined) return false;
      const digests = new Set(listed.map(({ digest }) => digest));
      if (own.every(({ digest }) => digests.has(digest))) return true;
      const place = placeOf({ method: 'GET', repository: subject.repository });
      throw new NotListed({
        ...place,
        reason: `the referrers of ${subject.digest} lack some`,
        transient: true,
      });
    }, looks);
  } catch (error) {
    if (error instanceof NotListed) return false;
    throw error;
  }
}

class NotListed extends RegistryFailure {}
