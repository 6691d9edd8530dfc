import type { AnnotationInput, TagRule } from '../model/inputs.ts';
import { parseList } from './lists.ts';
import { nearest, show } from './text.ts';

/*
 * The dialect of docker/metadata-action's `tags`, syntax only: templates are evaluated by the plan.
 * https://github.com/docker/metadata-action#tags-input
 */

const TYPES = ['schedule', 'semver', 'pep440', 'match', 'edge', 'ref', 'raw', 'sha'] as const;
const COMMON = ['enable', 'priority', 'prefix', 'suffix'] as const;
const ATTRIBUTES: Readonly<Record<TagRule['type'], readonly string[]>> = {
  schedule: ['pattern'],
  semver: ['pattern', 'value', 'match'],
  pep440: ['pattern', 'value', 'match'],
  match: ['pattern', 'group', 'value'],
  edge: ['branch'],
  ref: ['event'],
  raw: ['value'],
  sha: ['format'],
};
const REQUIRED: Readonly<Partial<Record<TagRule['type'], string>>> = {
  semver: 'pattern',
  pep440: 'pattern',
  match: 'pattern',
  ref: 'event',
  raw: 'value',
};

type Result<T> = { readonly value: T } | { readonly fault: string };

/** One rule: `type=…` with attributes, or a bare value (`type=raw`). */
export function parseTagRule(raw: string): Result<TagRule> {
  if (raw.includes('\0')) return { fault: 'text without null bytes' };
  const fields = parseList(raw);
  if (!fields.ok) return { fault: `a tag rule: ${fields.fault}` };
  const pairs = fields.items.map(splitField);
  const written = Object.fromEntries(pairs);
  const name = written.type ?? 'raw';
  const type = TYPES.find((candidate) => candidate === name);
  if (type === undefined) return { fault: `a tag rule: there is no ${unknown('type', name, TYPES)}` };
  const attributes = Object.fromEntries(pairs.filter(([key]) => key !== 'type'));
  const fault = faultOf(type, attributes);
  return fault === undefined ? { value: { type, attributes, raw } } : { fault: `a tag rule: ${fault}` };
}

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=');
  if (equals < 0) return ['value', field];
  return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1).trim()];
}

function faultOf(type: TagRule['type'], attributes: Readonly<Record<string, string>>): string | undefined {
  const known = [...COMMON, ...ATTRIBUTES[type]];
  const strange = Object.keys(attributes).find((key) => !known.includes(key));
  if (strange !== undefined) return `type=${type} has no ${unknown('attribute', strange, known)}`;
  const required = REQUIRED[type];
  if (required !== undefined && attributes[required] === undefined) return `type=${type} needs ${required}=…`;
  for (const [key, value] of Object.entries(attributes)) {
    const form = VALUE_FORMS[key];
    if (form !== undefined && !form.pattern.test(value)) return `${key}=${show(value)} is not ${form.is}`;
  }
  return undefined;
}

/** `enable` may be a template such as `{{is_default_branch}}`. */
const VALUE_FORMS: Readonly<Record<string, { readonly pattern: RegExp; readonly is: string }>> = {
  enable: { pattern: /^(?:true|false)$|\{\{.*\}\}/i, is: 'true, false or a template' },
  priority: { pattern: /^\d{1,9}$/, is: 'a number' },
  group: { pattern: /^\d{1,3}$/, is: 'the number of a group' },
  event: { pattern: /^(?:branch|tag|pr)$/, is: 'one of branch, tag, pr' },
  format: { pattern: /^(?:short|long)$/, is: 'one of short, long' },
};

function unknown(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  const proposal = near === undefined ? `known: ${known.join(', ')}` : `did you mean ${near}?`;
  return `${what} ${show(word)} (${proposal})`;
}

const LEVELS = ['index', 'manifest'] as const;

/**
 * `[levels:]key=value`; without levels it stands on both.
 * https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
 */
export function parseAnnotation(text: string): Result<AnnotationInput> {
  const [, prefix, key = '', value = ''] =
    /^(?:([a-z,-]+(?:\[[^\]=]*\])?):)?([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (key === '' || key === '__proto__') return { fault: 'an annotation of the form key=value' };
  if (text.includes('\0')) return { fault: 'text without null bytes' };
  const levels = (prefix ?? 'index,manifest').split(',');
  const known = LEVELS.filter((level) => levels.includes(level));
  if (known.length !== levels.length) {
    return { fault: 'an annotation with the level index:, manifest: or index,manifest:' };
  }
  return { value: { levels: known, key, value } };
}
