import { type DigestRef, formatReference, type Reference } from '../../model/reference.ts';
import {
  type Check,
  checksOf,
  type ImageReport,
  type RefusedBundle,
  type Requirement,
  type SubjectReport,
  type VerificationFault,
  type VerificationPolicy,
} from '../../model/verification.ts';
import { verdictChecks } from './contents.ts';
import {
  best,
  coveredByIndex,
  type Evidence,
  type Judgement,
  judge,
  missing,
  refusalOf,
  type Subject,
} from './evidence.ts';
import { check } from './expected.ts';
import { requirementOf } from './statement.ts';

/** One subject with everything that was found for it. */
export type Found = {
  readonly subject: Subject;
  readonly evidence: readonly Evidence[];
  readonly refused: readonly RefusedBundle[];
};

export type Question = {
  readonly image: string;
  readonly reference: Reference;
  readonly ref: DigestRef;
  readonly isIndex: boolean;
  /** The index (or the only manifest) first, then its platforms. */
  readonly found: readonly Found[];
  readonly policy: VerificationPolicy;
};

/** Good evidence, one of each kind, for those who go on with it. */
export type Taken = Evidence & { readonly subject: Subject; readonly requirement: Requirement };

export type Decision = { readonly report: ImageReport; readonly taken: readonly Taken[] };

/** What a subject has of one kind: the judged bundle that counts, or none. */
type Standing = { readonly chosen?: Judgement; readonly others: readonly Judgement[] };

/** The verdict on one image. Pure. */
export function decide(question: Question): Decision {
  const { policy, found, isIndex } = question;
  const standings = new Map(
    found.map((each) => [
      each.subject.digest,
      new Map(policy.require.map((requirement) => [requirement, stand(each, requirement, policy)])),
    ]),
  );
  const standing = (each: Found, requirement: Requirement): Standing =>
    standings.get(each.subject.digest)?.get(requirement) ?? { others: [] };
  const isGood = (each: Found, requirement: Requirement) => standing(each, requirement).chosen?.ok === true;
  const [top, ...members] = found;

  const checksFor = (each: Found, requirement: Requirement): readonly Check[] => {
    const isTop = isIndex && each === top;
    const { chosen } = standing(each, requirement);
    if (isTop && isForPlatforms(requirement) && chosen?.ok !== true) return [];
    if (chosen !== undefined) return chosen.checks;
    const covers = policy.members === 'covered' && top !== undefined && !isTop && isGood(top, requirement);
    if (covers && !members.some((member) => hasAny(member, requirement)))
      return [coveredByIndex(requirement, top.subject)];
    const others = found.some((other) => other !== each && isGood(other, requirement));
    return [missing(requirement, each.refused, absence(isTop, others))];
  };

  const subjects = found.map((each): SubjectReport => {
    const notTaken = policy.require.flatMap((requirement) => {
      const { chosen, others } = standing(each, requirement);
      return chosen === undefined ? others : [chosen, ...others];
    });
    return {
      ...each.subject,
      checks: policy.require.flatMap((requirement) => checksFor(each, requirement)),
      refused: [...each.refused, ...notTaken.flatMap((judgement) => refusalOf(judgement) ?? [])],
    };
  });
  const taken = found.flatMap((each) =>
    policy.require.flatMap((requirement): Taken[] => {
      const { chosen, others } = standing(each, requirement);
      return newestOfKinds([...(chosen === undefined ? [] : [chosen]), ...others]).map(({ evidence }) => ({
        ...evidence,
        subject: each.subject,
        requirement,
      }));
    }),
  );
  return { report: reportImage(question, subjects, taken), taken };
}

/** SBOMs and scans are of what runs: an index has none of its own, and may have one for all of them. */
function isForPlatforms(requirement: Requirement): boolean {
  return requirement === 'sbom' || requirement === 'scan';
}

