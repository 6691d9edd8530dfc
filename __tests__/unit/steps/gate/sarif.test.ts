import { describe, expect, it } from '@jest/globals';
import type { Finding, GatePolicy } from '../../../../src/model/scan.ts';
import { toSarif } from '../../../../src/steps/gate/sarif.ts';
import { aFinding, anInspection, anUnfixed, aSecret, aWaiver } from '../../../helpers/findings.ts';

type Sarif = {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly semanticVersion: string; readonly rules: readonly Rule[] } };
    readonly automationDetails: { readonly id: string };
    readonly results: readonly Result[];
    readonly properties: { readonly gate: { readonly passed: boolean } };
  }[];
};
type Rule = {
  readonly id: string;
  readonly helpUri?: string;
  readonly defaultConfiguration: { readonly level: string };
  readonly properties: { readonly 'security-severity': string; readonly tags: readonly string[] };
};
type Result = {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly { readonly justification: string }[];
  readonly properties: { readonly gate: string };
};

function sarif(findings: readonly Finding[], over: Partial<GatePolicy> = {}, image = 'app') {
  const [inspection] = anInspection(image, { arm64: findings }).platforms;
  const document = toSarif({
    image,
    inspection: inspection!,
    policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: false, waivers: [], ...over },
    scanner: { name: 'trivy', version: '0.69.3' },
    now: new Date('2026-11-21T00:00:00Z'),
  });
  const parsed = JSON.parse(JSON.stringify(document)) as Sarif;
  return { ...parsed, run: parsed.runs[0]! };
}

describe('SARIF', () => {
  it('has one run with the category of image and platform', () => {
    const { version, runs, run } = sarif([]);
    expect(version).toBe('2.1.0');
    expect(runs).toHaveLength(1);
    expect(run.automationDetails.id).toBe('app/linux/arm64/');
    expect(run.results).toEqual([]);
    expect(run.properties.gate.passed).toBe(true);
  });

  it.each([
    ['CRITICAL', 'error', '9.5'],
    ['HIGH', 'error', '8.0'],
    ['MEDIUM', 'warning', '5.5'],
    ['LOW', 'note', '2.0'],
    ['UNKNOWN', 'note', '0.0'],
  ] as const)('shows %s as %s with %s', (severity, level, score) => {
    const { run } = sarif([aFinding({ severity })]);
    expect(run.results[0]!.level).toBe(level);
    expect(run.tool.driver.rules[0]!.properties['security-severity']).toBe(score);
    expect(run.tool.driver.rules[0]!.properties.tags).toEqual(['vulnerability', 'security', severity]);
  });

  it('holds every finding whatever the policy, with the rule that it points at', () => {
    const { run } = sarif([aFinding({ severity: 'LOW', id: 'CVE-1' }), aSecret(), aFinding({ id: 'CVE-2' })]);
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual(['aws-access-key-id', 'CVE-2', 'CVE-1']);
    for (const { ruleId, ruleIndex } of run.results)
      expect(run.tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
  });

  it('makes one rule of an id that several packages have, as severe as the worst', () => {
    const { run } = sarif([aFinding({ severity: 'LOW' }), aFinding({ package: 'other', severity: 'HIGH' })]);
    expect(run.tool.driver.rules.map(({ defaultConfiguration }) => defaultConfiguration.level)).toEqual([
      'error',
    ]);
    expect(run.results.map(({ level }) => level)).toEqual(['error', 'note']);
  });

  it('says what the gate says', () => {
    const waivers = [aWaiver({ id: 'CVE-W', statement: 'not reachable' })];
    const { run } = sarif(
      [
        aFinding({ id: 'CVE-R' }),
        aFinding({ id: 'CVE-W' }),
        anUnfixed({ id: 'CVE-U' }),
        aFinding({ id: 'CVE-L', severity: 'LOW' }),
      ],
      { waivers, ignoreUnfixed: true },
    );
    expect(
      Object.fromEntries(run.results.map(({ ruleId, properties }) => [ruleId, properties.gate])),
    ).toEqual({
      'CVE-R': 'refused',
      'CVE-W': 'waived',
      'CVE-U': 'unfixed',
      'CVE-L': 'outside-policy',
    });
    const suppressed = run.results.filter(({ suppressions }) => suppressions !== undefined);
    expect(suppressed.map(({ ruleId, suppressions }) => [ruleId, suppressions?.[0]?.justification])).toEqual([
      ['CVE-W', 'not reachable'],
    ]);
    expect(run.properties.gate.passed).toBe(false);
  });

  it.each([
    ['/opt/app/settings.env', 'app/opt/app/settings.env'],
    ['alpine 3.19.1', 'app/alpine%203.19.1'],
    ['a#b/c?d%', 'app/a%23b/c%3Fd%25'],
    ['näh/\ud800', 'app/n%C3%A4h/%EF%BF%BD'],
    ['', 'app'],
  ])('places %j at %s', (location, uri) => {
    const { run } = sarif([aSecret({ location })]);
    expect(run.results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(uri);
  });

  it('points at the line of a secret, and at the first line of a package', () => {
    const { run } = sarif([aSecret({ line: 7 }), aFinding()]);
    expect(run.results.map((result) => result.locations[0]!.physicalLocation.region.startLine)).toEqual([
      7, 1,
    ]);
  });

  it('recognises a finding in the next release, and tells images apart', () => {
    const print = (finding: Finding, image?: string) =>
      Object.values(sarif([finding], {}, image).run.results[0]!.partialFingerprints)[0];
    expect(print(aFinding({ installed: '5.3.1' }))).toBe(print(aFinding()));
    expect(print(aFinding(), 'tool')).not.toBe(print(aFinding()));
    expect(print(aFinding({ location: 'elsewhere' }))).not.toBe(print(aFinding()));
  });

  it('is cut at what GitHub takes, the worst kept', () => {
    const many = Array.from({ length: 25_001 }, (_, i) => aFinding({ id: `CVE-${i}`, severity: 'LOW' }));
    const { run } = sarif([...many, aFinding({ id: 'CVE-X' })]);
    expect(run.results).toHaveLength(25_000);
    expect(run.results[0]!.ruleId).toBe('CVE-X');
  });
});
