import type { BuiltImage, PlatformImage } from './image.ts';

export const SEVERITIES = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A vulnerable package in an image, or a secret in one of its files. */
export type Finding = {
  readonly kind: 'vulnerability' | 'secret';
  /** CVE id, or the rule id of a secret. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** Package name; for a secret the rule's category. */
  readonly package: string;
  /** For a secret empty. Never the secret itself. */
  readonly installed: string;
  readonly fixed?: string;
  /** File or folder in the image; for OS packages the name of the distribution. */
  readonly location: string;
  readonly line?: number;
  readonly url?: string;
};

/** The vulnerability database that a scan used. */
export type Database = {
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Digest of the OCI layer it came from, when we fetched it. */
  readonly digest?: string;
  /** Where it came from: a repository or `trivy-cache-dir`. */
  readonly source: string;
};

export type Scanner = { readonly name: 'trivy'; readonly version: string; readonly database?: Database };

/** Report files of one platform of one image. Paths on the runner. */
export type ReportFile = {
  readonly kind: 'scan' | 'sarif' | 'cyclonedx' | 'spdx';
  readonly path: string;
};

/** What one pass over one platform found; gate and reports are derived from the same bytes. */
export type PlatformInspection = PlatformImage & {
  readonly findings: readonly Finding[];
  /** Undefined: not looked into in this run. */
  readonly packages?: number;
  readonly reports: readonly ReportFile[];
};

export type ImageInspection = {
  readonly image: BuiltImage;
  readonly platforms: readonly PlatformInspection[];
  /** The findings are those of an earlier run; no report of them is on this runner. */
  readonly attested?: AttestedScan;
};

/** A scan of an earlier run of the same commit, by its proven statement. */
export type AttestedScan = {
  /** The proven time of signing: ISO 8601. */
  readonly signedAt: string;
  readonly scanner: Scanner;
};

/** A dated, reasoned exception: the shape of `.trivyignore.yaml` plus `owner`. */
export type Waiver = {
  readonly id: string;
  readonly kind: 'vulnerability' | 'secret';
  /** Globs on the finding's location; empty = everywhere. */
  readonly paths: readonly string[];
  readonly statement: string;
  /** ISO date; after its end (UTC) the waiver is expired. */
  readonly expiredAt?: string;
  readonly owner?: string;
};

export type GatePolicy = {
  readonly severities: readonly Severity[];
  readonly ignoreUnfixed: boolean;
  readonly waivers: readonly Waiver[];
};

/** A finding with the platforms of one image that have it. */
export type Violation = {
  readonly image: string;
  readonly platforms: readonly string[];
  readonly finding: Finding;
};

export type GateVerdict = {
  readonly passed: boolean;
  readonly violations: readonly Violation[];
  readonly waived: readonly (Violation & { readonly waiver: Waiver })[];
  /** In policy severities but without a fixed version, let through by ignore-unfixed. */
  readonly unfixed: readonly Violation[];
  readonly expiredWaivers: readonly Waiver[];
  /** Expire within 14 days. */
  readonly expiringWaivers: readonly Waiver[];
  readonly unusedWaivers: readonly Waiver[];
};

declare const clean: unique symbol;

/** An image whose whole release passed the gate: the only thing that push accepts. Made by `passGate` alone. */
export type CleanImage = ImageInspection & { readonly [clean]: true };

/** The inspected images as clean ones; throws a TypeError when the verdict is red (a bug of the caller). */
export function passGate(
  inspections: readonly ImageInspection[],
  verdict: GateVerdict,
): readonly CleanImage[] {
  if (!verdict.passed) throw new TypeError('passGate with a red verdict');
  return inspections.map((inspection) => inspection as CleanImage);
}

export type SeverityCounts = Readonly<Record<Severity, number>>;

/** Counts of distinct findings (id, package, location) over all platforms of an image; secrets are counted apart. */
export function countFindings(inspection: ImageInspection): {
  vulnerabilities: SeverityCounts;
  secrets: number;
} {
  const vulnerabilities = { UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 0 };
  let secrets = 0;
  const seen = new Set<string>();
  for (const finding of inspection.platforms.flatMap((p) => p.findings)) {
    const key = findingKey(finding);
    if (seen.has(key)) continue;
    seen.add(key);
    if (finding.kind === 'secret') secrets += 1;
    else vulnerabilities[finding.severity] += 1;
  }
  return { vulnerabilities, secrets };
}

/** Equal for the same finding on two platforms. */
export function findingKey(finding: Finding): string {
  return JSON.stringify([
    finding.kind,
    finding.id,
    finding.package,
    finding.installed,
    finding.location,
    finding.line,
  ]);
}
