import type { KeptTag } from '../model/channel.ts';
import type { Digest } from '../model/digest.ts';
import type { ChannelDocument, ChannelEntry, MovingTag } from '../model/promotion.ts';
import { isPrerelease, parseVersion, type Version } from '../model/version.ts';

/** What a rollback goes back to. */
export type RollbackTarget = Pick<ChannelEntry, 'version' | 'immutable_tag' | 'moving_tags'> & {
  /** Its serial, where the record has it. */
  readonly serial?: number;
  /** Of the first image. */
  readonly digest: Digest;
};

/** `already`: the channel was rolled back since the last promotion, and "previous" is where it stands. */
export type PreviousEntry = ChannelEntry | 'already' | undefined;

/** What was live before the last promotion. A second rollback to it, of a re-run or of a second person, changes nothing. */
export function previousEntry(document: ChannelDocument): PreviousEntry {
  if (document.kind === 'rollback') return 'already';
  return document.history.find(({ serial }) => serial === document.previous);
}

/** The newest entry of this version or immutable tag, the live one included. */
export function entryNamed(document: ChannelDocument, name: string): ChannelEntry | undefined {
  const version = parseVersion(name)?.raw;
  return [document, ...document.history].find(
    (entry) => entry.immutable_tag === name || (version !== undefined && entry.version === version),
  );
}

export function isWithdrawn(
  document: ChannelDocument,
  target: Pick<RollbackTarget, 'immutable_tag'>,
): boolean {
  return document.withdrawn.some(({ immutable_tag }) => immutable_tag === target.immutable_tag);
}

/**
 * The tags that go back: the channel, and the aliases that lead to what is left, where the target is of their line. Others
 * stay: 1.5 at 1.5.7 when 1.6.0 gives way to 1.5.6. `present`: what each alias points at, on the first image.
 */
export function decideRollback(
  document: ChannelDocument | undefined,
  channel: string,
  target: RollbackTarget,
  present: ReadonlyMap<string, Digest>,
): { readonly tags: readonly MovingTag[]; readonly kept: readonly KeptTag[] } {
  const version = parseVersion(target.version);
  const left = new Set([
    target.digest,
    ...leftEntries(document, target).flatMap(({ images }) => images[0]?.digest ?? []),
  ]);
  const decided = aliasesOf(document, channel, target).map((tag) => ({
    tag,
    reason: reasonToKeep(tag, version, present.get(tag), left),
  }));
  return {
    tags: [
      { tag: channel, rule: 'channel' },
      ...decided.flatMap(({ tag, reason }): readonly MovingTag[] =>
        reason === undefined ? [{ tag, rule: 'alias' }] : [],
      ),
    ],
    kept: decided.flatMap(({ tag, reason }) => (reason === undefined ? [] : [{ tag, reason }])),
  };
}

/** The aliases that a rollback looks at. */
export function aliasesOf(
  document: ChannelDocument | undefined,
  channel: string,
  target: Omit<RollbackTarget, 'digest'>,
): readonly string[] {
  const tags = [...leftEntries(document, target), target].flatMap(({ moving_tags }) => moving_tags);
  return [...new Set(tags)].filter((tag) => tag !== channel);
}

/** What was live after the target. */
function leftEntries(
  document: ChannelDocument | undefined,
  { serial }: Pick<RollbackTarget, 'serial'>,
): readonly ChannelEntry[] {
  if (document === undefined) return [];
  const since = serial ?? document.serial - 1;
  return [document, ...document.history].filter(
    ({ serial, moving_tags }) => serial > since && moving_tags.includes(document.channel),
  );
}

function reasonToKeep(
  tag: string,
  version: Version | undefined,
  present: Digest | undefined,
  left: ReadonlySet<Digest>,
): string | undefined {
  if (version === undefined || isPrerelease(version))
    return 'what the channel goes back to has no stable version';
  const lines = ['latest', String(version.major), `${version.major}.${version.minor}`];
  if (!lines.includes(tag)) return `${version.raw} is not of its line`;
  return present === undefined || left.has(present) ? undefined : 'it leads to nothing that is left';
}
