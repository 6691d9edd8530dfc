import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatPlatform } from '../../src/model/descriptor.ts';
import { type Finding, type GatePolicy, type ImageInspection, passGate } from '../../src/model/scan.ts';
import { decide } from '../../src/steps/gate/decide.ts';
import { GATE, makeScanBench, type ScanBench, SYFT, TRIVY } from '../helpers/scan-bench.ts';
import type { TarTree } from '../helpers/tar.ts';
import { makeTrivyCache } from '../helpers/trivy-database.ts';
import {
  alpine,
  type ImageSpec,
  nodePackage,
  PLANTED_SECRET,
  pythonPackage,
  secretFile,
} from '../helpers/vulnerable-layout.ts';

let bench: ScanBench;
beforeAll(async () => {
  bench = await makeScanBench();
});
afterAll(() => bench.end());

const amd64 = (...layers: readonly TarTree[]): ImageSpec => ({ 'linux/amd64': { layers } });

function onlyPlatform(inspections: readonly ImageInspection[]) {
  const [platform] = inspections[0]!.platforms;
  return platform!;
}

async function findingsIn(...layers: readonly TarTree[]): Promise<readonly Finding[]> {
  const { inspections } = await bench.inspect({ app: amd64(...layers) });
  return onlyPlatform(inspections).findings;
}

const HIGH: GatePolicy = { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: false, waivers: [] };
const NOW = new Date('2026-11-21T12:00:00Z');

describe('each package of the fixture database', () => {
  it.each([
    ['requests', pythonPackage('requests', '2.18.0'), 'CVE-2018-18074', 'HIGH', '2.20.0'],
    ['PyYAML', pythonPackage('PyYAML', '5.3'), 'CVE-2020-14343', 'CRITICAL', '5.4'],
    ['urllib3', pythonPackage('urllib3', '1.26.0'), 'CVE-2024-37891', 'MEDIUM', '1.26.19, 2.2.2'],
    [
      'module-release-unfixed',
      pythonPackage('module-release-unfixed', '1.0'),
      'CVE-2099-0001',
      'HIGH',
      undefined,
    ],
    ['lodash', nodePackage('lodash', '4.17.4'), 'CVE-2019-10744', 'CRITICAL', '4.17.12'],
    ['minimist', nodePackage('minimist', '1.2.0'), 'CVE-2021-44906', 'CRITICAL', '1.2.6'],
    ['openssl', alpine({ openssl: '3.1.4-r0' }), 'CVE-2024-5535', 'CRITICAL', '3.1.6-r0'],
    ['busybox', alpine({ busybox: '1.36.1-r15' }), 'CVE-2023-42366', 'MEDIUM', '1.36.1-r16'],
  ])('%s', async (name, files, id, severity, fixed) => {
    const found = await findingsIn(files);
    expect(found.map((each) => [each.kind, each.id, each.package, each.severity, each.fixed])).toEqual([
      ['vulnerability', id, name, severity, fixed],
    ]);
    expect(found[0]!.location).toBe(
      name in { openssl: 1, busybox: 1 } ? 'alpine 3.19.1' : Object.keys(files)[0],
    );
  });

  it('is no finding in its repaired version', async () => {
    expect(await findingsIn(pythonPackage('PyYAML', '5.4'), alpine({ openssl: '3.1.6-r0' }))).toEqual([]);
  });

  it('is no finding where an upper layer has removed it', async () => {
    const path = Object.keys(pythonPackage('PyYAML', '5.3'))[0]!;
    const whiteout = path.replace('METADATA', '.wh.METADATA');
    expect(await findingsIn(pythonPackage('PyYAML', '5.3'), { [whiteout]: '' })).toEqual([]);
  });
});

