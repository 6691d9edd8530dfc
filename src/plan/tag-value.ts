import type { RunContext } from '../model/context.ts';
import { type Version, versionTag } from '../model/version.ts';
import { type Fault, type Helpers, isFault, renderTemplate } from './template.ts';

/** The facts that tag rules are evaluated on. */
export type TagSubject = {
  readonly context: RunContext;
  readonly revision: string;
  /** The version of this release, and as the tag or the input has it. */
  readonly version?: Version;
  readonly written?: string;
  readonly defaultBranch?: string;
  readonly helpers: Helpers;
};

/** What a tag stands for. `whole`: one version for good. `partial`: a line of versions such as 1.2. */
export type Names = 'commit' | 'whole' | 'partial' | 'other';

/** A tag before its prefix and suffix. */
export type Value = { readonly text: string; readonly names: Names };

export function render(text: string, subject: TagSubject): string | Fault {
  return renderTemplate(text, subject.helpers);
}

export function other(text: string | Fault): Value | Fault {
  return isFault(text) ? text : { text, names: 'other' };
}

/** Text of the user's own: it names a version when that of the release, or the start of it, stands in it. */
export function named(text: string | Fault, { version }: Pick<TagSubject, 'version'>): Value | Fault {
  if (isFault(text)) return text;
  if (text === 'latest') return { text, names: 'partial' };
  if (version === undefined) return { text, names: 'other' };
  if (namesVersion(text, { version })) return { text, names: 'whole' };
  const lines = [`${version.major}`, `${version.major}.${version.minor}`];
  return { text, names: lines.includes(text.replace(/^v/, '')) ? 'partial' : 'other' };
}

/** Whether the version of this release stands in a text. */
export function namesVersion(text: string, { version }: Pick<TagSubject, 'version'>): boolean {
  return version !== undefined && containsVersion(sanitize(text), versionTag(version));
}

/** `v1.2.3` and `1.2.3-alpine` contain 1.2.3; `11.2.3` and `1.2.30` do not. */
export function containsVersion(text: string, version: string): boolean {
  for (let at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1)) {
    const before = text.slice(0, at);
    const after = text.slice(at + version.length);
    if (!/[\d.]$/.test(before) && !/^(?:\d|\.\d)/.test(after)) return true;
  }
  return false;
}

/** What a tag cannot hold becomes one dash, as docker/metadata-action does. */
export function sanitize(text: string): string {
  return text.replace(/[^a-zA-Z0-9._-]+/g, '-');
}
