import type { Digest } from '../../model/digest.ts';
import type { Encoded } from '../../model/manifest.ts';
import { formatReference, type TagRef } from '../../model/reference.ts';
import type { TagMoveOutcome } from '../../ports/registry.ts';
import { RegistryFailure } from './failure.ts';
import { NotReadBack, putManifestOnce, resolveManifest, resolveManifestOnce } from './manifests.ts';
import { READ_BACK } from './retry.ts';
import { placeOf, type Transport } from './transport.ts';

export type TagMoveRequest = {
  readonly tag: TagRef;
  readonly manifest: Encoded;
  readonly from: Digest | undefined;
  readonly mayWrite: () => Promise<void>;
};

/** HEAD, PUT, HEAD. After a failure the next attempt looks again, as the write may have arrived all the same. */
export async function moveTag(transport: Transport, request: TagMoveRequest): Promise<TagMoveOutcome> {
  const { tag, manifest, from, mayWrite } = request;
  const to = manifest.descriptor.digest;
  const state = { isWritten: false };
  const settled = await transport.retrying(async (): Promise<TagMoveOutcome | undefined> => {
    const present = await lookOnce(transport, tag);
    if (present === to) return { outcome: state.isWritten ? 'moved' : 'unchanged' };
    if (present !== from) return taken(present);
    await mayWrite();
    state.isWritten = true;
    await putManifestOnce(transport, tag, manifest);
    return undefined;
  });
  return settled ?? readBack(transport, request);
}

async function readBack(
  transport: Transport,
  { tag, manifest, from }: TagMoveRequest,
): Promise<TagMoveOutcome> {
  const to = manifest.descriptor.digest;
  return transport.retrying(async (): Promise<TagMoveOutcome> => {
    const present = await lookOnce(transport, tag);
    if (present === to) return { outcome: 'moved' };
    if (present !== from) return taken(present);
    // Some registries show for a moment what was there before.
    const reason = `${formatReference(tag)} was written as ${to} and is read back as ${present ?? 'nothing'}`;
    throw new NotReadBack({
      ...placeOf({ method: 'HEAD', repository: tag.repository }),
      reason,
      transient: true,
    });
  }, READ_BACK);
}

function taken(present: Digest | undefined): TagMoveOutcome {
  return { outcome: 'taken', ...(present === undefined ? {} : { present }) };
}

async function lookOnce(transport: Transport, tag: TagRef): Promise<Digest | undefined> {
  return (await resolveManifestOnce(transport, tag, 'push'))?.digest;
}

/** What registries answer that cannot delete a tag, or must not. */
const REFUSED = [400, 401, 403, 405, 501];

/**
 * False when the registry does not delete tags.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#deleting-tags
 */
export async function deleteTag(transport: Transport, tag: TagRef): Promise<boolean> {
  const to = `manifests/${tag.tag}`;
  const call = { repository: tag.repository, access: 'push', method: 'DELETE', to } as const;
  try {
    await transport.call({ ...call, expect: [200, 202, 204, 404] });
  } catch (error) {
    if (error instanceof RegistryFailure && REFUSED.includes(error.status ?? 0)) return false;
    throw error;
  }
  return (await resolveManifest(transport, tag, 'push')) === undefined;
}
