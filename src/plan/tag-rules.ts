import type { TagRule } from '../model/inputs.ts';
import { branchOf, tagOf } from './event.ts';
import { shortSha } from './expressions.ts';
import {
  type Names,
  named,
  namesVersion,
  other,
  render,
  sanitize,
  type TagSubject,
  type Value,
} from './tag-value.ts';
import { type Fault, isFault } from './template.ts';
import { match, pep440, semver } from './version-rules.ts';

/** A tag that a rule gives. */
export type RuleTag = {
  readonly tag: string;
  readonly rule: TagRule;
  readonly names: Names;
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
  const names = [prefix, suffix].some((affix) => namesVersion(affix, subject)) ? 'whole' : value.names;
  return { text: sanitize(`${prefix}${value.text}${suffix}`), names };
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
      return ref(attributes.event, subject);
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

function ref(event: string | undefined, subject: TagSubject): Value | Fault | undefined {
  const { context } = subject;
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

function defaultPrefix(rule: TagRule): string {
  if (rule.type === 'sha') return PREFIX.sha;
  return rule.type === 'ref' && rule.attributes.event === 'pr' ? PREFIX.pr : '';
}
