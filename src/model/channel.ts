import type { Digest } from './digest.ts';
import type { MovedTag, PromotionKind } from './promotion.ts';
import type { DigestRef, Reference } from './reference.ts';
import type { Version } from './version.ts';

/** `major` is the tag `1` of 1.2.3, `minor` the tag `1.2`. */
export const ALIASES = ['latest', 'major', 'minor'] as const;
export type Alias = (typeof ALIASES)[number];

export const DEFAULT_HISTORY = 50;

/** A named audience: one moving tag on every image, moved for all of them or for none. */
export type ChannelRule = {
  /** Valid as a tag. */
  readonly name: string;
  /** Which events move it; nothing of all three: only promotions do. */
  readonly when: {
    /** Names of branches; a star stands for any text. */
    readonly branches: readonly string[];
    /** Names of git tags, with a star likewise. */
    readonly tags: readonly string[];
    readonly schedule: boolean;
  };
  /** Whether a prerelease may take it. */
  readonly prerelease: boolean;
  readonly aliases: readonly Alias[];
  /** How many of the latest moves its record keeps. */
  readonly history: number;
};

/** What this run moves a channel with. */
export type PlannedPromotion = {
  readonly channel: string;
  /** Follow its versions, each forward only. */
  readonly aliases: readonly Alias[];
  readonly history: number;
  /** Why: the rule or the input. */
  readonly reason: string;
};

/** Which channels this run moves, and which it could have moved and does not. */
export type ChannelPlan = {
  readonly promotions: readonly PlannedPromotion[];
  readonly spared: readonly { readonly channel: string; readonly reason: string }[];
};

export type KeptTag = { readonly tag: string; readonly reason: string };

/** What became of a channel in this run. */
export type ChannelMove = {
  readonly channel: string;
  readonly kind: PromotionKind;
  /**
   * `unchanged`: it was there already. `stayed`: it does not go backward; aliases of an older line may have moved. `failed`:
   * the tags say how far it came.
   */
  readonly status: 'moved' | 'unchanged' | 'stayed' | 'failed';
  /** Where it is now; undefined: without a version, or unknown. */
  readonly version?: string;
  readonly evidence: 'attested' | 'unattested';
  /** At every registry, with what each pointed at before. */
  readonly tags: readonly MovedTag[];
  readonly kept: readonly KeptTag[];
  readonly reason: string;
  readonly forced: boolean;
  /** The record, where one was written. */
  readonly record?: { readonly ref: DigestRef; readonly serial: number; readonly signed: boolean };
};

export const NO_CHANNELS: ChannelPlan = { promotions: [], spared: [] };

/** What `promote` takes, and what `rollback` goes back to, as the user named it. */
export type ReleaseSelector =
  | { readonly kind: 'previous' }
  /** A version, a channel or any other tag of the images. */
  | { readonly kind: 'name'; readonly name: string }
  /** Of the one image, or of each image by its name. */
  | {
      readonly kind: 'digests';
      readonly digests: readonly { readonly image?: string; readonly digest: Digest }[];
    }
  /** What a job has handed over: a path, or `artifact`. */
  | { readonly kind: 'handoff'; readonly path: string }
  /** Images wherever they are; the last part of each path names the image. */
  | { readonly kind: 'references'; readonly references: readonly Reference[] };

/** The tag of an alias for a version. There is no `0`: below 1.0.0 each minor version may break what was before. */
export function aliasTag(alias: Alias, { major, minor }: Version): string | undefined {
  switch (alias) {
    case 'latest':
      return 'latest';
    case 'major':
      return major === 0 ? undefined : String(major);
    case 'minor':
      return `${major}.${minor}`;
  }
}

/** Whether both are of the line that an alias follows. */
export function isOneLine(alias: Alias, a: Version, b: Version): boolean {
  return alias === 'latest' || aliasTag(alias, a) === aliasTag(alias, b);
}

/** How one commit stands to another: `behind` is an ancestor of it. */
export type Ancestry = 'ahead' | 'behind' | 'identical' | 'diverged';
