import { describe, expect, it } from '@jest/globals';
import type { Finding, Waiver } from '../../../../src/model/scan.ts';
import { type ScanFacts, scanPredicate } from '../../../../src/steps/attest/scan.ts';
import { AMD64, aFinding, aSecret, aVerdict, aViolation } from '../../../helpers/a-release.ts';
import { someClaims, someScan } from '../../../helpers/an-attestation.ts';

function predicateOf(findings: readonly Finding[] = [], change: Partial<ScanFacts> = {}) {
  const run = { claims: someClaims(), serverUrl: 'https://github.com' };
  return scanPredicate({ image: 'base', platform: AMD64, findings }, someScan(change), run);
}

const WAIVER: Waiver = {
  id: 'CVE-2024-0001',
  kind: 'vulnerability',
  paths: ['usr/**'],
  statement: 'not reachable',
  expiredAt: '2027-01-01',
  owner: 'security@example.com',
};

describe('the scan predicate', () => {
  it("has cosign's form, with all that is ours in the result", () => {
    const waived = [{ ...aViolation(), waiver: WAIVER }];
    expect(predicateOf([aFinding()], { verdict: aVerdict({ waived }) })).toEqual({
      invocation: {
        parameters: ['--scanners=vuln', '--scanners=secret'],
        uri: 'https://github.com/Acme/Modules/actions/runs/42/attempts/2',
        event_id: '42',
        'builder.id': 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
      },
      scanner: {
        uri: 'pkg:github/aquasecurity/trivy@0.67.2',
        version: '0.67.2',
        db: {
          uri: 'ghcr.io/aquasecurity/trivy-db:2',
          version: `sha256:${'d'.repeat(64)}`,
          lastUpdate: '2026-11-20T06:00:00Z',
        },
        result: {
          passed: true,
          scanners: ['vuln', 'secret'],
          policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: true },
          database: { updatedAt: '2026-11-20T06:00:00Z', digest: `sha256:${'d'.repeat(64)}` },
          counts: { UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1 },
          secrets: 0,
          waived: 1,
          unfixed: 0,
          waivers: [WAIVER],
          complete: true,
          findings: [
            {
              kind: 'vulnerability',
              id: 'CVE-2024-0001',
              severity: 'CRITICAL',
              package: 'libparser',
              installed: '1.0.0',
              fixed: '1.0.1',
              location: 'alpine',
            },
          ],
        },
      },
      metadata: { scanStartedOn: '2026-11-21T10:02:00.000Z', scanFinishedOn: '2026-11-21T10:02:03.000Z' },
    });
  });

  it.each([
    ['this platform', { image: 'base', platforms: ['linux/amd64'] }, false],
    ['another platform', { image: 'base', platforms: ['linux/arm64'] }, true],
    ['another image', { image: 'other', platforms: ['linux/amd64'] }, true],
  ])('is red for what is refused on %s', (_, change, passed) => {
    const verdict = aVerdict({ violations: [aViolation(change)] });
    expect(predicateOf([], { verdict })).toMatchObject({ scanner: { result: { passed } } });
  });

  it('has waivers that were used here, each once', () => {
    const unused = { ...WAIVER, id: 'CVE-2' };
    const waived = [
      { ...aViolation(), waiver: WAIVER },
      { ...aViolation({ finding: aFinding({ location: 'other' }) }), waiver: WAIVER },
      { ...aViolation({ image: 'other' }), waiver: unused },
    ];
    expect(predicateOf([], { verdict: aVerdict({ waived }) })).toMatchObject({
      scanner: { result: { waived: 2, waivers: [WAIVER] } },
    });
  });

  it('tells what was left out, and that a cut value is none to judge by', () => {
    const skipped = { dirs: ['/proc'], files: ['*.bak'] };
    expect(predicateOf([aFinding()], { skipped })).toMatchObject({
      scanner: { result: { skipped, complete: true } },
    });
    expect(predicateOf([aFinding({ location: 'x'.repeat(301) })])).toMatchObject({
      scanner: { result: { complete: false } },
    });
    const long = predicateOf([], { skipped: { dirs: ['x'.repeat(301)], files: [] } });
    expect(JSON.stringify(long)).not.toContain('skipped');
  });

  it('says of a secret which and where, never what', () => {
    const secret = aSecret({ title: 'BEGIN-OF-KEY', installed: '' });
    const { scanner } = predicateOf([aFinding(), secret]) as {
      scanner: { result: { findings: unknown[]; secrets: number } };
    };
    expect(scanner.result.findings[0]).toEqual({
      kind: 'secret',
      id: 'private-key',
      severity: 'CRITICAL',
      package: 'AsymmetricPrivateKey',
      installed: '',
      location: '/app/key.pem',
      line: 1,
    });
    expect(scanner.result.secrets).toBe(1);
    expect(JSON.stringify(scanner)).not.toContain('BEGIN-OF-KEY');
  });

  it('is bounded, says so, and keeps the worst', () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      aFinding({ id: `CVE-${i}`, severity: i < 2500 ? 'LOW' : 'CRITICAL', location: 'x'.repeat(5000) }),
    );
    const predicate = predicateOf(many) as {
      scanner: { result: { complete: boolean; findings: { severity: string }[]; counts: unknown } };
    };
    const { complete, findings, counts } = predicate.scanner.result;
    expect(complete).toBe(false);
    expect(findings).toHaveLength(2000);
    expect(findings.filter(({ severity }) => severity === 'CRITICAL')).toHaveLength(500);
    expect(counts).toMatchObject({ LOW: 2500, CRITICAL: 500 });
    expect(JSON.stringify(predicate).length).toBeLessThan(2_000_000);
  });

  it('claims no run and no database that it does not know', () => {
    const scan = someScan({ scanner: { name: 'trivy', version: '0.67.2' } });
    const subject = { image: 'base', platform: AMD64, findings: [] };
    const predicate = scanPredicate(subject, scan, { serverUrl: 'https://github.com' });
    expect(predicate).toMatchObject({
      invocation: { uri: '', event_id: '', 'builder.id': '' },
      scanner: { db: { uri: '', version: '' } },
    });
    expect(JSON.stringify(predicate)).not.toContain('lastUpdate');
  });
});
