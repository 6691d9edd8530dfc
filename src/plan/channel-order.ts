import {
  type Alias,
  type Ancestry,
  aliasTag,
  isOneLine,
  type KeptTag,
  type PlannedPromotion,
} from '../model/channel.ts';
import type { Digest } from '../model/digest.ts';
import type { ChannelDocument, ChannelEntry, MovingTag } from '../model/promotion.ts';
import { compareVersions, isPrerelease, parseVersion, type Version } from '../model/version.ts';

/** A release by what orders it. */
export type Dated = {
  readonly version?: Version;
  /** 40 hex digits. */
  readonly revision?: string;
  readonly committed?: Date;
};

/** What is to be promoted. */
export type Candidate = Dated & {
  readonly revision: string;
  readonly immutableTag: string;
  /** Of the first image. */
  readonly digest: Digest;
};

/** What a tag of the first image points at, by its annotations. */
export type Present = Dated & { readonly digest: Digest };

export type ChannelFacts = {
  /** Undefined before the first promotion. */
  readonly document?: ChannelDocument;
  /** By tag; without those that do not exist. */
  readonly present: ReadonlyMap<string, Present>;
  /** How the candidate stands to a commit; without those that nobody could tell. */
  readonly ancestry: ReadonlyMap<string, Ancestry>;
};

export type OrderDecision = {
  /** In order: the channel first. Empty: nothing moves. */
  readonly tags: readonly MovingTag[];
  readonly kept: readonly KeptTag[];
  /** Why the channel itself stays; undefined: it moves. */
  readonly stays?: string;
};

type Wish = { readonly tag: string; readonly alias?: Alias };

/** The tags that a promotion may touch: the channel, then its aliases. */
export function tagsOf(promotion: Aimed, version: Version | undefined): readonly Wish[] {
  const aliases = version === undefined || isPrerelease(version) ? [] : promotion.aliases;
  return [
    { tag: promotion.channel },
    ...aliases.flatMap((alias): readonly Wish[] => {
      const tag = version === undefined ? undefined : aliasTag(alias, version);
      return tag === undefined || tag === promotion.channel ? [] : [{ tag, alias }];
    }),
  ];
}

type Aimed = Pick<PlannedPromotion, 'channel' | 'aliases'>;

/**
 * Which tags move: each of them forward only, by the record of the channel and by what the registry shows. What a rollback
 * has withdrawn does not count as ahead, and does not come back. `force` moves all of them.
 */
export function decideOrder(
  candidate: Candidate,
  promotion: Aimed,
  facts: ChannelFacts,
  force: boolean,
): OrderDecision {
  const wishes = tagsOf(promotion, candidate.version);
  if (force) return { tags: wishes.map(movingTag), kept: [] };
  const stays =
    withdrawnReason(candidate, facts.document) ?? behindReason(candidate, promotion.channel, facts);
  const decided = wishes.map((wish) => ({ wish, reason: reasonToKeep(wish, candidate, facts, stays) }));
  return {
    tags: decided.flatMap(({ wish, reason }) => (reason === undefined ? [movingTag(wish)] : [])),
    kept: decided.flatMap(({ wish: { tag }, reason }) => (reason === undefined ? [] : [{ tag, reason }])),
    ...(stays === undefined ? {} : { stays }),
  };
}

/** The commits that the candidate is to be compared with: those at the channel where versions do not order them. */
export function commitsToCompare(
  candidate: Candidate,
  channel: string,
  facts: Omit<ChannelFacts, 'ancestry'>,
): readonly string[] {
  const live = liveOf(channel, facts).filter(
    (each) =>
      !isSame(candidate, each) && !areOrdered(candidate, each) && each.revision !== candidate.revision,
  );
  return [...new Set(live.flatMap(({ revision }) => revision ?? []))];
}

function movingTag({ tag, alias }: Wish): MovingTag {
  return { tag, rule: alias === undefined ? 'channel' : 'alias' };
}

function reasonToKeep(
  { tag, alias }: Wish,
  candidate: Candidate,
  facts: ChannelFacts,
  stays: string | undefined,
): string | undefined {
  if (alias === undefined) return stays;
  return withdrawnReason(candidate, facts.document) ?? aliasReason(alias, tag, candidate, facts);
}

