import * as z from 'zod/mini';
import { type Finding, SEVERITIES } from '../../model/scan.ts';
import { inForm } from './form.ts';
import { cleanText, webAddress } from './text.ts';

/** Where a secret stands that is in no file: the environment, labels and history of the image. */
export const IMAGE_CONFIG = 'image configuration';

const name = z.string().check(z.minLength(1));

const vulnerability = z.looseObject({
  VulnerabilityID: name,
  PkgName: name,
  PkgPath: z.optional(z.string()),
  InstalledVersion: z.optional(z.string()),
  FixedVersion: z.optional(z.string()),
  Severity: z.enum(SEVERITIES),
  Title: z.optional(z.string()),
  PrimaryURL: z.optional(z.string()),
});

const secret = z.looseObject({
  RuleID: name,
  Category: z.string(),
  Severity: z.enum(SEVERITIES),
  Title: z.string(),
  StartLine: z.number(),
});

const result = z.looseObject({
  Target: z.string(),
  Class: z.optional(z.string()),
  Packages: z.optional(z.nullable(z.array(z.unknown()))),
  Vulnerabilities: z.optional(z.nullable(z.array(vulnerability))),
  Secrets: z.optional(z.nullable(z.array(secret))),
});

/**
 * Trivy's JSON, version 2: strict in all that the gate decides by, so that nothing that is not understood passes for
 * "no finding"; the rest is kept as it is. https://trivy.dev/latest/docs/configuration/reporting/#json
 */
const report = z.looseObject({
  SchemaVersion: z.literal(2),
  ArtifactName: name,
  ArtifactType: z.enum(['container_image', 'filesystem']),
  Metadata: z.optional(
    z.looseObject({
      ImageID: z.optional(z.string()),
      OS: z.optional(z.looseObject({ Family: z.string(), Name: z.optional(z.string()) })),
      ImageConfig: z.optional(z.looseObject({ config: z.optional(z.looseObject({})) })),
    }),
  ),
  Results: z.optional(z.nullable(z.array(result))),
});

export type TrivyReport = z.infer<typeof report>;
type Result = z.infer<typeof result>;
type Vulnerability = z.infer<typeof vulnerability>;
type Secret = z.infer<typeof secret>;

/** Throws a plain Error that says what is wrong with the text. */
export function parseReport(text: string): TrivyReport {
  return inForm(report, JSON.parse(text));
}

/** All findings, of every severity. Hostile text is made harmless here, once. */
export function findingsOf(parsed: TrivyReport): readonly Finding[] {
  return (parsed.Results ?? []).flatMap((each) => [
    ...(each.Vulnerabilities ?? []).map((raw) => fromVulnerability(raw, each, parsed)),
    ...(each.Secrets ?? []).map((raw) => fromSecret(raw, each, parsed)),
  ]);
}

export function countPackages(parsed: TrivyReport): number {
  return (parsed.Results ?? []).reduce((sum, each) => sum + (each.Packages?.length ?? 0), 0);
}

function fromVulnerability(raw: Vulnerability, from: Result, parsed: TrivyReport): Finding {
  const url = webAddress(raw.PrimaryURL);
  return {
    kind: 'vulnerability',
    id: cleanText(raw.VulnerabilityID),
    severity: raw.Severity,
    title: cleanText(raw.Title ?? ''),
    package: cleanText(raw.PkgName),
    installed: cleanText(raw.InstalledVersion ?? ''),
    ...(raw.FixedVersion === undefined || raw.FixedVersion === ''
      ? {}
      : { fixed: cleanText(raw.FixedVersion) }),
    location: cleanText(raw.PkgPath ?? placeOf(from, parsed)),
    ...(url === undefined ? {} : { url }),
  };
}

/** Packages of the distribution stand in no single file. */
function placeOf(from: Result, parsed: TrivyReport): string {
  const { OS } = parsed.Metadata ?? {};
  if (from.Class !== 'os-pkgs' || OS === undefined) return from.Target;
  return OS.Name === undefined ? OS.Family : `${OS.Family} ${OS.Name}`;
}

function fromSecret(raw: Secret, from: Result, parsed: TrivyReport): Finding {
  // Of what is in no file, Trivy's target is the artifact itself, and the line is one of a text that nobody has.
  const inFile = from.Target !== parsed.ArtifactName;
  return {
    kind: 'secret',
    id: cleanText(raw.RuleID),
    severity: raw.Severity,
    title: cleanText(raw.Title),
    package: cleanText(raw.Category),
    installed: '',
    location: inFile ? cleanText(from.Target.replace(/^\/+/, '')) : IMAGE_CONFIG,
    ...(inFile ? { line: raw.StartLine } : {}),
  };
}
