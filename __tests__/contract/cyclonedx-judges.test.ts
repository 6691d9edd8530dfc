import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLicenses } from '../../src/adapters/licenses/spdx.ts';
import { digestFromHex } from '../../src/model/digest.ts';
import { type CycloneDx, cyclonedxOf } from '../../src/steps/inspect/cyclonedx.ts';
import { contentsOf } from '../../src/steps/inspect/packages.ts';
import { GATE, makeScanBench, type ScanBench } from '../helpers/scan-bench.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { alpine, nodePackage, pythonPackage } from '../helpers/vulnerable-layout.ts';

const { Spec, Validation } = createRequire(import.meta.url)(
  '@cyclonedx/cyclonedx-library',
) as typeof import('@cyclonedx/cyclonedx-library');

/** Of the report. */
const SUBJECT = {
  repository: { registry: 'ghcr.io', path: 'acme/app' },
  digest: digestFromHex('ab'.repeat(32)),
};
const REPORT = join(import.meta.dirname, '../fixtures/trivy/packages.json');

type Licenses = readonly { readonly license?: { readonly id?: string; readonly name?: string } }[];

let folder = '';
let ours: CycloneDx;
let theirs: CycloneDx;

async function write(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

async function output(tool: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' };
  const { stdout } = await promisify(execFile)(toolPath(tool), args, { env, maxBuffer: 1 << 26 });
  return stdout;
}

async function written(report: unknown): Promise<CycloneDx> {
  const licenseForm = await createLicenses().load();
  return cyclonedxOf(contentsOf(report), { subject: SUBJECT, trivy: '0.67.2', licenseForm });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mr-cyclonedx-'));
  ours = await written(JSON.parse(await readFile(REPORT, 'utf8')));
  theirs = JSON.parse(await output('trivy', 'convert', '--format=cyclonedx', '--quiet', '--', REPORT));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a generated reference refers to: two documents give it different ones. */
function namesOf({ metadata, components }: CycloneDx): ReadonlyMap<string, string> {
  const all = [metadata.component, ...components].map((each) => {
    const { 'bom-ref': ref, licenses: _, ...about } = each;
    return [ref, ref === each.purl ? ref : JSON.stringify(sortedKeys(about))] as const;
  });
  return new Map(all);
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sortedKeys(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All components by their names, without licenses. */
function componentsOf(document: CycloneDx): readonly unknown[] {
  const names = namesOf(document);
  return [document.metadata.component, ...document.components]
    .map(({ licenses: _, ...each }) => ({ ...each, 'bom-ref': names.get(each['bom-ref']) }))
    .sort((a, b) => ((a['bom-ref'] ?? '') < (b['bom-ref'] ?? '') ? -1 : 1));
}

/** Who depends on whom, by names; who is not told of depends on nothing. */
function dependenciesOf(document: CycloneDx): Readonly<Record<string, readonly unknown[]>> {
  const names = namesOf(document);
  const known = document.dependencies.map(({ ref, dependsOn }) => [
    names.get(ref),
    dependsOn.map((each) => names.get(each)).sort(),
  ]);
  return {
    ...Object.fromEntries([...names.values()].map((name) => [name, []])),
    ...Object.fromEntries(known),
  };
}

function licensesByName(document: CycloneDx): ReadonlyMap<string | undefined, Licenses> {
  const names = namesOf(document);
  return new Map(
    document.components.flatMap(({ 'bom-ref': ref, licenses }) =>
      licenses === undefined ? [] : [[names.get(ref), licenses as Licenses] as const],
    ),
  );
}

describe('a CycloneDX document of a scan', () => {
  it('says of the image and each package what `trivy convert` says', () => {
    expect(ours.components.length).toBeGreaterThan(45);
    expect(componentsOf(ours)).toEqual(componentsOf(theirs));
  });

  it('has the same dependencies', () => {
    expect(dependenciesOf(ours)).toEqual(dependenciesOf(theirs));
    expect(Object.values(dependenciesOf(ours)).filter(({ length }) => length > 0).length).toBeGreaterThan(8);
  });

  it('gives each license the identifier that Trivy gives it, and some that Trivy does not know', () => {
    const [mine, others] = [licensesByName(ours), licensesByName(theirs)];
    expect([...mine.keys()].sort()).toEqual([...others.keys()].sort());
    let identifiers = 0;
    for (const [name, list] of others) {
      const identified = list.map(({ license }) => license?.id);
      identifiers += identified.filter((id) => id !== undefined).length;
      expect(mine.get(name)?.map(({ license }, index) => identified[index] && license?.id)).toEqual(
        identified,
      );
    }
    expect(identifiers).toBeGreaterThan(40);
    const texts = JSON.stringify([...mine.values()]);
    expect(texts).toContain('{"license":{"id":"FSFULLR"}}');
    expect(texts).toContain('{"license":{"name":"All rights reserved.\\nAsk first."}}');
    expect(texts).toContain('{"expression":"(MIT OR CC0-1.0)"}');
  });

  it('is one for the validator of CycloneDX', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(JSON.stringify(ours))).toBeNull();
    expect(await validator.validate(JSON.stringify({ ...ours, serialNumber: 'none' }))).not.toBeNull();
  });

  it('is one for Syft, with every package', async () => {
    const listed = JSON.parse(
      await output('syft', 'convert', await write('ours.json', ours), '-o', 'syft-json'),
    );
    const purls = (list: readonly { readonly purl?: string }[]) =>
      [
        ...new Set(
          list.flatMap(({ purl }) => (purl === undefined || purl === '' ? [] : [purl.split('?')[0]])),
        ),
      ].sort();
    const expected = ours.components.filter(({ type }) => type === 'library');
    expect(purls(listed.artifacts)).toEqual(purls(expected));
  });

  it('is the same for the same scan, and another one for another', async () => {
    const report = JSON.parse(await readFile(REPORT, 'utf8'));
    expect(await written(report)).toEqual(ours);
    const later = await written({ ...report, CreatedAt: '2026-11-23T00:00:00.5Z' });
    expect(later.metadata.timestamp).toBe('2026-11-23T00:00:00Z');
    expect(later.serialNumber).not.toBe(ours.serialNumber);
  });

  it('tells of an image without packages', async () => {
    const empty = await written({ SchemaVersion: 2, ArtifactName: 'a', ArtifactType: 'container_image' });
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(JSON.stringify(empty))).toBeNull();
    expect(empty.components).toEqual([]);
    expect(empty.dependencies).toEqual([{ ref: empty.metadata.component['bom-ref'], dependsOn: [] }]);
  });
});

describe('the document of a real scan', () => {
  let bench: ScanBench;
  beforeAll(async () => {
    bench = await makeScanBench();
  });
  afterAll(() => bench.end());

  it('leads Trivy to the vulnerabilities of the image', async () => {
    const layers = [
      alpine({ openssl: '3.1.4-r0', busybox: '1.36.1-r15' }),
      pythonPackage('PyYAML', '5.3'),
      nodePackage('lodash', '4.17.4'),
      nodePackage('minimist', '1.2.0'),
    ];
    const { inspections } = await bench.inspect(
      { app: { 'linux/amd64': { layers } } },
      { gate: { ...GATE, sbom: ['cyclonedx'] } },
    );
    const [platform] = inspections[0]!.platforms;
    const path = platform!.reports.find(({ kind }) => kind === 'cyclonedx')!.path;
    const cache = bench.commands[0]!.args.find((arg) => arg.startsWith('--cache-dir='))!;
    const flags = [cache, '--skip-db-update', '--offline-scan', '--skip-version-check', '--quiet'];
    type Found = {
      readonly VulnerabilityID: string;
      readonly PkgName: string;
      readonly InstalledVersion: string;
    };
    type Again = { readonly Results: readonly { readonly Vulnerabilities?: readonly Found[] }[] };
    const again: Again = JSON.parse(await output('trivy', 'sbom', '--format=json', ...flags, '--', path));
    const found = again.Results.flatMap(({ Vulnerabilities = [] }) =>
      Vulnerabilities.map((each) => [each.VulnerabilityID, each.PkgName, each.InstalledVersion].join(' ')),
    );
    const expected = platform!.findings.map(({ id, package: name, installed }) =>
      [id, name, installed].join(' '),
    );
    expect(expected.length).toBeGreaterThan(4);
    expect(found.sort()).toEqual(expected.sort());
  });
});
