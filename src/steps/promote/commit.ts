import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Encoded } from '../../model/manifest.ts';
import type { TagMove } from '../../model/promotion.ts';
import { formatReference, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Standing } from './moves.ts';

type CommitPorts = Pick<Ports, 'registry'>;
export type MayWrite = () => Promise<void>;

/** Three requests for a tag, mostly waiting: as many as the client has connections. */
export const TAGS_AT_ONCE = 8;

/** Where the tags point now; results in their order. */
export async function standingOf(
  moves: readonly TagMove[],
  { registry }: CommitPorts,
): Promise<readonly Standing[]> {
  return mapLimit(moves, TAGS_AT_ONCE, async (move) => ({
    move,
    present: (await registry.resolve(move.ref))?.digest,
  }));
}

/** The very bytes that a digest has: a tag is moved by writing them once more under its name. */
export async function readManifest(
  repository: Repository,
  digest: Digest,
  { registry }: CommitPorts,
): Promise<Encoded> {
  const manifest = await registry.getManifest({ repository, digest });
  if (manifest !== undefined) return manifest;
  const name = formatReference({ repository, digest });
  throw new ReleaseError('REGISTRY_NOT_FOUND', `what a tag is to be moved to is not there: ${name}`, {
    hint: 'Promote a release that the registry still holds, or build it again.',
  });
}

/** Moves every tag from where it was read to where it is to go. The first failure stops the rest. */
export async function moveTags(
  moves: readonly TagMove[],
  manifests: ReadonlyMap<Digest, Encoded>,
  mayWrite: MayWrite,
  { registry }: CommitPorts,
  note: (move: TagMove) => void = () => undefined,
): Promise<void> {
  await mapLimit(moves, TAGS_AT_ONCE, async (move) => {
    const manifest =
      manifests.get(move.to) ?? (await readManifest(move.ref.repository, move.to, { registry }));
    const moved = await registry.moveTag(move.ref, manifest, move.from, mayWrite);
    if (moved.outcome === 'taken') throw takenTag(move, moved.present);
    note(move);
  });
}

function takenTag({ ref, from, to }: TagMove, present: Digest | undefined): ReleaseError {
  const name = formatReference(ref);
  const message = `${name} points at ${present ?? 'nothing'}, and neither at ${from ?? 'nothing'} as before nor at ${to}`;
  const hint = 'Somebody moves this tag by other means than this action; find out who, and re-run.';
  return new ReleaseError('CHANNEL_CONFLICT', message, { hint });
}

/**
 * Puts every tag back that has moved, and reads all of them again. Goes on after failures; the result is where they stand,
 * with what went wrong for those that are not back.
 */
export async function putBack(
  moves: readonly TagMove[],
  mayWrite: MayWrite,
  ports: CommitPorts,
): Promise<readonly (Standing & { readonly error?: unknown; readonly isUnknown?: true })[]> {
  const failures = new Map<TagMove, unknown>();
  await mapLimit(moves, TAGS_AT_ONCE, async (move) => {
    try {
      await putOneBack(move, mayWrite, ports);
    } catch (error) {
      failures.set(move, error);
    }
  });
  return mapLimit(moves, TAGS_AT_ONCE, async (move) => {
    const error = failures.get(move);
    try {
      const present = (await ports.registry.resolve(move.ref))?.digest;
      return { move, present, ...(present === move.from || error === undefined ? {} : { error }) };
    } catch (cause) {
      return { move, present: undefined, isUnknown: true, error: error ?? cause };
    }
  });
}

async function putOneBack(move: TagMove, mayWrite: MayWrite, { registry }: CommitPorts): Promise<void> {
  const { ref, from, to } = move;
  if (from === undefined) {
    const present = await registry.resolve(ref);
    if (present?.digest !== to) return;
    await mayWrite();
    if (await registry.deleteTag(ref)) return;
    const message = `${formatReference(ref)} did not exist before, and its registry does not delete tags`;
    throw new ReleaseError('REGISTRY_UNAVAILABLE', message);
  }
  // Where it does not stand at `to`, it was not moved, or not by us.
  if ((await registry.resolve(ref))?.digest !== to) return;
  const manifest = await readManifest(ref.repository, from, { registry });
  await registry.moveTag(ref, manifest, to, mayWrite);
}
