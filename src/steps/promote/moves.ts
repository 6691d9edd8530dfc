import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { MovedTag, PromotionItem, PromotionRequest, TagMove } from '../../model/promotion.ts';
import { formatReference } from '../../model/reference.ts';

/** Every tag of every image at each of its repositories. Throws INTERNAL when two images want one tag. */
export function wantedTags({ items, tags }: Pick<PromotionRequest, 'items' | 'tags'>): readonly TagMove[] {
  const wanted = items.flatMap(({ image, repositories, digest }: PromotionItem) =>
    repositories.flatMap((repository) =>
      tags.map(({ tag }) => ({ image, ref: { repository, tag }, to: digest })),
    ),
  );
  const names = wanted.map(({ ref }) => formatReference(ref));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new ReleaseError('INTERNAL', `two images of one promotion want ${twice}`);
  return wanted;
}

/** Throws TAG_IMMUTABLE where a version is already the name of something else. */
export function requireFree(moves: readonly TagMove[], tags: PromotionRequest['tags']): void {
  const isImmutable = ({ ref }: TagMove): boolean =>
    tags.some(({ tag, rule }) => rule === 'version' && tag === ref.tag);
  const held = moves.find((move) => isImmutable(move) && move.from !== undefined && move.from !== move.to);
  if (held === undefined) return;
  const message = `${formatReference(held.ref)} points at ${held.from}, and this promotion would name ${held.to} so`;
  throw new ReleaseError('TAG_IMMUTABLE', message);
}

/** Where each tag of a journal stands. */
export type Standing = { readonly move: TagMove; readonly present: Digest | undefined };

export type JournalState = 'nothing moved' | 'all moved' | 'in part' | 'foreign';

/** `foreign`: somebody else has moved one of them since. */
export function judgeJournal(standing: readonly Standing[]): JournalState {
  if (standing.some(({ move, present }) => present !== move.to && present !== move.from)) return 'foreign';
  if (standing.every(({ move, present }) => present === move.from)) return 'nothing moved';
  return standing.every(({ move, present }) => present === move.to) ? 'all moved' : 'in part';
}

/** `ghcr.io/acme/app:prod at sha256:…`, for messages. */
export function formatStanding({ move, present }: Standing): string {
  return `${formatReference(move.ref)} at ${present ?? 'nothing'}`;
}

/** How a tag ended that is where it was to go. */
export function movedTag(move: TagMove): MovedTag {
  const outcome = move.from === move.to ? 'unchanged' : move.from === undefined ? 'created' : 'moved';
  return { ...move, outcome };
}
