import type { RunContext } from '../model/context.ts';
import type { TagRule } from '../model/inputs.ts';
import { isPrerelease, parseVersion, type Version, versionTag } from '../model/version.ts';
import { branchOf, tagOf } from './event.ts';
import { shortSha } from './expressions.ts';
import { parsePep440 } from './pep440.ts';
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

/** A tag that a rule gives. */
export type RuleTag = {
  readonly tag: string;
  readonly rule: TagRule;
  /** `whole`: names one version for good. `partial`: a line of versions such as 1.2. */
  readonly names: 'commit' | 'whole' | 'partial' | 'other';
};

/** Higher comes first. https://github.com/docker/metadata-action#priority-attribute */
const PRIORITY: Readonly<Record<TagRule['type'], number>> = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100,
};

const PREFIX = { sha: 'sha-', pr: 'pr-' } as const;

type Value = { readonly text: string; readonly names: RuleTag['names'] };

/** The tags of all rules in order of priority; a rule that does not apply to this event gives none. */
export function evaluateRules(
  rules: readonly TagRule[],
  subject: TagSubject,
): { readonly tags: readonly RuleTag[]; readonly faults: readonly (Fault & { readonly rule: TagRule })[] } {
  const tags: RuleTag[] = [];
  const faults: (Fault & { rule: TagRule })[] = [];
  for (const rule of rules.toSorted((a, b) => priorityOf(b) - priorityOf(a))) {
    const value = evaluate(rule, subject);
    if (isFault(value)) faults.push({ ...value, rule });
    else if (value !== undefined && value.text !== '')
      tags.push({ tag: value.text, rule, names: value.names });
  }
  return { tags, faults };
}

function priorityOf(rule: TagRule): number {
  const own = Number(rule.attributes.priority ?? Number.NaN);
  return Number.isFinite(own) ? own : PRIORITY[rule.type];
}

function evaluate(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
  const enable = render(rule.attributes.enable ?? 'true', subject);
  if (isFault(enable)) return enable;
  if (/^false$/i.test(enable)) return undefined;
  if (!/^true$/i.test(enable)) return { fault: `enable must be true or false, not ${enable}` };
  const value = baseValue(rule, subject);
  if (value === undefined || isFault(value) || value.text === '') return value;
  const prefix = render(rule.attributes.prefix ?? defaultPrefix(rule), subject);
  const suffix = render(rule.attributes.suffix ?? '', subject);
  if (isFault(prefix)) return prefix;
  if (isFault(suffix)) return suffix;
  return { text: sanitize(`${prefix}${value.text}${suffix}`), names: value.names };
}

function baseValue(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
  const { context } = subject;
  const { attributes } = rule;
  switch (rule.type) {
    case 'schedule':
      return context.eventName === 'schedule'
        ? other(render(attributes.pattern ?? 'nightly', subject))
        : undefined;
    case 'semver':
      return semver(rule, subject);
    case 'pep440':
      return pep440(rule, subject);
    case 'match':
      return match(rule, subject);
    case 'edge': {
      const branch = attributes.branch || subject.defaultBranch;
      return branch !== undefined && branchOf(context) === branch ? other('edge') : undefined;
    }
    case 'ref':
      return ref(attributes.event, context, subject);
    case 'raw':
      return attributes.value === undefined
        ? { fault: 'value is missing' }
        : named(render(attributes.value, subject), subject);
    case 'sha': {
      const long = attributes.format === 'long';
      return { text: long ? subject.revision : shortSha(subject.revision), names: 'commit' };
    }
  }
}

function ref(event: string | undefined, context: RunContext, subject: TagSubject): Value | Fault | undefined {
  switch (event) {
    case 'branch':
      return other(branchOf(context) ?? '');
    case 'tag':
      return named(tagOf(context) ?? '', subject);
    case 'pr': {
      const number = /^refs\/pull\/(\d+)\//.exec(context.ref)?.[1];
      return number === undefined ? undefined : other(number);
    }
    default:
      return { fault: `event must be branch, tag or pr, not ${event ?? 'absent'}` };
  }
}

/** The text that a version rule reads: `value`, else the version of this release; then narrowed by `match`. */
function source(rule: TagRule, subject: TagSubject): string | Fault | undefined {
  const value = render(rule.attributes.value ?? '', subject);
  if (isFault(value)) return value;
  const given = value === '' ? undefined : value;
  const text = given ?? subject.written ?? tagOf(subject.context);
  const pattern = rule.attributes.match ?? '';
  if (text === undefined || pattern === '') return text;
  const found = search(pattern, text);
  return found === null || isFault(found) ? (found ?? undefined) : (found[1] ?? found[0]);
}

