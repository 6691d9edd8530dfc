import * as z from 'zod/mini';
import type { GateInputs } from '../../model/inputs.ts';
import { type Finding, type Scanner, SEVERITIES } from '../../model/scan.ts';

/** What is looked for, and where not. */
export type ScanScope = Pick<GateInputs, 'scanners' | 'skipDirs' | 'skipFiles'>;

export type AttestedFindings =
  | { readonly ok: true; readonly findings: readonly Finding[]; readonly scanner: Scanner }
  | { readonly ok: false; readonly why: string };

const text = z.string().check(z.maxLength(1000));
const texts = z.array(text).check(z.maxLength(1000));
const count = z.int().check(z.minimum(0));

const finding = z.object({
  kind: z.enum(['vulnerability', 'secret']),
  id: text,
  severity: z.enum(SEVERITIES),
  package: text,
  installed: text,
  fixed: z.optional(text),
  location: text,
  line: z.optional(z.number()),
});

/** The predicate as the attest step writes it. */
const predicate = z.object({
  scanner: z.object({
    uri: z.string().check(z.startsWith('pkg:github/aquasecurity/trivy@')),
    version: text,
    db: z.object({ uri: text }),
    result: z.object({
      passed: z.boolean(),
      complete: z.boolean(),
      scanners: texts,
      skipped: z.optional(z.object({ dirs: texts, files: texts })),
      database: z.optional(z.object({ updatedAt: text, digest: z.optional(text) })),
      counts: z.record(z.enum(SEVERITIES), count),
      secrets: count,
      findings: z.array(finding).check(z.maxLength(5000)),
    }),
  }),
});

/**
 * The findings of a scan statement (of a proven bundle: nothing here asks who signed it), when a gate of today can judge by
 * them: the same scan that this run would make, its list whole, and green then.
 */
export function attestedFindings(statement: unknown, scope: ScanScope): AttestedFindings {
  const refuse = (why: string): AttestedFindings => ({ ok: false, why });
  const parsed = predicate.safeParse(statement);
  if (!parsed.success) return refuse('its statement has another form');
  const { version, db, result } = parsed.data.scanner;
  const { findings, counts, secrets, database, skipped } = result;
  if (!result.passed) return refuse('it was refused then');
  if (!result.complete) return refuse('its list of findings is cut');
  if (!sameSet(result.scanners, scope.scanners)) return refuse('other scanners looked at it');
  if (
    skipped === undefined ||
    !sameSet(skipped.dirs, scope.skipDirs) ||
    !sameSet(skipped.files, scope.skipFiles)
  )
    return refuse('other files were left out');
  const counted = Object.values(counts).reduce((sum, each) => sum + each, secrets);
  if (counted !== findings.length) return refuse('its list of findings is not as long as it says');
  return {
    ok: true,
    findings: findings.map(({ fixed, line, ...each }) => ({
      ...each,
      title: '',
      ...(fixed === undefined ? {} : { fixed }),
      ...(line === undefined ? {} : { line }),
    })),
    scanner: {
      name: 'trivy',
      version,
      ...(database === undefined
        ? {}
        : {
            database: {
              updatedAt: database.updatedAt,
              source: db.uri,
              ...(database.digest === undefined ? {} : { digest: database.digest }),
            },
          }),
    },
  };
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const [a, b] = [new Set(left), new Set(right)];
  return a.size === b.size && [...a].every((each) => b.has(each));
}
