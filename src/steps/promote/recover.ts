import type { Artifact } from '../../model/artifact.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { ChannelClaim, ChannelHome, ChannelState, RunRef, TagMove } from '../../model/promotion.ts';
import { type DigestRef, formatReference, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import {
  CLAIM_TIMES,
  type ClaimTimes,
  claimChannel,
  heldByAnother,
  isAlive,
  recordBefore,
  takenMeanwhile,
  writeRecord,
} from './claim.ts';
import { moveTags, putBack, standingOf } from './commit.ts';
import { advance } from './document.ts';
import { formatStanding, judgeJournal, type Standing } from './moves.ts';
import { readChannel } from './read.ts';
import { encodeRecord } from './record.ts';

export type Opening = {
  readonly channel: string;
  readonly home: ChannelHome;
  readonly run: RunRef;
  readonly actor: string;
  /** What to do with the move of a run that was killed: a rollback would rather have it undone. */
  readonly prefer: 'finish' | 'restore';
  /** Whether the image of this name is kept in this repository: in any other one the journal moves and deletes nothing. */
  readonly isHome: (repository: Repository, image: string) => boolean;
  /**
   * Whether a tag of this channel may be moved to this digest: the tag is one of the channel's own on one of its images, and
   * the signed history names the digest, or `verify` accepts it. The journal itself proves nothing.
   */
  readonly isTrusted: (target: DigestRef, move: TagMove, state: ChannelState) => Promise<boolean>;
  /** Whether the signature of the record is proven. */
  readonly isProven: (state: ChannelState) => Promise<boolean>;
  /** The caller moves every tag anyway: a journal that nobody can trust is dropped, and not an error. */
  readonly abandon?: boolean;
};

export type OpenPorts = Pick<Ports, 'registry' | 'clock' | 'log'>;

/** A move that a killed run has left, as it stands. */
type Left = {
  readonly opening: Opening;
  readonly state: ChannelState;
  readonly claim: ChannelClaim;
  readonly standing: readonly Standing[];
  /** `the move of … that … began`, for messages. */
  readonly about: string;
  readonly times: ClaimTimes;
};

const CHECKED_AT_ONCE = 4;

/**
 * The channel for one that wants to move it: what a killed run left is finished or undone first. Throws CHANNEL_CONFLICT
 * while another run moves it, PROMOTION_INCOMPLETE when neither way can be trusted or done.
 */
export async function openChannel(
  opening: Opening,
  ports: OpenPorts,
  times: ClaimTimes = CLAIM_TIMES,
): Promise<ChannelState> {
  const { channel, home, run } = opening;
  const state = await readChannel(channel, home, ports);
  const { claim } = state;
  if (claim === undefined) return state;
  if (isAlive(claim, run, ports.clock.now())) throw heldByAnother(channel, claim);
  const standing = await standingOf(claim.moves, ports);
  const about = `the move of the channel ${channel} that ${claim.run.url} began`;
  await settle({ opening, state, claim, standing, about, times }, ports);
  return readChannel(channel, home, ports);
}

async function settle(left: Left, ports: OpenPorts): Promise<void> {
  const { opening, state, claim, standing, about } = left;
  const where = standing.map(formatStanding).join(', ');
  const journal = judgeJournal(standing);
  switch (journal) {
    case 'nothing moved':
      ports.log.info(`Nothing was done of ${about}.`);
      return drop(state, ports);
    case 'foreign':
      ports.log.warning(`Somebody else has moved tags since ${about}, so it is let be: ${where}.`);
      return drop(state, ports);
    case 'all moved':
    case 'in part':
      break;
  }
  const wishes = journal === 'all moved' || opening.prefer === 'finish' ? FINISH_FIRST : RESTORE_FIRST;
  const isOurs =
    isConsistent(opening.channel, claim) &&
    claim.moves.every(({ ref, image }) => opening.isHome(ref.repository, image));
  for (const way of isOurs ? wishes : []) {
    if (!(await areTrusted(left, way))) continue;
    if (way === 'restore') return restore(left, ports);
    return journal === 'all moved' ? conclude(left, ports) : finish(left, ports);
  }
  if (opening.abandon === true) {
    ports.log.warning(`Nobody vouches for what ${about} leads to or comes from, so it is let be: ${where}.`);
    return drop(state, ports);
  }
  const message = `the channel ${opening.channel} is moved in part: ${where}`;
  const hint =
    'Neither where it came from nor where it went can be verified. Roll back to a release that can be.';
  throw new ReleaseError('PROMOTION_INCOMPLETE', message, { hint });
}

type Way = 'finish' | 'restore';
const FINISH_FIRST: readonly Way[] = ['finish', 'restore'];
const RESTORE_FIRST: readonly Way[] = ['restore', 'finish'];

/**
 * A journal of ours moves each tag that its entry names on each image that it names, and nothing else; and those are tags
 * that move. The immutable one is only ever created.
 */
function isConsistent(channel: string, { moves, change }: ChannelClaim): boolean {
  const { moving_tags, immutable_tag, images } = change.entry;
  if (!moving_tags.every((tag) => tag === channel || ALIAS.test(tag))) return false;
  const isKept = ({ ref, from, to }: TagMove): boolean =>
    moving_tags.includes(ref.tag) || from === undefined || from === to;
  if (!moves.every(isKept)) return false;
  const isNamed = moves.some(({ ref }) => ref.tag === immutable_tag);
  const tags = isNamed ? [...moving_tags, immutable_tag] : moving_tags;
  const named = images.flatMap(({ image, repository, mirrors = [], digest }) =>
    [repository, ...mirrors].flatMap((name) => tags.map((tag) => `${image} ${name}:${tag} ${digest}`)),
  );
  const moved = moves.map(({ image, ref, to }) => `${image} ${formatReference(ref)} ${to}`);
  return JSON.stringify(named.sort()) === JSON.stringify(moved.sort());
}

const ALIAS = /^(?:latest|\d+(?:\.\d+)?)$/;

/** Whether every tag may be where this way brings it. One that did not exist may go. */
async function areTrusted({ opening, state, standing }: Left, way: Way): Promise<boolean> {
  const verdicts = await mapLimit(standing, CHECKED_AT_ONCE, async ({ move }) => {
    const digest: Digest | undefined = way === 'finish' ? move.to : move.from;
    return (
      digest === undefined || opening.isTrusted({ repository: move.ref.repository, digest }, move, state)
    );
  });
  return verdicts.every(Boolean);
}

/** The record as it was takes the place of the claim. */
async function drop(state: ChannelState, ports: OpenPorts): Promise<void> {
  if (!(await writeRecord(state, await recordBefore(state, ports), state.tip, ports)))
    throw takenMeanwhile(state);
}

/** All tags are there: the record is what lacks. */
async function conclude(left: Left, ports: OpenPorts): Promise<void> {
  const { state, about } = left;
  if (!(await writeRecord(state, await nextRecord(left), state.tip, ports))) throw takenMeanwhile(state);
  ports.log.info(`All tags stand where ${about} was to bring them; its record is written now.`);
}

async function finish(left: Left, ports: OpenPorts): Promise<void> {
  const { opening, state, claim, standing, about, times } = left;
  const record = await nextRecord(left);
  const { run, actor } = opening;
  const held = await claimChannel(state, { ...claim, run, actor }, ports, times);
  const moves = standing.filter(({ move, present }) => present !== move.to).map(({ move }) => move);
  await held.during(moveTags(moves, new Map(), held.mayWrite, ports));
  if (!(await held.release(record))) throw takenMeanwhile(state);
  ports.log.info(`Finished ${about}: ${moves.length} tags were still to be moved.`);
}

/** Whether what stood there before was signed is for us to find out, and not for the journal to say. */
async function nextRecord({ opening, state, claim }: Left): Promise<Artifact> {
  const change = { ...claim.change, isBaseProven: await opening.isProven(state) };
  return encodeRecord(state.home, advance(state.channel, state.document, change));
}

async function restore(left: Left, ports: OpenPorts): Promise<void> {
  const { opening, state, claim, standing, about, times } = left;
  const { run, actor, channel } = opening;
  const held = await claimChannel(state, { ...claim, run, actor }, ports, times);
  const moves = standing.map(({ move }) => move);
  const ended = await held.during(putBack(moves, held.mayWrite, ports));
  const failed = ended.find(({ error, isUnknown }) => error !== undefined || isUnknown === true);
  if (failed !== undefined) {
    const message = `the channel ${channel} is moved in part: ${ended.map(formatStanding).join(', ')}`;
    throw new ReleaseError('PROMOTION_INCOMPLETE', message, { cause: failed.error });
  }
  if (!(await held.release(await recordBefore(state, ports)))) throw takenMeanwhile(state);
  ports.log.info(`Undone is ${about}: all its tags stand where they stood.`);
}
