import type { Descriptor } from '../../model/descriptor.ts';
import type { Repository } from '../../model/reference.ts';
import type { BlobOutcome } from '../../ports/registry.ts';
import type { Call, Transport } from './transport.ts';
import { asForgotten, blobExists, finish, openSession, type Session, tryMount } from './uploads.ts';

export type BlobCopy = {
  readonly from: Repository;
  readonly to: Repository;
  readonly blob: Descriptor;
  /** What the token for the source must allow. */
  readonly access: Call['access'];
};

/** HEAD, else mount within one registry, else what comes down goes up at once: nothing touches the disk. */
export async function copyBlob(transport: Transport, copy: BlobCopy): Promise<BlobOutcome> {
  const { from, to, blob, access } = copy;
  const place = { repository: to, blob };
  if (await blobExists((call) => transport.call(call), place)) return 'existing';
  const mountFrom = from.registry === to.registry ? [from] : [];
  const mount = await tryMount(transport, { ...place, mountFrom });
  if (mount === 'mounted') return mount;
  let opened: Session | undefined = mount;
  const down = {
    repository: from,
    access,
    method: 'GET',
    to: `blobs/${blob.digest}`,
    expect: [200],
  } as const;
  await transport.retrying(async (attempt) => {
    if (attempt > 1 && (await blobExists((call) => transport.once(call), place))) return;
    const session = opened ?? (await openSession(transport, to));
    opened = undefined;
    await transport.stream(down, async ({ stream }) => {
      const body = { kind: 'stream', stream, size: blob.size } as const;
      // The registry checks the digest before it takes the bytes.
      await finish(transport, place, session, body).catch((error) => Promise.reject(asForgotten(error)));
    });
  });
  return 'uploaded';
}
