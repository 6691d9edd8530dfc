import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError, toReleaseError } from '../../model/errors.ts';
import type { Encoded } from '../../model/manifest.ts';
import type {
  ChannelDocument,
  MovedTag,
  Promotion,
  PromotionRequest,
  TagMove,
} from '../../model/promotion.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { publishAggregate } from './aggregate.ts';
import {
  CLAIM_TIMES,
  type ClaimTimes,
  claimChannel,
  type Held,
  heldByAnother,
  recordBefore,
} from './claim.ts';
import { moveTags, putBack, readManifest, standingOf, TAGS_AT_ONCE } from './commit.ts';
import { copyMissing } from './copy.ts';
import { advance, changeOf, isRecorded } from './document.ts';
import { formatStanding, movedTag, requireFree, wantedTags } from './moves.ts';
import { encodeRecord } from './record.ts';

export { CLAIM_TIMES, type ClaimTimes } from './claim.ts';
export { channelHome, type HomeShape } from './home.ts';
export { readChannel } from './read.ts';
export { type Opening, openChannel } from './recover.ts';

export type PromotePorts = Pick<Ports, 'registry' | 'clock' | 'log'>;

export type PromoteOptions = {
  /** Told how the tags stand whenever that changes, so that a run that fails still reports what it did. */
  readonly note?: (tags: readonly MovedTag[]) => void;
  /** Told when the claim has survived, and waited for: the tags begin to move then. Must not throw. */
  readonly begin?: (moves: readonly TagMove[]) => Promise<void>;
  readonly times?: ClaimTimes;
};

/**
 * Moves a channel for all images or for none: prepare, claim (with the journal), commit, settle. Throws CHANNEL_CONFLICT
 * having moved nothing, PROMOTION_ROLLED_BACK having put back what it moved, PROMOTION_INCOMPLETE when that failed too, VERIFY_FAILED where it should stay as it is.
 */
export async function promote(
  request: PromotionRequest,
  ports: PromotePorts,
  options: PromoteOptions = {},
): Promise<Promotion> {
  const { base, channel, kind } = request;
  const { times = CLAIM_TIMES, note = () => undefined, begin = async () => undefined } = options;
  if (base.claim !== undefined) throw heldByAnother(channel, base.claim);
  const change = changeOf(request);
  const { moves, manifests } = await prepare(request, ports);
  const left = moves.filter(({ from, to }) => from !== to);
  if (request.still === true && left.length > 0) throw notThere(channel, left);
  const end = async (
    status: Promotion['status'],
    document: ChannelDocument,
    record: DigestRef,
  ): Promise<Promotion> => {
    const tags = moves.map(movedTag);
    note(tags);
    for (const tag of tags) ports.log.info(sentence(tag));
    await publishAggregate(base.home, document, record, ports, times).catch((error) =>
      Promise.reject(asAfterthought(channel, error)),
    );
    return { channel, kind, status, tags, document, record };
  };
  const { document: present, record: recorded } = base;
  if (
    left.length === 0 &&
    request.renew !== true &&
    present !== undefined &&
    recorded !== undefined &&
    isRecorded(channel, present, change)
  )
    return end('unchanged', present, recorded);

  const { run, actor } = request;
  const held = await claimChannel(base, { run, actor, moves, change }, ports, times);
  const document = advance(channel, present, change);
  const settled = encodeRecord(base.home, document);
  try {
    await held.during(begin(moves).then(() => commit(held, moves, manifests, ports, note)));
  } catch (error) {
    // Where this fails, the claim expires by itself, and its journal says that nothing moved.
    if (isRolledBack(error)) await releaseBefore(held, ports).catch(() => undefined);
    throw error;
  }
  await settle(held, settled);
  const record = { repository: base.home.record.repository, digest: settled.manifest.descriptor.digest };
  return end('moved', document, record);
}

type Prepared = { readonly moves: readonly TagMove[]; readonly manifests: ReadonlyMap<Digest, Encoded> };

/** Everything that can be wrong before anything moves: images complete at their targets, bytes at hand, tags read. */
async function prepare(request: PromotionRequest, ports: PromotePorts): Promise<Prepared> {
  if (request.still !== true) await copyMissing(request.items, ports);
  const read = await mapLimit(
    request.items,
    TAGS_AT_ONCE,
    async ({ digest, repositories, source, image }) => {
      const repository = source ?? repositories[0];
      if (repository === undefined)
        throw new ReleaseError('INTERNAL', `an image without a repository: ${image}`);
      return [digest, await readManifest(repository, digest, ports)] as const;
    },
  );
  const standing = await standingOf(wantedTags(request), ports);
  const moves = standing.map(({ move: { image, ref, to }, present }) => ({
    image,
    ref,
    ...(present === undefined ? {} : { from: present }),
    to,
  }));
  if (request.still !== true) requireFree(moves, request.tags);
  return { moves, manifests: new Map(read) };
}

