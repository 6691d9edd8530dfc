import type { TagRule } from '../model/inputs.ts';
import { isPrerelease, parseVersion, versionTag } from '../model/version.ts';
import { tagOf } from './event.ts';
import { parsePep440 } from './pep440.ts';
import { containsVersion, named, render, sanitize, type TagSubject, type Value } from './tag-value.ts';
import { type Fault, type Helpers, isFault, renderTemplate } from './template.ts';

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

export function semver(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
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

export function pep440(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
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

export function match(rule: TagRule, subject: TagSubject): Value | Fault | undefined {
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

function isRaw(pattern: string): boolean {
  return /^\{\{\s*raw\s*\}\}$/.test(pattern);
}