/** An alias goes to the highest version of its line alone. */
function aliasReason(
  alias: Alias,
  tag: string,
  { version, digest }: Candidate,
  { document, present }: ChannelFacts,
): string | undefined {
  if (version === undefined) return 'what is promoted has no version';
  const shown = present.get(tag);
  if (shown?.digest === digest) return undefined;
  const others = [
    ...(shown === undefined ? [] : [named(shown, document)]),
    ...entriesOf(document).map(datedOf),
  ];
  const higher = others
    .flatMap((other) => other.version ?? [])
    .filter((other) => !isPrerelease(other) && isOneLine(alias, other, version))
    .filter((other) => !isWithdrawnVersion(other, document))
    .find((other) => compareVersions(other, version) > 0);
  return higher === undefined ? undefined : `it is at the higher version ${higher.raw}`;
}

/** A channel goes to no lower version, and where versions do not tell, to no older commit. */
function behindReason(candidate: Candidate, channel: string, facts: ChannelFacts): string | undefined {
  for (const live of liveOf(channel, facts)) {
    if (isSame(candidate, live)) continue;
    const reason = areOrdered(candidate, live)
      ? lowerThan(candidate, live)
      : olderThan(candidate, live, facts);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function lowerThan({ version }: Candidate, live: Dated): string | undefined {
  if (version === undefined || live.version === undefined) return undefined;
  return compareVersions(version, live.version) < 0
    ? `it is at the higher version ${live.version.raw}`
    : undefined;
}

function olderThan(candidate: Candidate, live: Dated, { ancestry }: ChannelFacts): string | undefined {
  const { revision, committed } = live;
  if (revision === undefined || revision === candidate.revision) return undefined;
  const known = ancestry.get(revision);
  if (known === 'ahead' || known === 'identical') return undefined;
  if (known === 'behind') return `it is at the newer commit ${revision}`;
  if (committed === undefined || candidate.committed === undefined) return undefined;
  return candidate.committed < committed
    ? `it is at the newer commit ${revision} of ${committed.toISOString()}`
    : undefined;
}

/** What is at the channel: by its record, and by what its tag shows where somebody else has moved it. */
function liveOf(
  channel: string,
  { document, present }: Omit<ChannelFacts, 'ancestry'>,
): readonly (Dated & { readonly digest?: Digest })[] {
  const shown = present.get(channel);
  const recorded = document === undefined ? [] : [{ ...datedOf(document), ...digestOf(document) }];
  const isRecorded = shown === undefined || recorded.some(({ digest }) => digest === shown.digest);
  return isRecorded ? recorded : [...recorded, named(shown, document)];
}

function digestOf({ images }: ChannelEntry): { readonly digest?: Digest } {
  const [first] = images;
  return first === undefined ? {} : { digest: first.digest };
}

function isSame({ digest }: Candidate, live: { readonly digest?: Digest }): boolean {
  return live.digest === digest;
}

/** Two versions order each other; otherwise only their commits do. */
function areOrdered(candidate: Candidate, live: Dated): boolean {
  return candidate.version !== undefined && live.version !== undefined;
}

/** The record knows better than the annotations under which version a digest was released. */
function named(present: Present, document: ChannelDocument | undefined): Present {
  const entry = entriesOf(document).find(({ images }) => images[0]?.digest === present.digest);
  return entry === undefined ? present : { ...present, ...datedOf(entry) };
}

function entriesOf(document: ChannelDocument | undefined): readonly ChannelEntry[] {
  return document === undefined ? [] : [document, ...document.history];
}

function datedOf({ version: text, revision, revision_date }: ChannelEntry): Dated {
  const version = parseVersion(text);
  return {
    revision,
    ...(version === undefined ? {} : { version }),
    ...(revision_date === undefined ? {} : { committed: new Date(revision_date) }),
  };
}

function withdrawnReason(
  { version, immutableTag, digest }: Candidate,
  document: ChannelDocument | undefined,
): string | undefined {
  if (document === undefined || digestOf(document).digest === digest) return undefined;
  const isGone =
    version === undefined
      ? document.withdrawn.some(({ immutable_tag }) => immutable_tag === immutableTag)
      : isWithdrawnVersion(version, document);
  return isGone ? `a rollback has withdrawn ${version?.raw ?? immutableTag}` : undefined;
}

function isWithdrawnVersion({ raw }: Version, document: ChannelDocument | undefined): boolean {
  return document?.withdrawn.some(({ version }) => version === raw) ?? false;
}
