import { createHash } from 'node:crypto';
import { formatPlatform } from '../../model/descriptor.ts';
import {
  type Finding,
  type GatePolicy,
  type PlatformInspection,
  type Scanner,
  SEVERITIES,
  type Severity,
} from '../../model/scan.ts';
import { type Standing, standingOf, worstFirst } from './decide.ts';

/** https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const MOST_RESULTS = 25_000;

const LEVELS = { UNKNOWN: 'note', LOW: 'note', MEDIUM: 'warning', HIGH: 'error', CRITICAL: 'error' } as const;

/** What GitHub's code scanning sorts by: the middle of each severity's CVSS range. */
const SCORES = { UNKNOWN: '0.0', LOW: '2.0', MEDIUM: '5.5', HIGH: '8.0', CRITICAL: '9.5' } as const;

type SarifInput = {
  readonly image: string;
  readonly inspection: PlatformInspection;
  readonly policy: GatePolicy;
  readonly scanner: Scanner;
  readonly now: Date;
};

/**
 * All findings of one platform as SARIF, each with the gate's word on it; what a waiver lifts is suppressed with its
 * reason. The category is `<image>/<platform>/`, so that uploads of several images do not replace each other.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
 */
export function toSarif({ image, inspection, policy, scanner, now }: SarifInput): unknown {
  const findings = [...inspection.findings].sort(worstFirst).slice(0, MOST_RESULTS);
  const byId = Map.groupBy(findings, ({ id }) => id);
  const ruleIndexes = new Map([...byId.keys()].map((id, index) => [id, index]));
  const platform = formatPlatform(inspection.platform);
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Trivy',
            informationUri: 'https://github.com/aquasecurity/trivy',
            semanticVersion: scanner.version,
            rules: [...byId.values()].map(toRule),
          },
        },
        automationDetails: { id: `${image}/${platform}/` },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) =>
          toResult(finding, image, ruleIndexes.get(finding.id) ?? 0, standingOf(finding, policy, now)),
        ),
        properties: {
          image,
          platform,
          digest: inspection.descriptor.digest,
          gate: {
            severities: policy.severities,
            ignoreUnfixed: policy.ignoreUnfixed,
            passed: inspection.findings.every((each) => standingOf(each, policy, now).kind !== 'refused'),
          },
        },
      },
    ],
  };
}

/** One rule for an id; where its findings differ in severity, the worst counts. */
function toRule(findings: readonly Finding[]): unknown {
  const [first] = findings;
  if (first === undefined) return {};
  const worst = findings.map(({ severity }) => severity).reduce(worse);
  const secret = first.kind === 'secret';
  const title = first.title === '' ? first.id : first.title;
  return {
    id: first.id,
    name: secret ? 'Secret' : 'VulnerablePackage',
    shortDescription: { text: title },
    fullDescription: { text: title },
    defaultConfiguration: { level: LEVELS[worst] },
    ...(first.url === undefined ? {} : { helpUri: first.url }),
    help: { text: secret ? SECRET_HELP : `${first.id}: ${title}` },
    properties: {
      'security-severity': SCORES[worst],
      precision: 'very-high',
      tags: [secret ? 'secret' : 'vulnerability', 'security', worst],
    },
  };
}

const SECRET_HELP = 'Remove the secret from the build, rotate it, and build again.';

function toResult(finding: Finding, image: string, ruleIndex: number, standing: Standing): unknown {
  const { kind, id, severity, installed, fixed, location, line } = finding;
  const message =
    kind === 'secret'
      ? `A secret stands in the image ${image}: ${finding.title}.`
      : `${finding.package} ${installed} in the image ${image} has ${id}. ${fixed === undefined ? 'There is no fix yet.' : `Fixed in ${fixed}.`}`;
  return {
    ruleId: id,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(`${image}/${location}`) },
          region: { startLine: line ?? 1 },
        },
      },
    ],
    partialFingerprints: { 'moduleRelease/v1': fingerprint(image, finding) },
    ...(standing.kind === 'waived'
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: standing.waiver.statement }] }
      : {}),
    properties: {
      gate: standing.kind,
      severity,
      ...(kind === 'secret' ? {} : { package: finding.package, installed }),
      ...(fixed === undefined ? {} : { fixed }),
    },
  };
}

/** Equal for the same finding in the next release, so that an alert keeps its history. */
function fingerprint(image: string, { kind, id, package: name, location }: Finding): string {
  return createHash('sha256')
    .update(JSON.stringify([image, kind, id, name, location]))
    .digest('hex');
}

/** A relative reference: https://www.rfc-editor.org/rfc/rfc3986#section-4.2 */
function toUri(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}
