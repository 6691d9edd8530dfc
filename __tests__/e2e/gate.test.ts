import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CONFIG,
  configOf,
  contentOf,
  contextOf,
  type E2eBench,
  e2eBench,
  VERSION,
  writesOf,
} from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import type { TarTree } from '../helpers/tar.ts';
import { nodePackage, PLANTED_SECRET, pythonPackage, secretFile } from '../helpers/vulnerable-layout.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

const CRITICAL = pythonPackage('PyYAML', '5.3');
const UNFIXED = pythonPackage('module-release-unfixed', '1.0');
const MEDIUM = pythonPackage('urllib3', '1.26.0');
const UPGRADE = /Upgrade PyYAML 5\.3 → 5\.4; or add a dated waiver/;

/** Releases the one image that holds these files. */
function release(tree: TarTree, inputs: Readonly<Record<string, string>> = {}, files = {}) {
  return bench.run(bench.checkout({ ...contextOf(tree), ...files }), inputs);
}

/** The first error of a red run, as a user meets it in all three places; and nothing has left the runner. */
function expectRefused(run: ActionRun, code: string, message: RegExp, hint: RegExp): void {
  expect(run.exitCode).toBe(1);
  const { status, pushed, digest, 'error-code': told } = run.outputs;
  expect({ status, pushed, digest, told }).toEqual({
    status: 'failed',
    pushed: 'false',
    digest: '',
    told: code,
  });
  const error = annotationsOf(run.log).find(({ level }) => level === 'error');
  expect(error).toMatchObject({ title: code, text: expect.stringMatching(message) });
  expect(error?.text.startsWith(`${code}: `)).toBe(true);
  expect(error?.text.split('\n')[1]).toMatch(hint);
  expect(run.summary).toContain(`The release failed with \`${code}\`. Nothing left the runner.`);
  expect(plainText(run.summary)).toMatch(message);
  expect(plainText(run.summary)).toMatch(hint);
  expectUntouched();
}

/** Neither the catalogue nor the request log knows of the run, nor is an upload left open. */
function expectUntouched(): void {
  expect(contentOf(bench.registry)).toEqual({});
  expect(writesOf(bench.registry.requests)).toEqual([]);
  for (const { uploads } of bench.registry.store.repositories.values()) expect(uploads.size).toBe(0);
}

/** Markdown with its character references read. */
function plainText(markdown: string): string {
  return markdown.replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)));
}

describe('the gate refuses', () => {
  it('an image with a planted secret, and shows the secret nowhere', async () => {
    const run = await release({ ...secretFile(), 'etc/motd': 'hello\n' });
    expectRefused(
      run,
      'GATE_SECRET',
      /the gate refuses 1 secret in modules: aws-access-key-id \(CRITICAL\) at opt\/app\/settings\.env:2 in modules/,
      /rotate it/,
    );
    const reports = run.outputs['scan-report-path']?.split('\n') ?? [];
    for (const text of [run.log, run.summary, JSON.stringify(run.outputs), ...reports.map(read)])
      expect(text).not.toContain(PLANTED_SECRET);
  });

  it('an image with a critical vulnerability that has a fix, and names the upgrade', async () => {
    const run = await release(CRITICAL);
    expectRefused(
      run,
      'GATE_FINDINGS',
      /the gate refuses 1 vulnerability in modules: CVE-2020-14343 \(CRITICAL\) PyYAML 5\.3 in modules \(linux\/\w+\)/,
      UPGRADE,
    );
  });

  it('a whole set for one bad image in it', async () => {
    const run = await bench.run(
      bench.checkout({
        [CONFIG]: configOf(['good', 'bad', 'fine']),
        ...contextOf({ 'etc/good': '1' }, 'good'),
        ...contextOf(nodePackage('lodash', '4.17.4'), 'bad'),
        ...contextOf({ 'etc/fine': '1' }, 'fine'),
      }),
    );
    expectRefused(
      run,
      'GATE_FINDINGS',
      /1 vulnerability in bad: CVE-2019-10744/,
      /Upgrade lodash 4\.17\.4 → 4\.17\.12/,
    );
  });

  it('a finding of one platform alone', async () => {
    const files = {
      ...contextOf({}, '.'),
      Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH/ /\n',
      'amd64/etc/motd': 'hello\n',
      ...Object.fromEntries(Object.entries(CRITICAL).map(([path, text]) => [`arm64/${path}`, String(text)])),
    };
    const run = await bench.run(bench.checkout(files), { platforms: 'linux/amd64,linux/arm64' });
    expectRefused(run, 'GATE_FINDINGS', /CVE-2020-14343 .* in modules \(linux\/arm64\)/, UPGRADE);
    const [image] = JSON.parse(run.outputs.images ?? '[]');
    expect(image.findings).toMatchObject({ critical: 1 });
  });

  it('secrets first, and names vulnerabilities as a second problem', async () => {
    // In pieces, so that no scanner takes this file for a leak.
    const frame = (word: string) => `-----${word} RSA PRIVATE ${'KEY'}-----`;
    const key = [frame('BEGIN'), 'MIIEow'.repeat(20), frame('END'), ''].join('\n');
    const run = await release({ ...CRITICAL, 'etc/tls/server.pem': key });
    const errors = annotationsOf(run.log).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      { title: 'GATE_SECRET', text: expect.stringMatching(/private-key .*etc\/tls\/server\.pem/) },
      { title: 'GATE_FINDINGS' },
    ]);
    expect(run.outputs['error-code']).toBe('GATE_SECRET');
    expectUntouched();
  });

  it('a secret in a folder of `source-secrets`, before anything is built', async () => {
    const files = { ...secretFile('deploy/settings.env') };
    const run = await release({ 'etc/motd': 'x' }, { 'source-secrets': 'deploy' }, files);
    expectRefused(run, 'GATE_SECRET', /aws-access-key-id .* at .*settings\.env:2/, /rotate it/);
    expect(run.log).not.toContain('COPY rootfs/');
    expect(run.log).not.toContain(PLANTED_SECRET);
  });
});

