import type { Digest } from './digest.ts';
import type { DigestRef, Repository, TagRef } from './reference.ts';

/** `rollback` is a promotion to an earlier digest set. */
export type PromotionKind = 'promote' | 'rollback';

/** A tag that moves on every image of the set. What it may be moved to was decided in the plan. */
export type MovingTag = {
  readonly tag: string;
  /**
   * `channel`: always with the channel; an alias only forward. `version`: the immutable tag that a promotion gives to what is
   * released already (1.6.0 to the digest of 1.6.0-rc.4): set with the others, held by another digest it is TAG_IMMUTABLE.
   */
  readonly rule: 'channel' | 'alias' | 'version';
};

export type PromotionItem = {
  /** Name of the image. */
  readonly image: string;
  /** Where its tags are to be moved; the first names it in the document. Never empty. */
  readonly repositories: readonly Repository[];
  /** The index or manifest, resolved once. */
  readonly digest: Digest;
  /** Where it is complete with its referrers, for targets that lack it; default: the first of `repositories`. */
  readonly source?: Repository;
};

/** The run that moved a channel. */
export type RunRef = { readonly id: string; readonly attempt: number; readonly url: string };

/** Why a rule was overridden; recorded. */
export type Force = { readonly reason: string };

/** An OCI artifact that belongs to what is live. */
export type ChannelArtifact = { readonly name: string; readonly ref: string; readonly digest: Digest };

/** Where the record of a channel stands, and in which shape. One for all channels of an image set, but for its first tag. */
export type ChannelHome = {
  /** `_channel-<name>` of the first image's repository, unless the config says otherwise. */
  readonly record: TagRef;
  /** The document of all channels. */
  readonly aggregate: TagRef;
  readonly artifactType: string;
  /** Media type of the one layer, the document. */
  readonly documentType: string;
  /** Title (file name) of that layer: `channels.json`. */
  readonly title: string;
};

export const CHANNEL_DEFAULTS = {
  artifactType: 'application/vnd.module-release.channel.v1+json',
  documentType: 'application/vnd.module-release.channel.document.v1+json',
  title: 'channels.json',
  aggregateTag: '_channels',
} as const;

/** One state that a channel was in. Snake case, because it is a document for others; its first fields are a fixed shape. */
export type ChannelEntry = {
  /** The version without any prefix; the channel's name where there is none. */
  readonly version: string;
  readonly immutable_tag: string;
  readonly moving_tags: readonly string[];
  /** `repository` with its registry. */
  readonly images: readonly {
    readonly image: string;
    readonly repository: string;
    readonly digest: Digest;
    /** Further repositories that hold the same. */
    readonly mirrors?: readonly string[];
  }[];
  readonly artifacts: readonly ChannelArtifact[];
  /** UTC, `2026-11-21T20:46:07Z`. */
  readonly generated_at: string;
  /** Grows by one with every change; never falls. */
  readonly serial: number;
  readonly kind: PromotionKind;
  /** The commit that was built, and its date (ISO) where it is known. */
  readonly revision: string;
  readonly revision_date?: string;
  readonly evidence: 'attested' | 'unattested';
  readonly actor: string;
  readonly run: RunRef;
  readonly force?: Force;
  /** Why somebody moved the channel by hand, in their words. */
  readonly reason?: string;
  /** It was taken over from a record whose signature nobody had proven: its digests are worth no more than any others. */
  readonly unproven?: true;
};

/** A release that a rollback has left. It does not count for forward-only, and comes back by force alone. */
export type Withdrawn = {
  readonly version: string;
  readonly immutable_tag: string;
  readonly revision: string;
  /** The serial of the rollback that left it. */
  readonly serial: number;
};

/** What a channel is and was. The record's layer; its signatures are referrers of the record's manifest. */
export type ChannelDocument = ChannelEntry & {
  readonly channel: string;
  /** The serial of the entry that was live before, in `history`. */
  readonly previous?: number;
  /** Newest first; without the present entry. */
  readonly history: readonly ChannelEntry[];
  readonly withdrawn: readonly Withdrawn[];
  /** `pending`: a signature belongs to this record; while it has none, a re-run writes and signs it anew. `unsigned`: nobody signs. */
  readonly signature: 'pending' | 'unsigned';
};

