import { type Problem, problem } from '../model/errors.ts';
import type { VersionInputs } from '../model/inputs.ts';
import type { Plan, PlannedTag } from '../model/plan.ts';
import { isTag } from '../model/reference.ts';
import { versionTag } from '../model/version.ts';
import { evaluateRules, type RuleTag } from './tag-rules.ts';
import type { TagSubject } from './tag-value.ts';

type Tags = { readonly tags: readonly PlannedTag[]; readonly problems: readonly Problem[] };

/**
 * The tags of every image of this plan: the defaults of the event, aliases without a channel, then the rules of the `tags` input. What is not
 * pushed gets none.
 */
export function planTags(
  inputs: VersionInputs,
  kind: Plan['kind'],
  subject: TagSubject,
  now: Date,
  aliases: readonly PlannedTag[] = [],
): Tags {
  if (!isPushed(kind, inputs)) return { tags: [], problems: [] };
  const defaults = defaultTags(kind, subject, now);
  const rules = evaluateRules(inputs.tags, subject);
  const all = [...defaults, ...aliases, ...rules.tags.map((tag) => extraTag(tag, kind))];
  const faults = rules.faults.map(({ fault, rule }) =>
    problem('INPUT_INVALID', `the tag rule ${rule.raw} cannot be used: ${fault}`),
  );
  return { tags: merge(all), problems: [...faults, ...all.flatMap(checkTag)] };
}

/** Forks never push; pull requests only when they are told to. */
export function isPushed(kind: Plan['kind'], inputs: VersionInputs): boolean {
  return kind !== 'fork' && (kind !== 'pull-request' || inputs.pullRequest === 'push');
}

function defaultTags(kind: Plan['kind'], subject: TagSubject, now: Date): readonly PlannedTag[] {
  const { version, revision, context } = subject;
  const sha = immutable(`sha-${revision}`, shaRule(kind), 'commit');
  switch (kind) {
    case 'tag':
    case 'dispatch':
      return version === undefined ? [sha] : [immutable(versionTag(version), 'required', 'version'), sha];
    case 'branch':
      return [sha];
    case 'schedule': {
      const day = now.toISOString().slice(0, 10).replaceAll('-', '');
      return [immutable(`nightly-${day}-${context.runId}`, 'required', 'schedule')];
    }
    case 'pull-request': {
      const number = context.pullRequest?.number;
      return number === undefined
        ? []
        : [{ tag: `pr-${number}`, kind: 'moving', rule: 'always', from: 'pull-request' }];
    }
    case 'fork':
      return [];
  }
}

/** Only a push to a branch releases the commit itself; elsewhere an earlier run may hold its tag. */
function shaRule(kind: Plan['kind']): 'required' | 'if-free' {
  return kind === 'branch' ? 'required' : 'if-free';
}

function immutable(tag: string, rule: 'required' | 'if-free', from: string): PlannedTag {
  return { tag, kind: 'immutable', rule, from };
}

function extraTag({ tag, rule, names }: RuleTag, kind: Plan['kind']): PlannedTag {
  const from = rule.raw;
  switch (names) {
    case 'commit':
      return immutable(tag, shaRule(kind), from);
    case 'whole':
      return immutable(tag, 'required', from);
    case 'partial':
      return { tag, kind: 'moving', rule: 'forward', from };
    case 'other':
      return { tag, kind: 'moving', rule: 'always', from };
  }
}

/** One entry for each tag: the first one named, but never weaker than any that names it. */
function merge(tags: readonly PlannedTag[]): readonly PlannedTag[] {
  const strength = ['always', 'forward', 'if-free', 'required'];
  const merged = new Map<string, PlannedTag>();
  for (const tag of tags) {
    const first = merged.get(tag.tag);
    const isStronger = first === undefined || strength.indexOf(tag.rule) > strength.indexOf(first.rule);
    if (isStronger) merged.set(tag.tag, first === undefined ? tag : { ...tag, from: first.from });
  }
  return [...merged.values()];
}

function checkTag({ tag, from }: PlannedTag): readonly Problem[] {
  if (isTag(tag)) return [];
  const corrected = tag.replace(/^[.-]+/, '').slice(0, 128);
  const what = `the tag from ${from} is not valid: ${tag}${corrected === '' ? '' : ` (corrected: ${corrected})`}`;
  const hint = 'A tag has at most 128 of the characters a-z A-Z 0-9 _ . - and does not begin with . or -.';
  return [problem('INPUT_INVALID', what, hint)];
}