describe('what was found in layers earlier on the same day', () => {
  it('gives the same report, verdict and SBOM, and is told from other options', async () => {
    const image = {
      app: amd64(pythonPackage('PyYAML', '5.3'), secretFile(), alpine({ openssl: '3.1.4-r0' })),
    };
    const keptIn = { folder: join(bench.root, 'kept'), day: '2026-11-22', javaIndex: '' };
    const scan = async (name: string, gate: Partial<typeof GATE> = {}) => {
      const cache = {
        folder: await makeTrivyCache(join(bench.root, `cache-${name}`)),
        javaRepositories: [],
        keepJavaDatabase: false,
        keptIn,
      };
      const reports = join(bench.root, `reports-${name}`);
      const over = { cache, reports, gate: { ...GATE, sbom: ['cyclonedx' as const], ...gate } };
      const platform = onlyPlatform((await bench.inspect(image, over)).inspections);
      const texts = await Promise.all(platform.reports.map(({ path }) => readFile(path, 'utf8')));
      const [report, sbom] = texts.map((text) => JSON.parse(text));
      const { CreatedAt: _at, ReportID: _id, ...lasting } = report;
      // Those of the system are named by chance.
      const components = sbom.components.map(({ 'bom-ref': _, ...rest }: Record<string, unknown>) => rest);
      return { findings: platform.findings, report: lasting, components };
    };
    const first = await scan('first');
    const [kept] = await readdir(keptIn.folder);
    expect(kept).toMatch(/^layers-2026-11-22-/);
    const again = await scan('again');
    expect(again.findings.map(({ id }) => id).sort()).toEqual([
      'CVE-2020-14343',
      'CVE-2024-5535',
      'aws-access-key-id',
    ]);
    expect(again.findings).toEqual(first.findings);
    expect(again.report).toEqual(first.report);
    expect(again.components).toEqual(first.components);
    const skipped = await scan('skipped', { skipFiles: ['opt/app/settings.env'] });
    expect(skipped.findings.some(({ kind }) => kind === 'secret')).toBe(false);
    expect((await scan('whole')).findings).toEqual(first.findings);
  });
});

describe('secrets', () => {
  it('are found in a file, with its line', async () => {
    expect(await findingsIn(secretFile())).toEqual([
      {
        kind: 'secret',
        id: 'aws-access-key-id',
        severity: 'CRITICAL',
        title: 'AWS Access Key ID',
        package: 'AWS',
        installed: '',
        location: 'opt/app/settings.env',
        line: 2,
      },
    ]);
  });

  it('are found in a lower layer although an upper one removes the file', async () => {
    const found = await findingsIn(secretFile(), { 'opt/app/.wh.settings.env': '' });
    expect(found.map(({ location }) => location)).toEqual(['opt/app/settings.env']);
  });

  it('are found in the environment of the image', async () => {
    const { inspections } = await bench.inspect({
      app: { 'linux/amd64': { layers: [{ hello: 'x' }], env: [`AWS_ACCESS_KEY_ID=${PLANTED_SECRET}`] } },
    });
    expect(onlyPlatform(inspections).findings.map(({ location, line }) => [location, line])).toEqual([
      ['image configuration', undefined],
    ]);
  });

  it('are not looked for when the scanner is off', async () => {
    const { inspections } = await bench.inspect(
      { app: { 'linux/amd64': { layers: [secretFile()], env: [`KEY=${PLANTED_SECRET}`] } } },
      { gate: { ...GATE, scanners: ['vuln'] } },
    );
    expect(onlyPlatform(inspections).findings).toEqual([]);
  });

  it('stand in clear in no report, log line or argument', async () => {
    const { inspections } = await bench.inspect(
      {
        leak: {
          'linux/amd64': {
            layers: [secretFile(), { 'etc/two.env': `A=${PLANTED_SECRET} B=${PLANTED_SECRET}\n` }],
            env: [`AWS_ACCESS_KEY_ID=${PLANTED_SECRET}`],
          },
        },
      },
      { gate: { ...GATE, sbom: ['cyclonedx', 'spdx'] } },
    );
    const { findings, reports } = onlyPlatform(inspections);
    expect(findings.length).toBeGreaterThan(2);
    const texts = await Promise.all(reports.map(({ path }) => readFile(path, 'utf8')));
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text).not.toContain(PLANTED_SECRET);
    // The lines beside a secret are not ours to tell either.
    expect(texts.join()).not.toContain('eu-central-1');
    expect(bench.log.lines.join('\n')).not.toContain(PLANTED_SECRET);
    expect(JSON.stringify(bench.commands)).not.toContain(PLANTED_SECRET);
  });
});