function semver(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
  const text = source(rule, subject);
  if (text === undefined || isFault(text)) return text;
  const isOwn = !rule.attributes.value && !rule.attributes.match;
  const version = isOwn ? subject.version : parseVersion(text.replace(/^[=v]+/, ''));
  // A tag that is no version is the plan's own error; it need not be said for each rule.
  if (version === undefined) return isOwn ? undefined : { fault: `value is no SemVer version: ${text}` };
  const whole = versionTag(version);
  const pattern = rule.attributes.pattern ?? '{{version}}';
  const helpers: Helpers = {
    raw: () => text,
    version: () => whole,
    major: () => String(version.major),
    minor: () => String(version.minor),
    patch: () => String(version.patch),
  };
  return versioned(
    isPrerelease(version) && !isRaw(pattern) ? '{{version}}' : pattern,
    helpers,
    [whole, text],
    subject,
  );
}

function pep440(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
  const text = source(rule, subject);
  if (text === undefined || isFault(text)) return text;
  const isOwn = !rule.attributes.value && !rule.attributes.match;
  const version = parsePep440(isOwn && subject.version !== undefined ? subject.version.raw : text);
  if (version === undefined) return isOwn ? undefined : { fault: `value is no version by PEP 440: ${text}` };
  const pattern = rule.attributes.pattern ?? '{{version}}';
  const helpers: Helpers = {
    raw: () => text,
    version: () => version.normal,
    major: () => version.major,
    minor: () => version.minor,
    patch: () => version.patch,
  };
  return versioned(
    version.isFinal || isRaw(pattern) ? pattern : '{{version}}',
    helpers,
    [version.normal, text],
    subject,
  );
}

/** `whole`: the spellings that name this one version. */
function versioned(
  pattern: string,
  helpers: Helpers,
  whole: readonly string[],
  subject: TagSubject,
): Value | Fault {
  const text = renderTemplate(pattern, { ...subject.helpers, ...helpers });
  if (isFault(text)) return text;
  return {
    text,
    names: whole.some((w) => containsVersion(sanitize(text), sanitize(w))) ? 'whole' : 'partial',
  };
}

function match(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
  const value = render(rule.attributes.value ?? '', subject);
  if (isFault(value)) return value;
  const text = value === '' ? tagOf(subject.context) : value;
  if (text === undefined) return undefined;
  const found = search(rule.attributes.pattern ?? '', text);
  if (found === null || isFault(found)) return found ?? undefined;
  const group = found[Number(rule.attributes.group ?? '0')];
  return group === undefined ? undefined : named(group, subject);
}

/** A pattern is an expression as it stands, or `/…/flags`. */
function search(pattern: string, text: string): RegExpExecArray | Fault | null {
  const [, body = pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
  try {
    return new RegExp(body, flags).exec(text);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function render(text: string, subject: TagSubject): string | Fault {
  return renderTemplate(text, subject.helpers);
}

function other(text: string | Fault): Value | Fault {
  return isFault(text) ? text : { text, names: 'other' };
}

/** Text of the user's own: it names a version when that of the release, or the start of it, stands in it. */
function named(text: string | Fault, { version }: TagSubject): Value | Fault {
  if (isFault(text)) return text;
  if (text === 'latest') return { text, names: 'partial' };
  if (version === undefined) return { text, names: 'other' };
  if (containsVersion(sanitize(text), versionTag(version))) return { text, names: 'whole' };
  const lines = [`${version.major}`, `${version.major}.${version.minor}`];
  return { text, names: lines.includes(text.replace(/^v/, '')) ? 'partial' : 'other' };
}

/** `v1.2.3` and `1.2.3-alpine` contain 1.2.3; `11.2.3` and `1.2.30` do not. */
function containsVersion(text: string, version: string): boolean {
  for (let at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1)) {
    const before = text.slice(0, at);
    const after = text.slice(at + version.length);
    if (!/[\d.]$/.test(before) && !/^(?:\d|\.\d)/.test(after)) return true;
  }
  return false;
}

function isRaw(pattern: string): boolean {
  return /^\{\{\s*raw\s*\}\}$/.test(pattern);
}

function defaultPrefix(rule: TagRule): string {
  if (rule.type === 'sha') return PREFIX.sha;
  return rule.type === 'ref' && rule.attributes.event === 'pr' ? PREFIX.pr : '';
}

/** What a tag cannot hold becomes one dash, as docker/metadata-action does. */
function sanitize(text: string): string {
  return text.replace(/[^a-zA-Z0-9._-]+/g, '-');
}
