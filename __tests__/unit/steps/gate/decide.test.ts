import { describe, expect, it } from '@jest/globals';
import type { Finding, GatePolicy, Waiver } from '../../../../src/model/scan.ts';
import { decide, decideSources } from '../../../../src/steps/gate/decide.ts';
import { aFinding, anInspection, anUnfixed, aSecret, aWaiver } from '../../../helpers/findings.ts';

const NOW = new Date('2026-11-21T12:00:00Z');

function policy(over: Partial<GatePolicy> = {}): GatePolicy {
  return { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: false, waivers: [], ...over };
}

function verdict(findings: readonly Finding[], over: Partial<GatePolicy> = {}, now = NOW) {
  return decide(policy(over), [anInspection('app', { amd64: findings })], now);
}

describe('what the policy refuses', () => {
  it.each([
    ['nothing found', [], {}, true],
    ['a severity of the policy', [aFinding()], {}, false],
    ['a severity outside the policy', [aFinding({ severity: 'MEDIUM' })], {}, true],
    ['the unknown severity, when it is not listed', [aFinding({ severity: 'UNKNOWN' })], {}, true],
    [
      'the unknown severity, when it is listed',
      [aFinding({ severity: 'UNKNOWN' })],
      { severities: ['UNKNOWN'] },
      false,
    ],
    ['no severity at all listed', [aFinding(), aSecret()], { severities: [] }, true],
    ['one without a fix', [anUnfixed()], {}, false],
    ['one without a fix, with ignore-unfixed', [anUnfixed()], { ignoreUnfixed: true }, true],
    ['an empty fixed version, with ignore-unfixed', [aFinding({ fixed: '' })], { ignoreUnfixed: true }, true],
    ['one with a fix, with ignore-unfixed', [aFinding()], { ignoreUnfixed: true }, false],
    ['a secret', [aSecret()], {}, false],
    ['a secret, with ignore-unfixed', [aSecret()], { ignoreUnfixed: true }, false],
    ['a secret outside the policy', [aSecret({ severity: 'MEDIUM' })], {}, true],
  ] as [string, Finding[], Partial<GatePolicy>, boolean][])('%s', (_name, findings, over, passed) => {
    const result = verdict(findings, over);
    expect(result.passed).toBe(passed);
    expect(result.violations.length === 0).toBe(passed);
  });
});

describe('waivers', () => {
  it.each([
    ['by id', aFinding(), aWaiver(), true],
    ['another id', aFinding(), aWaiver({ id: 'CVE-2020-1' }), false],
    ['an id in other letters', aFinding(), aWaiver({ id: 'cve-2020-14343' }), false],
    ['by id and path', aFinding(), aWaiver({ paths: ['opt/**', 'usr/lib/**'] }), true],
    ['by id in another path', aFinding(), aWaiver({ paths: ['opt/**'] }), false],
    ['a vulnerability’s waiver on a secret', aSecret(), aWaiver({ id: 'aws-access-key-id' }), false],
    ['a secret’s waiver', aSecret(), aWaiver({ kind: 'secret', id: 'aws-access-key-id' }), true],
    ['with a date to come', aFinding(), aWaiver({ expiredAt: '2027-01-31' }), true],
    ['on its last day', aFinding(), aWaiver({ expiredAt: '2026-11-21' }), true],
    ['on the day after', aFinding(), aWaiver({ expiredAt: '2026-11-20' }), false],
  ] as [string, Finding, Waiver, boolean][])('%s', (_name, finding, waiver, lifts) => {
    const result = verdict([finding], { waivers: [waiver] });
    expect(result.passed).toBe(lifts);
    expect(result.waived).toEqual(
      lifts ? [{ image: 'app', platforms: ['linux/amd64'], finding, waiver }] : [],
    );
  });

  it('end with their last day in UTC', () => {
    const waivers = [aWaiver({ expiredAt: '2026-11-21' })];
    expect(verdict([aFinding()], { waivers }, new Date('2026-11-21T23:59:59.999Z')).passed).toBe(true);
    const after = verdict([aFinding()], { waivers }, new Date('2026-11-22T00:00:00Z'));
    expect(after.passed).toBe(false);
    expect(after.expiredWaivers).toEqual(waivers);
    expect(after.unusedWaivers).toEqual([]);
  });

  it.each([
    ['2026-11-20', false, true],
    ['2026-11-21', true, false],
    ['2026-12-04', true, false],
    ['2026-12-05', false, false],
    [undefined, false, false],
  ])('that expire on %s: soon %s, expired %s', (expiredAt, soon, expired) => {
    const waiver = aWaiver(expiredAt === undefined ? {} : { expiredAt });
    const result = verdict([], { waivers: [waiver] });
    expect(result.expiringWaivers).toEqual(soon ? [waiver] : []);
    expect(result.expiredWaivers).toEqual(expired ? [waiver] : []);
  });

  it('that cover nothing of the policy are unused; two for one finding are both used', () => {
    const used = [aWaiver(), aWaiver({ paths: ['usr/**'] })];
    const idle = [aWaiver({ id: 'CVE-1' }), aWaiver({ id: 'CVE-2' })];
    const result = verdict([aFinding(), aFinding({ id: 'CVE-2', severity: 'LOW' })], {
      waivers: [...idle, ...used],
    });
    expect(result.unusedWaivers).toEqual(idle);
    expect(result.waived.map(({ waiver }) => waiver)).toEqual([used[0]]);
  });

  it('come before ignore-unfixed, so that the reason is kept', () => {
    const waivers = [aWaiver({ id: 'CVE-2099-0001', owner: 'team-a' })];
    const result = verdict([anUnfixed()], { ignoreUnfixed: true, waivers });
    expect(result.waived.map(({ waiver }) => waiver.owner)).toEqual(['team-a']);
    expect(result.unfixed).toEqual([]);
  });

  it('an expired one does not stand before a good one', () => {
    const waivers = [aWaiver({ expiredAt: '2026-01-01' }), aWaiver({ expiredAt: '2027-01-01' })];
    expect(verdict([aFinding()], { waivers }).waived.map(({ waiver }) => waiver)).toEqual([waivers[1]]);
  });
});