describe('the gate on what was scanned', () => {
  const all = [
    pythonPackage('requests', '2.18.0'),
    pythonPackage('PyYAML', '5.3'),
    pythonPackage('module-release-unfixed', '1.0'),
    nodePackage('lodash', '4.17.4'),
    alpine({ openssl: '3.1.4-r0' }),
  ];
  let inspections: readonly ImageInspection[] = [];
  beforeAll(async () => {
    ({ inspections } = await bench.inspect({ app: amd64(...all) }));
  });
  const refused = (policy: Partial<GatePolicy>) =>
    decide({ ...HIGH, ...policy }, inspections, NOW).violations.map(({ finding }) => finding.id);

  it('refuses five findings of HIGH and CRITICAL, four with ignore-unfixed', () => {
    expect(refused({})).toHaveLength(5);
    expect(refused({ ignoreUnfixed: true })).toHaveLength(4);
    expect(refused({ ignoreUnfixed: true })).not.toContain('CVE-2099-0001');
  });

  it('is lifted by waivers until they expire', () => {
    const ids = refused({});
    const waive = (expiredAt: string) =>
      ids.map((id) => ({ kind: 'vulnerability', id, paths: [], statement: 'known', expiredAt }) as const);
    const lifted = decide({ ...HIGH, waivers: waive('2026-11-21') }, inspections, NOW);
    expect(lifted.passed).toBe(true);
    expect(passGate(inspections, lifted)).toHaveLength(1);
    expect(refused({ waivers: waive('2026-11-20') })).toEqual(ids);
  });

  it('is lifted only where a waiver’s path says so', () => {
    const waiver = (path: string) => ({
      waivers: [
        { kind: 'vulnerability', id: 'CVE-2019-10744', paths: [path], statement: 'dev only' } as const,
      ],
    });
    expect(refused(waiver('app/node_modules/lodash/**'))).not.toContain('CVE-2019-10744');
    expect(refused(waiver('srv/**'))).toContain('CVE-2019-10744');
  });
});

describe('several images and platforms', () => {
  it('are each scanned by their own bytes', async () => {
    const { inspections } = await bench.inspect({
      app: {
        'linux/amd64': { layers: [pythonPackage('PyYAML', '5.4')] },
        'linux/arm64': { layers: [pythonPackage('PyYAML', '5.3')] },
      },
      tool: amd64(nodePackage('lodash', '4.17.4')),
    });
    expect(
      inspections.map(({ image, platforms }) => [
        image.planned.name,
        platforms.map(({ platform, findings }) => [formatPlatform(platform), findings.map(({ id }) => id)]),
      ]),
    ).toEqual([
      [
        'app',
        [
          ['linux/amd64', []],
          ['linux/arm64', ['CVE-2020-14343']],
        ],
      ],
      ['tool', [['linux/amd64', ['CVE-2019-10744']]]],
    ]);
    const reports = (await readdir(join(bench.root, 'reports'))).filter((name) => /^(app|tool)-/.test(name));
    expect(reports).toEqual(
      expect.arrayContaining([
        'app-linux-amd64.trivy.json',
        'app-linux-arm64.trivy.json',
        'tool-linux-amd64.trivy.json',
      ]),
    );
  });

  it('that share a manifest are scanned once, and reported twice', async () => {
    const before = bench.commands.length;
    const spec = amd64(pythonPackage('PyYAML', '5.3'));
    const { inspections } = await bench.inspect({ one: spec, two: spec });
    expect(bench.commands.slice(before)).toHaveLength(1);
    const names = await Promise.all(
      inspections.map(async (each) => {
        const { reports, findings } = onlyPlatform([each]);
        expect(findings).toHaveLength(1);
        return JSON.parse(await readFile(reports[0]!.path, 'utf8')).ArtifactName;
      }),
    );
    const { digest } = onlyPlatform(inspections).descriptor;
    expect(names).toEqual([`ghcr.io/acme/one@${digest}`, `ghcr.io/acme/two@${digest}`]);
  });

  it('that share layers see the shared findings each', async () => {
    const base = alpine({ openssl: '3.1.4-r0' });
    const { inspections } = await bench.inspect({
      base: amd64(base),
      app: amd64(base, pythonPackage('PyYAML', '5.3')),
    });
    expect(
      inspections.map((each) =>
        onlyPlatform([each])
          .findings.map(({ id }) => id)
          .sort(),
      ),
    ).toEqual([['CVE-2024-5535'], ['CVE-2020-14343', 'CVE-2024-5535']]);
  });

  it('without any package have no findings', async () => {
    const { inspections } = await bench.inspect({ empty: amd64({ hello: 'x' }) });
    expect(onlyPlatform(inspections)).toMatchObject({ findings: [], packages: 0 });
  });
});

