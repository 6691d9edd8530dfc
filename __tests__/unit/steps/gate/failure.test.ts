import { describe, expect, it } from '@jest/globals';
import type { Finding, GateVerdict } from '../../../../src/model/scan.ts';
import { decide } from '../../../../src/steps/gate/decide.ts';
import { gateError } from '../../../../src/steps/gate/failure.ts';
import { violationTable } from '../../../../src/steps/gate/table.ts';
import { aFinding, anInspection, anUnfixed, aSecret } from '../../../helpers/findings.ts';

function red(found: Readonly<Record<string, readonly Finding[]>>): GateVerdict {
  const inspections = Object.entries(found).map(([name, findings]) =>
    anInspection(name, { amd64: findings }),
  );
  return decide(
    { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: false, waivers: [] },
    inspections,
    new Date(0),
  );
}

describe('gateError', () => {
  it('names what is refused and what to upgrade', () => {
    const error = gateError(red({ app: [aFinding()] }));
    expect(error).toMatchObject({
      code: 'GATE_FINDINGS',
      kind: 'policy',
      message:
        'the gate refuses 1 vulnerability in app: CVE-2020-14343 (CRITICAL) PyYAML 5.3 in app (linux/amd64)',
      hint: 'Upgrade PyYAML 5.3 → 5.4; or add a dated waiver with a reason to the `waivers` file.',
    });
  });

  it('puts secrets first and keeps both problems', () => {
    const error = gateError(red({ app: [aFinding(), aSecret()], tool: [aSecret({ line: 7 })] }));
    expect(error.code).toBe('GATE_SECRET');
    expect(error.message).toBe(
      'the gate refuses 2 secrets in 2 images: aws-access-key-id (CRITICAL) at opt/app/settings.env:2 in app (linux/amd64); aws-access-key-id (CRITICAL) at opt/app/settings.env:7 in tool (linux/amd64)',
    );
    expect(error.hint).toContain('rotate it');
    expect(error.problems.map(({ code }) => code)).toEqual(['GATE_SECRET', 'GATE_FINDINGS']);
  });

  it('shows the first few of many, and each upgrade once', () => {
    const findings = Array.from({ length: 8 }, (_, i) => aFinding({ id: `CVE-2026-000${i}` }));
    const error = gateError(red({ app: findings }));
    expect(error.message).toContain('refuses 8 vulnerabilities in app: CVE-2026-0000');
    expect(error.message).toMatch(/CVE-2026-0004 [^;]*; and 3 more$/);
    expect(error.hint.match(/PyYAML/g)).toHaveLength(1);
  });

  it('says what helps where there is no fix', () => {
    expect(gateError(red({ app: [anUnfixed()] })).hint).toBe(
      'Let what has no fix yet pass with `ignore-unfixed`; or add a dated waiver with a reason to the `waivers` file.',
    );
  });

  it('is a bug of the caller on a green verdict', () => {
    expect(gateError(red({ app: [] })).code).toBe('INTERNAL');
  });
});

describe('violationTable', () => {
  it('has one row for each, in columns', () => {
    expect(violationTable(red({ app: [aSecret(), anUnfixed()] }).violations)).toEqual([
      'SEVERITY  FINDING            PACKAGE  INSTALLED  FIXED IN    WHERE                                                         IMAGE',
      'CRITICAL  aws-access-key-id                                  opt/app/settings.env:2                                        app (linux/amd64)',
      'HIGH      CVE-2099-0001      unfixed  5.3        no fix yet  …/lib/python3.11/site-packages/pyyaml-5.3.dist-info/METADATA  app (linux/amd64)',
    ]);
  });

  it('ends a long list with how many more there are', () => {
    const findings = Array.from({ length: 130 }, (_, i) => aFinding({ id: `CVE-${i}` }));
    const lines = violationTable(red({ app: findings }).violations);
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toBe('… and 30 more, which the reports hold.');
  });
});
