import type {
  ChannelChange,
  ChannelDocument,
  ChannelEntry,
  PromotionRequest,
} from '../../model/promotion.ts';
import { formatRepository } from '../../model/reference.ts';

/** UTC to the second: `2026-11-21T20:46:07Z`. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What a promotion adds to the record of its channel. */
export function changeOf(request: PromotionRequest): ChannelChange {
  const { base, channel, version, revisionDate, force, reason, target, isBaseProven } = request;
  const entry: ChannelEntry = {
    version: version ?? channel,
    immutable_tag: request.immutableTag,
    moving_tags: request.tags.flatMap(({ tag, rule }) => (rule === 'version' ? [] : [tag])),
    images: request.items.map(({ image, digest, repositories }) => {
      const [repository = '', ...mirrors] = repositories.map(formatRepository);
      return { image, repository, digest, ...(mirrors.length === 0 ? {} : { mirrors }) };
    }),
    artifacts: request.artifacts,
    generated_at: formatTime(request.time),
    serial: nextSerial(base.document),
    kind: request.kind,
    revision: request.revision,
    ...(revisionDate === undefined ? {} : { revision_date: formatTime(revisionDate) }),
    evidence: request.evidence,
    actor: request.actor,
    run: request.run,
    ...(force === undefined ? {} : { force }),
    ...(reason === undefined ? {} : { reason }),
  };
  return {
    entry,
    ...(target === undefined ? {} : { target }),
    keep: request.history,
    isBaseProven,
    signature: request.signature,
  };
}

/** Serials never fall, also where the newest entry is one that moved nothing but aliases. */
function nextSerial(document: ChannelDocument | undefined): number {
  const known = document === undefined ? [] : [document, ...document.history];
  return 1 + Math.max(0, ...known.map(({ serial }) => serial));
}

/**
 * The document after a change. What stood in it goes into the history. A release that takes aliases and not the channel
 * (a fix for an older line) goes into the history itself.
 */
export function advance(
  channel: string,
  present: ChannelDocument | undefined,
  { entry, target, keep, isBaseProven, signature }: ChannelChange,
): ChannelDocument {
  const mark = isBaseProven ? same : unproven;
  if (present !== undefined && !takesChannel(channel, entry)) {
    const history = [entry, ...present.history.map(mark)].slice(0, keep);
    return { ...present, ...mark(entryOf(present)), history, signature };
  }
  if (present !== undefined && isSame(present, entry)) {
    // The same release again: what was before it stays what was before.
    const withdrawn = withdrawnAfter(channel, present, entry, target);
    const history = present.history.map(mark).slice(0, keep);
    return { ...present, ...entry, kind: present.kind, history, withdrawn, signature };
  }
  const past = present === undefined ? [] : [entryOf(present), ...present.history].map(mark);
  return {
    channel,
    ...entry,
    ...(present === undefined ? {} : { previous: present.serial }),
    history: past.slice(0, keep),
    withdrawn: withdrawnAfter(channel, present, entry, target),
    signature,
  };
}

function takesChannel(channel: string, { moving_tags }: ChannelEntry): boolean {
  return moving_tags.includes(channel);
}

function same(entry: ChannelEntry): ChannelEntry {
  return entry;
}

function unproven(entry: ChannelEntry): ChannelEntry {
  return { ...entry, unproven: true };
}

/**
 * A rollback withdraws all that came after the entry that it brings back (only what is live, where that one is none of
 * the history); what never took the channel stays as it is. Whatever goes live is no longer withdrawn.
 */
function withdrawnAfter(
  channel: string,
  present: ChannelDocument | undefined,
  entry: ChannelEntry,
  target: number | undefined,
): ChannelDocument['withdrawn'] {
  const known = (present?.withdrawn ?? []).filter(
    ({ immutable_tag }) => immutable_tag !== entry.immutable_tag,
  );
  if (present === undefined || entry.kind !== 'rollback') return known;
  const seen = new Set([entry.immutable_tag, ...known.map(({ immutable_tag }) => immutable_tag)]);
  const left = [entryOf(present), ...present.history].filter(
    (each) => each.serial > (target ?? present.serial - 1) && takesChannel(channel, each),
  );
  const added = left.flatMap(({ version, immutable_tag, revision }) => {
    if (seen.has(immutable_tag)) return [];
    seen.add(immutable_tag);
    return [{ version, immutable_tag, revision, serial: entry.serial }];
  });
  return [...added, ...known].slice(0, MOST_WITHDRAWN);
}

/** Old ones are behind every version that is still released. */
const MOST_WITHDRAWN = 500;

/** The present state of a document, as its history will keep it. */
export function entryOf(document: ChannelDocument): ChannelEntry {
  const { channel, previous, history, withdrawn, signature, ...entry } = document;
  return entry;
}

/** Whether the channel is already recorded as what the change would make it. */
export function isRecorded(
  channel: string,
  present: ChannelDocument | undefined,
  { entry, target }: ChannelChange,
): boolean {
  if (present === undefined) return false;
  if (!takesChannel(channel, entry)) return present.history.some((known) => isSame(known, entry));
  const withdrawn = withdrawnAfter(channel, present, entry, target);
  return isSame(present, entry) && JSON.stringify(present.withdrawn) === JSON.stringify(withdrawn);
}

function isSame(a: ChannelEntry, b: ChannelEntry): boolean {
  const what = ({ version, immutable_tag, images, artifacts, revision, evidence }: ChannelEntry): string =>
    JSON.stringify([version, immutable_tag, images, artifacts, revision, evidence]);
  return what(a) === what(b);
}