describe('what is left out of the scan', () => {
  it.each([
    ['skip-dirs', { skipDirs: ['opt/app'] }],
    ['skip-files', { skipFiles: ['opt/app/settings.env'] }],
    ['a name with a comma', { skipFiles: ['opt/app/settings.env', 'a,"b'] }],
  ])('%s', async (_name, over) => {
    const { inspections } = await bench.inspect({ app: amd64(secretFile()) }, { gate: { ...GATE, ...over } });
    expect(onlyPlatform(inspections).findings).toEqual([]);
  });
});

describe('SBOMs', () => {
  const image = {
    app: {
      'linux/arm64': {
        layers: [alpine({ openssl: '3.1.4-r0' }), pythonPackage('PyYAML', '5.3'), secretFile()],
      },
    },
  };

  it.each(['trivy', 'syft'] as const)(
    'by %s are documents of both formats about the image',
    async (sbomGenerator) => {
      const reports = join(bench.root, `sbom-${sbomGenerator}`);
      const { inspections } = await bench.inspect(image, {
        gate: { ...GATE, sbom: ['cyclonedx', 'spdx'], sbomGenerator },
        syft: SYFT,
        reports,
      });
      const platform = onlyPlatform(inspections);
      expect(platform.reports).toEqual([
        { kind: 'scan', path: join(reports, 'app-linux-arm64.trivy.json') },
        { kind: 'cyclonedx', path: join(reports, 'sbom-app-arm64.cdx.json') },
        { kind: 'spdx', path: join(reports, 'sbom-app-arm64.spdx.json') },
      ]);
      const [cyclonedx, spdx] = await Promise.all(
        platform.reports.slice(1).map(async ({ path }) => JSON.parse(await readFile(path, 'utf8'))),
      );
      expect(cyclonedx.bomFormat).toBe('CycloneDX');
      expect(cyclonedx.metadata.component.name).toContain('ghcr.io/acme/app');
      const names = (packages: { name: string }[]) => packages.map(({ name }) => name.toLowerCase());
      expect(names(cyclonedx.components)).toEqual(expect.arrayContaining(['openssl', 'pyyaml']));
      expect(cyclonedx.vulnerabilities ?? []).toEqual([]);
      expect(spdx.spdxVersion).toBe('SPDX-2.3');
      expect(names(spdx.packages)).toEqual(expect.arrayContaining(['openssl', 'pyyaml']));
      // Nothing of this machine is in a document that others will read.
      expect(JSON.stringify([cyclonedx, spdx])).not.toContain(bench.root);
    },
  );

  it('by trivy name the image by its package URL', async () => {
    const { inspections } = await bench.inspect(image, { gate: { ...GATE, sbom: ['cyclonedx'] } });
    const { reports, descriptor } = onlyPlatform(inspections);
    const { metadata } = JSON.parse(await readFile(reports[1]!.path, 'utf8'));
    expect(decodeURIComponent(metadata.component.purl)).toBe(
      `pkg:oci/app@${descriptor.digest}?arch=arm64&repository_url=ghcr.io/acme/app`,
    );
  });
});