/** From → to of one tag, planned. `from` is undefined where the tag does not exist. */
export type TagMove = {
  readonly image: string;
  readonly ref: TagRef;
  readonly from?: Digest;
  readonly to: Digest;
};

/** A run that is about to move the channel, or died while it did: written before the first move. */
export type ChannelClaim = {
  readonly nonce: string;
  /** ISO, UTC. From then on the claim is dead. */
  readonly expires: string;
  /** The manifest of the record as it was before; absent: there was none. */
  readonly base?: Digest;
  readonly run: RunRef;
  readonly actor: string;
  /** The journal. */
  readonly moves: readonly TagMove[];
  /** What the record gets when all of them are done. */
  readonly change: ChannelChange;
};

/** What is added to a document. The rest of the next document follows from the present one, so nobody can slip it in. */
export type ChannelChange = {
  readonly entry: ChannelEntry;
  /** For a rollback: the serial of the entry that comes back. */
  readonly target?: number;
  /** How many entries the history keeps. */
  readonly keep: number;
  readonly isBaseProven: boolean;
  readonly signature: 'pending' | 'unsigned';
};

/** A channel as it was read: what the decisions of a promotion rest on. */
export type ChannelState = {
  readonly home: ChannelHome;
  readonly channel: string;
  /** What the record's tag points at; undefined: there is no record yet. */
  readonly tip?: Digest;
  /** The manifest that holds the document and its signatures; differs from `tip` while there is a claim. */
  readonly record?: DigestRef;
  /** Undefined before the first promotion. */
  readonly document?: ChannelDocument;
  readonly claim?: ChannelClaim;
};

export type PromotionRequest = {
  readonly channel: string;
  readonly kind: PromotionKind;
  /** As `openChannel` found it; when it has changed meanwhile, the promotion ends in CHANNEL_CONFLICT. */
  readonly base: ChannelState;
  /** Whether the signature of the base's record was proven; otherwise its entries stay in the history as unproven. */
  readonly isBaseProven: boolean;
  /**
   * The channel's own name and aliases; those that stay are not here. Without the channel's own (1.5.7 after 1.6.0 takes
   * aliases of its line alone) the entry goes straight into the history, and what is live stays live.
   */
  readonly tags: readonly MovingTag[];
  readonly items: readonly PromotionItem[];
  readonly artifacts: readonly ChannelArtifact[];
  readonly version?: string;
  readonly immutableTag: string;
  readonly revision: string;
  readonly revisionDate?: Date;
  readonly evidence: 'attested' | 'unattested';
  readonly actor: string;
  readonly run: RunRef;
  readonly force?: Force;
  readonly reason?: string;
  /** For a rollback: the serial of the entry that comes back; what came after it is withdrawn. */
  readonly target?: number;
  /** How many entries the history keeps. */
  readonly history: number;
  /** Write the record anew although nothing changes: the present one has no signature that holds. */
  readonly renew?: true;
  /** No tag may move and no image may be copied: where something is not as the request has it, this is VERIFY_FAILED. */
  readonly still?: true;
  /** Whether this run, or a later one, signs the record. */
  readonly signature: 'pending' | 'unsigned';
  readonly time: Date;
};

/** How one tag stands. `created` and `restored` leave no `from`, or lead back to it. */
export type MovedTag = TagMove & {
  readonly outcome: 'unchanged' | 'created' | 'moved' | 'restored' | 'waiting';
};

export type Promotion = {
  readonly channel: string;
  readonly kind: PromotionKind;
  /** `unchanged`: every tag and the record were there already, and nothing was written. */
  readonly status: 'moved' | 'unchanged';
  readonly tags: readonly MovedTag[];
  readonly document: ChannelDocument;
  /** What is to be signed. */
  readonly record: DigestRef;
};