function stand({ evidence, subject }: Found, requirement: Requirement, policy: VerificationPolicy): Standing {
  const judgements = evidence
    .filter(({ kind }) => requirementOf(kind) === requirement)
    .map((each) => judge(each, subject, policy));
  const chosen = best(judgements);
  if (chosen === undefined) return { others: [] };
  const others = judgements.filter((each) => each !== chosen);
  return requirement === 'scan' ? newestVerdict(chosen, others) : { chosen, others };
}

/** The newest scan decides, green or red. Older ones that are believed are history: none of them hides it. */
function newestVerdict(newest: Judgement, others: readonly Judgement[]): Standing {
  if (!newest.ok) return { chosen: newest, others };
  const checks = [...newest.checks, ...verdictChecks(newest.evidence.statement.predicate)];
  const chosen = { ...newest, checks, ok: checks.every(({ ok }) => ok) };
  return { chosen, others: others.filter(({ ok }) => !ok) };
}

/** An SBOM may be there in both formats. */
function newestOfKinds(judgements: readonly Judgement[]): readonly Judgement[] {
  const good = judgements.filter(({ ok }) => ok);
  const kinds = [...new Set(good.map(({ evidence }) => evidence.kind))];
  return kinds.flatMap((kind) => best(good.filter(({ evidence }) => evidence.kind === kind)) ?? []);
}

function hasAny({ evidence, refused }: Found, requirement: Requirement): boolean {
  const kinds = [...evidence.map(({ kind }) => kind), ...refused.map(({ kind }) => kind)];
  return kinds.some((kind) => kind !== undefined && requirementOf(kind) === requirement);
}

function absence(isTop: boolean, others: boolean): VerificationFault {
  if (!others) return 'predicate-missing';
  return isTop ? 'index-unsigned' : 'member-unsigned';
}

function reportImage(
  { image, reference, ref, isIndex, policy, found }: Question,
  subjects: readonly SubjectReport[],
  taken: readonly Taken[],
): ImageReport {
  const asked = 'digest' in reference ? reference.digest : formatReference(reference);
  const { require } = policy;
  const checks = [
    check({
      id: 'image.digest',
      title: 'Image: digest',
      expected: asked,
      actual: ref.digest,
      ok: !('digest' in reference) || reference.digest === ref.digest,
      fault: 'subject-mismatch',
    }),
    ...(require.length === 0
      ? [
          {
            id: 'image.require',
            title: 'Evidence that is asked for',
            expected: 'none',
            actual: 'none',
            ok: true,
          },
        ]
      : []),
    ...(isIndex && require.length > 0 ? [membersCheck(subjects.slice(1))] : []),
    ...sameOrigin(taken, found.length),
  ];
  const report = { image, reference: formatReference(reference), ref, require, checks, subjects, ok: true };
  return { ...report, ok: checksOf(report).every(({ ok }) => ok) };
}

/** The members of the index against the platforms that are attested. */
function membersCheck(members: readonly SubjectReport[]): Check {
  const name = ({ platform, digest }: SubjectReport) => platform ?? digest;
  const attested = members.filter(({ checks }) => checks.every(({ ok }) => ok));
  return check({
    id: 'image.members',
    title: 'Image: attested members of the index',
    expected: members.map(name).sort().join(', ') || 'none',
    actual: attested.map(name).sort().join(', ') || 'none',
    ok: attested.length === members.length,
    fault: 'member-unsigned',
  });
}

/** Index and platforms of one image are built together: from one commit. */
function sameOrigin(taken: readonly Taken[], subjects: number): readonly Check[] {
  const commits = taken
    .filter(({ kind }) => kind === 'provenance')
    .map(({ proven }) => proven.identity?.sourceRepositoryDigest ?? '');
  const distinct = [...new Set(commits)];
  if (subjects < 2 || commits.length < 2) return [];
  return [
    check({
      id: 'image.commit',
      title: 'Image: one commit for index and platforms',
      expected: commits[0] ?? '',
      actual: distinct.join(', '),
      ok: distinct.length === 1,
      fault: 'commit-mismatch',
    }),
  ];
}
