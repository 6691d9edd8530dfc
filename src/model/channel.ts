import type { Digest } from './digest.ts';
import type { Reference } from './reference.ts';
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

/** What this run will move a channel to. */
export type PlannedPromotion = {
  readonly channel: string;
  /** `latest`, `1`, `1.2`: tags that move forward only, each by itself. */
  readonly aliases: readonly string[];
  readonly history: number;
  /** Why: the rule or the input. */
  readonly reason: string;
};

/** A channel or an alias that this event could have moved and does not: decided in the plan. */
export type SparedChannel = { readonly channel: string; readonly reason: string };

/** What `promote` takes, and what `rollback` goes back to, as the user named it. */
export type ReleaseSelector =
  | { readonly kind: 'previous' }
  /** A version, a channel or any other tag of the images. */
  | { readonly kind: 'name'; readonly name: string }
  /** Of the one image, or of each image by its name. */
  | { readonly kind: 'digests'; readonly digests: readonly { readonly image?: string; readonly digest: Digest }[] }
  /** Images wherever they are; the last part of each path names the image. */
  | { readonly kind: 'references'; readonly references: readonly Reference[] };

/** The tags of the aliases for a version. There is no `0`: everything below 1.0.0 may break with each minor version. */
export function aliasTags(aliases: readonly Alias[], version: Version): readonly string[] {
  return ALIASES.filter((alias) => aliases.includes(alias)).flatMap((alias) => {
    switch (alias) {
      case 'latest':
        return ['latest'];
      case 'major':
        return version.major === 0 ? [] : [String(version.major)];
      case 'minor':
        return [`${version.major}.${version.minor}`];
    }
  });
}