describe('reports', () => {
  it('are written on failure too: scan, SARIF, SBOMs and release.json', async () => {
    const run = await release(CRITICAL, { sbom: 'both' });
    const paths = (name: string) => (run.outputs[name] ?? '').split('\n');
    const [scan] = paths('scan-report-path').map((path) => JSON.parse(read(path)));
    expect(scan.Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)).toMatchObject([
      { VulnerabilityID: 'CVE-2020-14343' },
    ]);
    const [sarif] = paths('sarif-path').map((path) => JSON.parse(read(path)));
    expect(sarif.runs[0].automationDetails.id).toBe('modules/linux/amd64/');
    expect(sarif.runs[0].results).toMatchObject([{ ruleId: 'CVE-2020-14343', level: 'error' }]);
    const sboms = paths('sbom-path').map((path) => JSON.parse(read(path)));
    expect(sboms).toMatchObject([{ bomFormat: 'CycloneDX' }, { spdxVersion: 'SPDX-2.3' }]);
    for (const sbom of sboms) expect(JSON.stringify(sbom)).toContain('PyYAML');
    const record = JSON.parse(read(run.outputs.record ?? ''));
    expect(record).toMatchObject({
      status: 'failed',
      gate: { verdict: { passed: false, violations: [{ finding: { id: 'CVE-2020-14343' } }] } },
      problems: [{ code: 'GATE_FINDINGS' }],
    });
  });
});

describe('the policy', () => {
  it('lets through what has no fix, with `ignore-unfixed` alone', async () => {
    const red = await release(UNFIXED);
    expectRefused(
      red,
      'GATE_FINDINGS',
      /CVE-2099-0001 \(HIGH\)/,
      /Let what has no fix yet pass with .?ignore-unfixed/,
    );
    const green = await release(UNFIXED, { 'ignore-unfixed': 'true' });
    expect(green.outputs.status).toBe('released');
    expect(green.summary).toMatch(/1 finding without a fix, let through[\s\S]*CVE-2099-0001/);
  });

  it('counts the severities that it names, and no others', async () => {
    const red = await release(MEDIUM, { severity: 'MEDIUM,CRITICAL' });
    expectRefused(red, 'GATE_FINDINGS', /CVE-2024-37891 \(MEDIUM\)/, /Upgrade urllib3 1\.26\.0 → 1\.26\.19/);
    const green = await release(MEDIUM);
    expect(green.outputs.status).toBe('released');
  });

  it('is not lifted by a waiver that has expired', async () => {
    const run = await release(CRITICAL, { waivers: 'waivers.yml' }, waiver('2026-01-31'));
    expectRefused(run, 'GATE_FINDINGS', /CVE-2020-14343/, UPGRADE);
    expect(plainText(run.summary)).toMatch(
      /\| expired, counts as a finding \| .?CVE-2020-14343.? \|.*\| 2026-01-31 \| platform team \| not reachable \|/,
    );
    expect(annotationsOf(run.log)).toContainEqual(
      expect.objectContaining({ level: 'warning', text: expect.stringMatching(/expired on 2026-01-31/) }),
    );
  });
});

describe('the gate opens', () => {
  it('for a finding with a waiver, which the summary shows', async () => {
    const run = await release(CRITICAL, { waivers: 'waivers.yml' }, waiver('2099-12-31'));
    expect(run.outputs).toMatchObject({ status: 'released', pushed: 'true', 'error-code': '' });
    expect(contentOf(bench.registry)['acme/modules']?.tags[VERSION]).toBe(run.outputs.digest);
    // What the other tests find none of.
    expect(writesOf(bench.registry.requests)).not.toEqual([]);
    expect(plainText(run.summary)).toMatch(
      /\| used \| .?CVE-2020-14343.? \| 1 finding \| 2099-12-31 \| platform team \| not reachable \|/,
    );
    const record = JSON.parse(read(run.outputs.record ?? ''));
    expect(record.gate.verdict).toMatchObject({
      passed: true,
      waived: [{ finding: { id: 'CVE-2020-14343' }, waiver: { statement: 'not reachable' } }],
    });
  });
});

function waiver(expires: string): Readonly<Record<string, string>> {
  const entry = `id: CVE-2020-14343, statement: not reachable, owner: platform team, expired_at: ${expires}`;
  return { 'waivers.yml': `vulnerabilities:\n  - { ${entry} }\n` };
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