describe('without the scanner for vulnerabilities', () => {
  it('no database is needed, and packages are still listed', async () => {
    const { inspections, scanner } = await bench.inspect(
      { app: amd64(secretFile(), pythonPackage('PyYAML', '5.3')) },
      {
        gate: { ...GATE, scanners: ['secret'], sbom: ['spdx'] },
        cache: { folder: join(bench.root, 'no-database'), javaRepositories: [], keepJavaDatabase: false },
      },
    );
    expect(scanner.database).toBeUndefined();
    const { findings, packages, reports } = onlyPlatform(inspections);
    expect(findings.map(({ kind }) => kind)).toEqual(['secret']);
    expect(packages).toBe(1);
    expect(await readFile(reports[1]!.path, 'utf8')).toContain('PyYAML');
  });
});

describe('a scan that fails', () => {
  it('for want of a database is no word on the image', async () => {
    const cache = { folder: join(bench.root, 'empty'), javaRepositories: [], keepJavaDatabase: false };
    await expect(bench.inspect({ app: amd64({ hello: 'x' }) }, { cache })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
    });
  });

  it('for want of an index of Java packages says how to give one', async () => {
    const jar = Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64');
    await expect(bench.inspect({ app: amd64({ 'app/foo-1.2.jar': jar }) })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      hint: expect.stringContaining('java-db'),
    });
  });

  it.each([
    ['writes no report', 'exit 0', 'SCAN_FAILED', 'wrote no report'],
    ['writes no JSON', 'echo "{" > "$out"', 'SCAN_FAILED', 'cannot be read'],
    ['writes another schema', 'echo \'{"SchemaVersion": 3}\' > "$out"', 'SCAN_FAILED', 'SchemaVersion'],
    [
      'reports on another image',
      'echo \'{"SchemaVersion": 2, "ArtifactName": "x", "ArtifactType": "container_image", "Metadata": {"ImageID": "sha256:0"}}\' > "$out"',
      'SCAN_FAILED',
      'looked at another image',
    ],
    ['ends badly after a report', 'echo "out of tape" >&2; exit 3', 'SCAN_FAILED', 'out of tape'],
  ])('because the scanner %s', async (_name, script, code, text) => {
    const path = join(bench.root, 'wrapper');
    await writeFile(
      path,
      `#!/bin/sh\nfor a in "$@"; do case "$a" in --output=*) out="\${a#--output=}";; esac; done\n${script}\n`,
    );
    await chmod(path, 0o755);
    const failure = bench.inspect({ app: amd64({ hello: 'x' }) }, { trivy: { ...TRIVY, path } });
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });
});

describe('the surroundings of a scanner', () => {
  it.each(['trivy', 'syft'] as const)(
    '%s sees no secret of the runner, and no file of the checkout',
    async (name) => {
      const dump = join(bench.root, `env-${name}`);
      const path = join(bench.root, `wrapped-${name}`);
      const tool = name === 'trivy' ? TRIVY : SYFT;
      await writeFile(
        path,
        `#!/bin/sh\nenv > ${dump}\npwd >> ${dump}\nls -A >> ${dump}\nexec ${tool.path} "$@"\n`,
      );
      await chmod(path, 0o755);
      const secrets = {
        INPUT_PASSWORD: 'hunter2-input',
        GITHUB_TOKEN: 'hunter2-token',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hunter2-oidc',
        ACTIONS_RUNTIME_TOKEN: 'hunter2-runtime',
        AWS_SECRET_ACCESS_KEY: 'hunter2-aws',
        TRIVY_PASSWORD: 'hunter2-trivy',
        TRIVY_SEVERITY: 'LOW',
      };
      Object.assign(process.env, secrets);
      try {
        await bench.inspect(
          { app: amd64(pythonPackage('PyYAML', '5.3')) },
          {
            gate: { ...GATE, sbom: ['spdx'], sbomGenerator: name },
            trivy: name === 'trivy' ? { ...TRIVY, path } : TRIVY,
            syft: name === 'syft' ? { ...SYFT, path } : SYFT,
          },
        );
      } finally {
        for (const key of Object.keys(secrets)) delete process.env[key];
      }
      const seen = await readFile(dump, 'utf8');
      expect(seen).toContain('PATH=');
      expect(seen).not.toContain('hunter2');
      expect(seen).not.toContain('TRIVY_SEVERITY');
      expect(seen).not.toContain('package.json');
    },
  );
});
