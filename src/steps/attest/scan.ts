import { formatPlatform, type Platform } from '../../model/descriptor.ts';
import {
  type Finding,
  type GatePolicy,
  type GateVerdict,
  type Scanner,
  SEVERITIES,
  type Waiver,
} from '../../model/scan.ts';
import type { OidcClaims } from '../../ports/oidc.ts';
import { invocationOf } from './provenance.ts';

/** What the whole release was scanned with, and judged by. */
export type ScanFacts = {
  readonly scanner: Scanner;
  readonly scanners: readonly ('vuln' | 'secret')[];
  /** What the scanner was told to leave out; absent: not known. */
  readonly skipped?: { readonly dirs: readonly string[]; readonly files: readonly string[] };
  readonly policy: GatePolicy;
  readonly verdict: GateVerdict;
  readonly startedOn: Date;
  readonly finishedOn: Date;
};

type Run = { readonly claims?: OidcClaims; readonly serverUrl: string };

/** Bounds what is signed; a longer list is cut, and says so. */
const MOST_FINDINGS = 2000;
const MOST_WAIVERS = 500;
const LONGEST = 300;

/**
 * The scan of one platform and our verdict on it. https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md
 * cosign decodes the predicate into its own types and hands policies no other field, so all that is ours stands in `result`,
 * which may be anything.
 */
export function scanPredicate(
  subject: { readonly image: string; readonly platform: Platform; readonly findings: readonly Finding[] },
  facts: ScanFacts,
  run: Run,
): Readonly<Record<string, unknown>> {
  const { scanner, startedOn, finishedOn } = facts;
  const { database } = scanner;
  return {
    invocation: {
      parameters: facts.scanners.map((each) => `--scanners=${each}`),
      uri: run.claims === undefined ? '' : invocationOf(run.claims, run.serverUrl),
      event_id: run.claims?.runId ?? '',
      'builder.id': run.claims?.jobWorkflowRef ?? '',
    },
    scanner: {
      uri: `pkg:github/aquasecurity/${scanner.name}@${encodeURIComponent(scanner.version)}`,
      version: scanner.version,
      db: {
        uri: clip(database?.source ?? ''),
        version: database?.digest ?? database?.updatedAt ?? '',
        ...(database === undefined ? {} : { lastUpdate: database.updatedAt }),
      },
      result: result(subject, facts),
    },
    metadata: { scanStartedOn: startedOn.toISOString(), scanFinishedOn: finishedOn.toISOString() },
  };
}

function result(
  {
    image,
    platform,
    findings,
  }: { readonly image: string; readonly platform: Platform; readonly findings: readonly Finding[] },
  { policy, verdict, scanner, scanners, skipped }: ScanFacts,
): Readonly<Record<string, unknown>> {
  const here = ({ image: name, platforms }: GateVerdict['violations'][number]): boolean =>
    name === image && platforms.includes(formatPlatform(platform));
  const waivers = [...new Set(verdict.waived.filter(here).map(({ waiver }) => waiver))];
  const vulnerabilities = findings.filter(({ kind }) => kind === 'vulnerability');
  return {
    passed: !verdict.violations.some(here),
    scanners,
    ...(skipped === undefined || !isShort(skipped) ? {} : { skipped }),
    policy: { severities: policy.severities, ignoreUnfixed: policy.ignoreUnfixed },
    ...(scanner.database === undefined
      ? {}
      : { database: { updatedAt: scanner.database.updatedAt, digest: scanner.database.digest } }),
    counts: Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        vulnerabilities.filter((each) => each.severity === severity).length,
      ]),
    ),
    secrets: findings.length - vulnerabilities.length,
    waived: verdict.waived.filter(here).length,
    unfixed: verdict.unfixed.filter(here).length,
    waivers: waivers.slice(0, MOST_WAIVERS).map(waiverOf),
    /** False: something is cut, and no one can judge anew by it. */
    complete: findings.length <= MOST_FINDINGS && waivers.length <= MOST_WAIVERS && !findings.some(isClipped),
    findings: [...findings].sort(worstFirst).slice(0, MOST_FINDINGS).map(findingOf),
  };
}

function waiverOf({ id, kind, paths, statement, expiredAt, owner }: Waiver): unknown {
  return {
    id,
    kind,
    paths: paths.slice(0, 50).map(clip),
    statement: clip(statement),
    ...(expiredAt === undefined ? {} : { expiredAt }),
    ...(owner === undefined ? {} : { owner: clip(owner) }),
  };
}

/** All that a policy of another day needs; of a secret its rule and its place, never a character of it. */
function findingOf({
  kind,
  id,
  severity,
  package: name,
  installed,
  fixed,
  location,
  line,
}: Finding): unknown {
  return {
    kind,
    id: clip(id),
    severity,
    package: clip(name),
    installed: clip(installed),
    ...(fixed === undefined || fixed === '' ? {} : { fixed: clip(fixed) }),
    location: clip(location),
    ...(line === undefined ? {} : { line }),
  };
}

function isClipped({ id, package: name, installed, fixed = '', location }: Finding): boolean {
  return [id, name, installed, fixed, location].some((text) => text.length > LONGEST);
}

function isShort({ dirs, files }: NonNullable<ScanFacts['skipped']>): boolean {
  const all = [...dirs, ...files];
  return all.length <= MOST_WAIVERS && all.every((text) => text.length <= LONGEST);
}

function worstFirst(a: Finding, b: Finding): number {
  const byKind = Number(b.kind === 'secret') - Number(a.kind === 'secret');
  return byKind || SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
}

function clip(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
