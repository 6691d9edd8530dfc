import type { AttestationKind } from '../../model/attestation.ts';
import { hexOf, shortDigest } from '../../model/digest.ts';
import type { PlatformImage } from '../../model/image.ts';
import type {
  Check,
  RefusedBundle,
  Requirement,
  VerificationFault,
  VerificationPolicy,
} from '../../model/verification.ts';
import type { ProvenBundle } from '../../ports/sigstore.ts';
import { contentChecks, scanTime } from './contents.ts';
import { check } from './expected.ts';
import { identityChecks } from './identity.ts';
import { provenanceChecks } from './provenance.ts';
import { type ReadStatement, requirementOf } from './statement.ts';

/** An index or a manifest that must have evidence. */
export type Subject = { readonly digest: PlatformImage['descriptor']['digest']; readonly platform?: string };

/** A believed bundle with a statement of a kind that we know. */
export type Evidence = {
  readonly source: string;
  readonly kind: AttestationKind;
  readonly statement: ReadStatement;
  readonly proven: ProvenBundle;
  /** As it was read. */
  readonly bundle: Uint8Array;
};

export const TITLES: Readonly<Record<Requirement, string>> = {
  signature: 'Signature',
  provenance: 'Provenance',
  sbom: 'SBOM',
  scan: 'Scan',
};

export type Judgement = {
  readonly evidence: Evidence;
  readonly checks: readonly Check[];
  readonly ok: boolean;
};

/** Everything that is asked of one bundle. Pure: what it says against what is expected. */
export function judge(evidence: Evidence, subject: Subject, policy: VerificationPolicy): Judgement {
  const { kind, statement, proven } = evidence;
  const requirement = requirementOf(kind);
  const of = { id: requirement, title: TITLES[requirement] };
  const checks = [
    check({
      id: `${requirement}.bundle`,
      title: `${of.title}: signature, certificate, log`,
      expected: 'proven by the trusted root or key',
      actual: whenAndWhere(proven),
      ok: true,
      fault: 'signature-invalid',
    }),
    check({
      id: `${requirement}.subject`,
      title: `${of.title}: subject`,
      expected: subject.digest,
      actual: statement.subjects.map((hex) => `sha256:${hex}`).join(', '),
      ok: statement.subjects.includes(hexOf(subject.digest)),
      fault: 'subject-mismatch',
    }),
    ...identityChecks(of, proven.identity, policy),
    ...(kind === 'provenance' ? provenanceChecks(statement.predicate, proven.identity, policy) : []),
    ...contentChecks(kind, statement.predicate),
  ];
  return { evidence, checks, ok: checks.every(({ ok }) => ok) };
}

function whenAndWhere({ signedAt, logIndex }: ProvenBundle): string {
  const when = signedAt === undefined ? 'proven' : `proven, signed ${signedAt.toISOString()}`;
  return logIndex === undefined ? when : `${when}, log entry ${logIndex}`;
}

/**
 * The one that is taken: the newest that is good, else the one with the fewest faults, whose checks then tell what is
 * wrong. Undefined when there is none.
 */
export function best(judgements: readonly Judgement[]): Judgement | undefined {
  const faults = ({ checks }: Judgement) => checks.filter(({ ok }) => !ok).length;
  const time = ({ evidence }: Judgement) => timeOf(evidence)?.getTime() ?? 0;
  return [...judgements].sort((a, b) => faults(a) - faults(b) || time(b) - time(a))[0];
}

/**
 * When it was signed; a scan that was made before that, and signed after an outage, is as old as it says. Undefined when
 * nothing proves a time.
 */
export function timeOf({ kind, proven: { signedAt }, statement }: Evidence): Date | undefined {
  const made = kind === 'scan' ? scanTime(statement.predicate) : undefined;
  return made !== undefined && signedAt !== undefined && made < signedAt ? made : signedAt;
}

/** Why a bundle that is believed was not taken. */
export function refusalOf({ evidence, checks }: Judgement): RefusedBundle | undefined {
  const failed = checks.find(({ ok }) => !ok);
  if (failed?.fault === undefined) return undefined;
  const message = `${failed.title}: expected ${failed.expected}, got ${failed.actual}`;
  return { source: evidence.source, kind: evidence.kind, fault: failed.fault, message };
}

/** The check that stands for evidence of which there is none, with the reason why what there is was refused. */
export function missing(
  requirement: Requirement,
  refused: readonly RefusedBundle[],
  fault: VerificationFault,
): Check {
  const related = refused.filter(({ kind }) => kind === undefined || requirementOf(kind) === requirement);
  const [first] = related;
  const more = related.length > 1 ? `, and ${related.length - 1} more` : '';
  const actual = first === undefined ? 'none' : `none; refused: ${first.fault} (${first.message})${more}`;
  return check({
    id: `${requirement}.present`,
    title: `${TITLES[requirement]}: present`,
    expected: 'a bundle that is proven by the trusted root or key',
    actual,
    ok: false,
    fault: first?.fault ?? fault,
  });
}

/** Where a platform has nothing of its own and the index, which holds its digest, has it. */
export function coveredByIndex(requirement: Requirement, index: Subject): Check {
  return check({
    id: `${requirement}.present`,
    title: `${TITLES[requirement]}: present`,
    expected: 'its own, or that of the index where no platform has one',
    actual: `that of the index ${shortDigest(index.digest)}`,
    ok: true,
    fault: 'member-unsigned',
  });
}
