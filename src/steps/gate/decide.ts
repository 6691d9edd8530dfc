import { formatPlatform } from '../../model/descriptor.ts';
import {
  type Finding,
  findingKey,
  type GatePolicy,
  type GateVerdict,
  type ImageInspection,
  SEVERITIES,
  type Violation,
  type Waiver,
} from '../../model/scan.ts';
import { covers, expiresSoon, isExpired } from './waivers.ts';

/** What the policy says of one finding. */
export type Standing =
  | { readonly kind: 'refused' }
  | { readonly kind: 'waived'; readonly waiver: Waiver }
  | { readonly kind: 'unfixed' }
  | { readonly kind: 'outside-policy' };

/** The one place where a finding is judged: verdict and reports both ask here. */
export function standingOf(finding: Finding, policy: GatePolicy, now: Date): Standing {
  if (!policy.severities.includes(finding.severity)) return { kind: 'outside-policy' };
  const waiver = policy.waivers.find((each) => !isExpired(each, now) && covers(each, finding));
  if (waiver !== undefined) return { kind: 'waived', waiver };
  const hasFix = finding.fixed !== undefined && finding.fixed !== '';
  if (policy.ignoreUnfixed && finding.kind === 'vulnerability' && !hasFix) return { kind: 'unfixed' };
  return { kind: 'refused' };
}

/** The verdict on a whole release: green only when no finding of any platform of any image is refused. */
export function decide(policy: GatePolicy, inspections: readonly ImageInspection[], now: Date): GateVerdict {
  const found = inspections.flatMap(({ image, platforms }) =>
    merge(
      image.planned.name,
      platforms.flatMap(({ platform, findings }) =>
        findings.map((finding) => ({ platform: formatPlatform(platform), finding })),
      ),
    ),
  );
  return decideFindings(policy, found, now);
}

/** The same for findings that stand in no image: `image` is the folder, and there are no platforms. */
export function decideSources(
  policy: GatePolicy,
  sources: readonly { readonly folder: string; readonly findings: readonly Finding[] }[],
  now: Date,
): GateVerdict {
  const found = sources.flatMap(({ folder, findings }) =>
    [...findings].sort(worstFirst).map((finding) => ({ image: folder, platforms: [], finding })),
  );
  return decideFindings(policy, found, now);
}

function decideFindings(policy: GatePolicy, found: readonly Violation[], now: Date): GateVerdict {
  const judged = found.map((violation) => ({
    violation,
    standing: standingOf(violation.finding, policy, now),
  }));
  const of = (kind: Standing['kind']): readonly Violation[] =>
    judged.filter(({ standing }) => standing.kind === kind).map(({ violation }) => violation);
  const violations = of('refused');
  const inPolicy = found.filter(({ finding }) => policy.severities.includes(finding.severity));
  const live = policy.waivers.filter((waiver) => !isExpired(waiver, now));
  return {
    passed: violations.length === 0,
    violations,
    waived: judged.flatMap(({ violation, standing }) =>
      standing.kind === 'waived' ? [{ ...violation, waiver: standing.waiver }] : [],
    ),
    unfixed: of('unfixed'),
    expiredWaivers: policy.waivers.filter((waiver) => isExpired(waiver, now)),
    expiringWaivers: policy.waivers.filter((waiver) => expiresSoon(waiver, now)),
    unusedWaivers: live.filter((waiver) => !inPolicy.some(({ finding }) => covers(waiver, finding))),
  };
}

/** One row for the same finding on several platforms of an image. Where severity or fix differ, they are not the same. */
function merge(
  image: string,
  sightings: readonly { readonly platform: string; readonly finding: Finding }[],
): readonly Violation[] {
  const rows = new Map<string, { readonly finding: Finding; readonly platforms: Set<string> }>();
  for (const { platform, finding } of sightings) {
    const key = JSON.stringify([findingKey(finding), finding.severity, finding.fixed]);
    const row = rows.get(key) ?? { finding, platforms: new Set() };
    rows.set(key, row);
    row.platforms.add(platform);
  }
  return [...rows.values()]
    .map(({ finding, platforms }) => ({ image, platforms: [...platforms], finding }))
    .sort((a, b) => worstFirst(a.finding, b.finding));
}

/** Secrets first, then by severity; the rest only keeps the order the same on every run. */
export function worstFirst(a: Finding, b: Finding): number {
  const byKind = Number(b.kind === 'secret') - Number(a.kind === 'secret');
  const bySeverity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  const [left, right] = [findingKey(a), findingKey(b)];
  return byKind || bySeverity || (left < right ? -1 : left > right ? 1 : 0);
}
