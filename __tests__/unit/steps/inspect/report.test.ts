import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { packagesOnly, publishReport } from '../../../../src/steps/inspect/publish.ts';
import { countPackages, findingsOf, parseReport } from '../../../../src/steps/inspect/report.ts';

const CAPTURED = readFileSync(
  join(import.meta.dirname, '../../../fixtures/trivy/app-linux-amd64.json'),
  'utf8',
);

const VULNERABILITY = {
  VulnerabilityID: 'CVE-1',
  PkgName: 'pkg',
  InstalledVersion: '1.0',
  FixedVersion: '1.1',
  Severity: 'HIGH',
};

function report(results: unknown, over: Record<string, unknown> = {}): string {
  return JSON.stringify({
    SchemaVersion: 2,
    ArtifactName: '/view',
    ArtifactType: 'container_image',
    Results: results,
    ...over,
  });
}

const findings = (text: string) => findingsOf(parseReport(text));

describe('a captured report', () => {
  it('gives all findings of all severities', () => {
    expect(findings(CAPTURED).map((each) => [each.severity, each.id, each.package, each.location])).toEqual([
      ['MEDIUM', 'CVE-2023-42366', 'busybox', 'alpine 3.19.1'],
      ['CRITICAL', 'CVE-2024-5535', 'openssl', 'alpine 3.19.1'],
      ['CRITICAL', 'CVE-2019-10744', 'lodash', 'app/node_modules/lodash/package.json'],
      [
        'CRITICAL',
        'CVE-2020-14343',
        'PyYAML',
        'usr/lib/python3.11/site-packages/pyyaml-5.3.dist-info/METADATA',
      ],
      [
        'HIGH',
        'CVE-2099-0001',
        'module-release-unfixed',
        'usr/lib/python3.11/site-packages/module_release_unfixed-1.0.dist-info/METADATA',
      ],
      [
        'HIGH',
        'CVE-2018-18074',
        'requests',
        'usr/lib/python3.11/site-packages/requests-2.18.0.dist-info/METADATA',
      ],
      ['CRITICAL', 'aws-access-key-id', 'AWS', 'opt/app/settings.env'],
      ['CRITICAL', 'aws-access-key-id', 'AWS', 'image configuration'],
    ]);
  });

  it('gives fix, address and line where there are some', () => {
    const found = findings(CAPTURED);
    expect(found[0]).toMatchObject({
      installed: '1.36.1-r15',
      fixed: '1.36.1-r16',
      url: 'https://avd.aquasec.com/nvd/cve-2023-42366',
    });
    expect(found[4]).not.toHaveProperty('fixed');
    expect(found.slice(6).map(({ line }) => line)).toEqual([2, undefined]);
  });

  it('counts the packages', () => {
    expect(countPackages(parseReport(CAPTURED))).toBe(6);
  });
});

describe('a report that is not understood is no pass', () => {
  it.each([
    ['no JSON', 'oops'],
    ['another schema', report([], { SchemaVersion: 3 })],
    ['no schema', report([], { SchemaVersion: undefined })],
    ['another kind of artifact', report([], { ArtifactType: 'vm' })],
    ['results that are no list', report({})],
    ['a target that is missing', report([{ Vulnerabilities: [] }])],
    [
      'an unknown severity',
      report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, Severity: 'SEVERE' }] }]),
    ],
    ['no severity', report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, Severity: undefined }] }])],
    [
      'a severity in small letters',
      report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, Severity: 'high' }] }]),
    ],
    ['no id', report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, VulnerabilityID: '' }] }])],
    ['no package', report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, PkgName: undefined }] }])],
    ['vulnerabilities that are no list', report([{ Target: 'x', Vulnerabilities: {} }])],
    [
      'a secret without severity',
      report([{ Target: 'x', Secrets: [{ RuleID: 'r', Category: 'c', Title: 't', StartLine: 1 }] }]),
    ],
    ['secrets that are no list', report([{ Target: 'x', Secrets: 'none' }])],
  ])('%s', (_name, text) => {
    expect(() => parseReport(text)).toThrow();
  });

  it.each([
    ['no results', report(undefined)],
    ['null for results', report(null)],
    ['null for lists', report([{ Target: 'x', Vulnerabilities: null, Secrets: null, Packages: null }])],
  ])('%s is nothing found', (_name, text) => {
    expect(findings(text)).toEqual([]);
  });
});

describe('hostile text', () => {
  it('becomes one harmless line, bounded', () => {
    const hostile = 'a\n::error::b\u001b[31m\u202ec\u0000\ud800';
    const [found] = findings(
      report([
        { Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, Title: hostile, PkgName: 'p'.repeat(2000) }] },
      ]),
    );
    expect(found!.title).toBe('a ::error::b [31m c \ufffd');
    expect(found!.package).toHaveLength(501);
  });

  it.each([
    ['https://example.com/CVE-1', 'https://example.com/CVE-1'],
    ['javascript:alert(1)', undefined],
    ['CVE-1', undefined],
  ])('%s is a link: %s', (url, expected) => {
    const [found] = findings(
      report([{ Target: 'x', Vulnerabilities: [{ ...VULNERABILITY, PrimaryURL: url }] }]),
    );
    expect(found!.url).toBe(expected);
  });

  it('in the place of a package without a path is the target', () => {
    const [found] = findings(
      report([{ Target: 'usr/bin/tool', Class: 'lang-pkgs', Vulnerabilities: [VULNERABILITY] }]),
    );
    expect(found!.location).toBe('usr/bin/tool');
  });
});

describe('the report that is kept', () => {
  const subject = { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: digestOf('app') };
  const reference = `ghcr.io/acme/app@${subject.digest}`;
  const published = publishReport(parseReport(CAPTURED), subject);

  it('is about the image, not about a folder of the runner', () => {
    expect(published.ArtifactName).toBe(reference);
    expect(published.Metadata?.RepoDigests).toEqual([reference]);
    expect(published.Results?.map(({ Target }) => Target)).toContain(`${reference} (alpine 3.19.1)`);
    expect(JSON.stringify(published)).not.toContain('/stage');
  });

  it('holds nothing in clear that may be a secret, and what it is about', () => {
    const text = JSON.stringify(published);
    expect(CAPTURED).toContain('value-in-clear');
    expect(text).not.toContain('value-in-clear');
    expect(text).not.toContain('eu-central-1');
    expect(text).not.toContain('AWS_ACCESS_KEY_ID');
    expect(text).toContain('"org.opencontainers.image.title":"app"');
    expect(text).toContain('"architecture":"amd64"');
  });

  it('gives the very findings that the gate decides by', () => {
    expect(findingsOf(parseReport(JSON.stringify(published)))).toEqual(findings(CAPTURED));
  });

  it('is reduced to packages for an SBOM', () => {
    const reduced = packagesOnly(published);
    expect(countPackages(reduced)).toBe(6);
    expect(findingsOf(reduced)).toEqual([]);
    expect(JSON.stringify(reduced)).not.toContain('CVE-');
  });
});