describe('a set of images', () => {
  it('is refused as a whole, and names every place', () => {
    const result = decide(
      policy(),
      [
        anInspection('base', { amd64: [] }),
        anInspection('app', { amd64: [aFinding(), aSecret()], arm64: [aFinding()] }),
        anInspection('tool', { arm64: [aFinding()] }),
      ],
      NOW,
    );
    expect(result.passed).toBe(false);
    expect(result.violations.map(({ image, platforms, finding }) => [image, platforms, finding.id])).toEqual([
      ['app', ['linux/amd64'], 'aws-access-key-id'],
      ['app', ['linux/amd64', 'linux/arm64'], 'CVE-2020-14343'],
      ['tool', ['linux/arm64'], 'CVE-2020-14343'],
    ]);
  });

  it('refuses the platform that has no fix apart from the one that has', () => {
    const result = decide(
      policy({ ignoreUnfixed: true }),
      [anInspection('app', { amd64: [aFinding()], arm64: [aFinding({ fixed: '' })] })],
      NOW,
    );
    expect(result.violations.map(({ platforms }) => platforms)).toEqual([['linux/amd64']]);
    expect(result.unfixed.map(({ platforms }) => platforms)).toEqual([['linux/arm64']]);
  });

  it('orders by what is worst, the same way whatever order the scanner has', () => {
    const findings = [
      aFinding({ id: 'CVE-B', severity: 'HIGH' }),
      aFinding({ id: 'CVE-C', severity: 'CRITICAL' }),
      aSecret({ severity: 'HIGH' }),
      aFinding({ id: 'CVE-A', severity: 'HIGH' }),
    ];
    const ids = (list: readonly Finding[]) => verdict(list).violations.map(({ finding }) => finding.id);
    expect(ids(findings)).toEqual(['aws-access-key-id', 'CVE-C', 'CVE-A', 'CVE-B']);
    expect(ids([...findings].reverse())).toEqual(ids(findings));
  });
});

describe('sources', () => {
  it('are judged by the same policy', () => {
    const sources = [
      { folder: 'host', findings: [aSecret(), aSecret({ severity: 'LOW', line: 9 })] },
      { folder: 'docs', findings: [aSecret({ location: 'docs/example.env' })] },
    ];
    const waivers = [aWaiver({ kind: 'secret', id: 'aws-access-key-id', paths: ['docs/*'] })];
    const result = decideSources(policy({ waivers }), sources, NOW);
    expect(result.violations).toEqual([{ image: 'host', platforms: [], finding: aSecret() }]);
    expect(result.waived).toHaveLength(1);
  });
});