async function commit(
  held: Held,
  moves: readonly TagMove[],
  manifests: Prepared['manifests'],
  ports: PromotePorts,
  note: NonNullable<PromoteOptions['note']>,
): Promise<void> {
  const left = moves.filter(({ from, to }) => from !== to);
  const done = new Set<TagMove>(moves.filter(({ from, to }) => from === to));
  const tell = (): void =>
    note(moves.map((move) => (done.has(move) ? movedTag(move) : { ...move, outcome: 'waiting' })));
  tell();
  try {
    await moveTags(left, manifests, held.mayWrite, ports, (move) => {
      done.add(move);
      tell();
    });
  } catch (cause) {
    throw await undo(held, left, cause, ports, note);
  }
}

/** Puts back what moved; the result is the error to throw. */
async function undo(
  held: Held,
  moves: readonly TagMove[],
  cause: unknown,
  ports: PromotePorts,
  note: NonNullable<PromoteOptions['note']>,
): Promise<ReleaseError> {
  const { channel } = held.state;
  const ended = await putBack(moves, held.mayWrite, ports);
  note(ended.map(({ move, present }) => ({ ...move, outcome: present === move.to ? 'moved' : 'restored' })));
  const failed = ended.find(({ error, isUnknown }) => error !== undefined || isUnknown === true);
  if (failed === undefined) {
    const message = `the channel ${channel} could not be moved, and all its tags stand where they stood: ${toReleaseError(cause).message}`;
    return new ReleaseError('PROMOTION_ROLLED_BACK', message, { cause });
  }
  const where = ended.map((each) =>
    each.isUnknown === true
      ? `${formatReference(each.move.ref)} at what the registry does not tell`
      : formatStanding(each),
  );
  const message = `the channel ${channel} is moved in part: ${where.join(', ')} (${toReleaseError(cause).message})`;
  return new ReleaseError('PROMOTION_INCOMPLETE', message, { cause: failed.error });
}

async function releaseBefore(held: Held, ports: PromotePorts): Promise<void> {
  await held.release(await recordBefore(held.state, ports));
}

/** The record takes the place of the claim. Whatever fails here, all tags are where they were to go. */
async function settle(held: Held, record: ReturnType<typeof encodeRecord>): Promise<void> {
  const { channel } = held.state;
  let isOurs: boolean;
  try {
    isOurs = await held.release(record);
  } catch (cause) {
    const message = `all tags of the channel ${channel} were moved, and its record could not be written: ${toReleaseError(cause).message}`;
    throw new ReleaseError('PROMOTION_INCOMPLETE', message, { cause });
  }
  if (isOurs) return;
  const message = `all tags of the channel ${channel} were moved, and meanwhile another run has taken its record`;
  throw new ReleaseError('PROMOTION_INCOMPLETE', message);
}

/** The record says something else than the registry shows. */
function notThere(channel: string, moves: readonly TagMove[]): ReleaseError {
  const where = moves.map(
    ({ ref, from, to }) =>
      `${formatReference(ref)} points at ${from ?? 'nothing'}, and its record says ${to}`,
  );
  return new ReleaseError(
    'VERIFY_FAILED',
    `the channel ${channel} is not what its record says: ${where.join(', ')}`,
    {
      hint: 'Somebody has moved tags by other means than this action. Promote or roll back the channel: its record is then written anew.',
    },
  );
}

/** The channel is moved and recorded; the next run completes the rest. */
function asAfterthought(channel: string, cause: unknown): ReleaseError {
  const { code, message, hint } = toReleaseError(cause);
  const what = `the channel ${channel} stands where it shall, and the document of all channels could not be written: ${message}`;
  return new ReleaseError(code, what, { hint, cause });
}

function isRolledBack(error: unknown): boolean {
  return error instanceof ReleaseError && error.code === 'PROMOTION_ROLLED_BACK';
}

function sentence({ ref, outcome, from, to }: MovedTag): string {
  const tag = formatReference(ref);
  switch (outcome) {
    case 'unchanged':
      return `The tag ${tag} is unchanged.`;
    case 'created':
      return `The tag ${tag} was created for ${to}.`;
    default:
      return `The tag ${tag} was moved from ${from ?? 'nothing'} to ${to}.`;
  }
}
