import * as z from 'zod/mini';
import { type Problem, problem } from '../../model/errors.ts';
import type { Finding, Waiver } from '../../model/scan.ts';
import { isGlob, matchesGlob } from './glob.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 14 * DAY_MS;

const FORMS = {
  id: 'the id of a vulnerability (CVE-2024-1234) or of a secret rule',
  paths: 'a list of globs on files in the image, such as usr/lib/**',
  statement: 'a reason in words',
  expired_at: 'a date such as 2027-01-31',
  owner: 'who answers for it',
} as const;

const text = z.string().check(z.trim(), z.minLength(1));

const entry = z.strictObject({
  id: text,
  paths: z.optional(z.array(text.check(z.refine(isGlob)))),
  statement: text,
  expired_at: z.optional(z.string().check(z.refine(isDate))),
  owner: z.optional(text),
});

const section = z.optional(z.nullable(z.array(entry)));

/**
 * https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml, plus `owner`. Sections of scanners that do not
 * run here are left alone; an unknown key is refused, because a waiver whose narrowing is not understood lifts too much.
 */
const document = z.nullable(
  z.strictObject({
    vulnerabilities: section,
    secrets: section,
    misconfigurations: z.optional(z.unknown()),
    licenses: z.optional(z.unknown()),
  }),
);

export type ParsedWaivers =
  | { readonly ok: true; readonly waivers: readonly Waiver[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The waivers of a parsed YAML file; all its problems at once. `file` names it in messages. */
export function parseWaivers(content: unknown, file: string): ParsedWaivers {
  const parsed = document.safeParse(content ?? null);
  if (!parsed.success)
    return { ok: false, problems: parsed.error.issues.map((issue) => toProblem(issue, content, file)) };
  const of = (kind: Waiver['kind'], entries: readonly z.infer<typeof entry>[] | null | undefined) =>
    (entries ?? []).map(
      (raw): Waiver => ({
        kind,
        id: raw.id,
        paths: raw.paths ?? [],
        statement: raw.statement,
        ...(raw.expired_at === undefined ? {} : { expiredAt: raw.expired_at }),
        ...(raw.owner === undefined ? {} : { owner: raw.owner }),
      }),
    );
  const { vulnerabilities, secrets } = parsed.data ?? {};
  return { ok: true, waivers: [...of('vulnerability', vulnerabilities), ...of('secret', secrets)] };
}

function toProblem(issue: z.core.$ZodIssue, content: unknown, file: string): Problem {
  const place = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const where = place === '' ? file : `${file}: ${place.replace(/^\./, '')}`;
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? 'vulnerabilities, secrets' : Object.keys(FORMS).join(', ');
    return problem(
      'INPUT_INVALID',
      `${where} has an unknown key: ${issue.keys.join(', ')}`,
      `Known keys: ${known}.`,
    );
  }
  const value = at(content, issue.path);
  const field = issue.path[2];
  const form = isField(field) ? FORMS[field] : 'lists of waivers under vulnerabilities and secrets';
  const what = value === undefined ? `${where} is missing` : `${where} is not in its form: ${shown(value)}`;
  return problem('INPUT_INVALID', what, `Write ${form}.`);
}

function isField(key: unknown): key is keyof typeof FORMS {
  return typeof key === 'string' && Object.hasOwn(FORMS, key);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= 80 ? json : `${json.slice(0, 80)}…`;
}

/** A day that exists: not 2026-02-30. */
function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

/** Whether the waiver is about this finding, whatever its date. */
export function covers(waiver: Waiver, finding: Finding): boolean {
  if (waiver.kind !== finding.kind || waiver.id !== finding.id) return false;
  return waiver.paths.length === 0 || waiver.paths.some((glob) => matchesGlob(glob, finding.location));
}

/** Past the end of its last day (UTC). */
export function isExpired(waiver: Waiver, now: Date): boolean {
  return millisecondsLeft(waiver, now) <= 0;
}

/** Still good, for at most 14 days. */
export function expiresSoon(waiver: Waiver, now: Date): boolean {
  const left = millisecondsLeft(waiver, now);
  return left > 0 && left <= SOON_MS;
}

function millisecondsLeft({ expiredAt }: Waiver, now: Date): number {
  if (expiredAt === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(`${expiredAt}T00:00:00Z`) + DAY_MS - now.getTime();
}
