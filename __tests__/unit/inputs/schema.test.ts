import { describe, expect, it } from '@jest/globals';
import { FIELDS } from '../../../src/inputs/fields.ts';
import { INPUTS, isInputName } from '../../../src/inputs/names.ts';
import { accepted, door, messages, refused, WORKSPACE } from '../../helpers/read-door.ts';

describe('defaults', () => {
  it('are all applied here', () => {
    expect(accepted({})).toEqual({
      command: 'release',
      dryRun: false,
      workspace: WORKSPACE,
      workingDirectory: WORKSPACE,
      names: { registries: ['ghcr.io'], namespace: 'acme' },
      version: {
        tagPrefix: 'v',
        manifest: 'auto',
        tags: [],
        pullRequest: 'gate',
        labels: {},
        annotations: [],
      },
      login: { credentials: [], insecure: [] },
      build: {
        definition: {
          kind: 'images',
          images: [{ context: '.', platforms: [], args: {}, contexts: {}, labels: {} }],
        },
        platforms: [],
        secrets: {},
        secretFiles: {},
        ssh: [],
        cacheFrom: [],
        cacheTo: [],
        noCache: false,
        pull: false,
        moduleBaseImage: 'ghcr.io/alitheabio/hla-compass-module-runtime:py311-trixie',
      },
      gate: {
        scanners: ['vuln', 'secret'],
        severities: ['HIGH', 'CRITICAL'],
        ignoreUnfixed: false,
        skipDirs: [],
        skipFiles: [],
        timeoutSeconds: 300,
        sourceSecrets: [],
        sbom: ['cyclonedx'],
        sbomGenerator: 'trivy',
      },
      tools: {
        trivyVersion: '0.69.3',
        syftVersion: '1.44.0',
        checksums: {},
        databaseRepositories: ['ghcr.io/aquasecurity/trivy-db:2', 'docker.io/aquasec/trivy-db:2'],
        offline: false,
      },
      channels: { rules: [], to: { kind: 'previous' }, force: false },
      attest: { mode: 'auto', instance: 'auto' },
      publish: {
        target: { kind: 'hla-compass', env: 'dev' },
        scope: 'org',
        generateKeys: false,
        wait: true,
        timeoutSeconds: 1800,
      },
      verify: { subjects: [], identity: {}, require: ['signature', 'provenance', 'sbom', 'scan'] },
      fanOut: { runners: [], scope: 'shard', handoffs: [] },
    });
  });

  const named = Object.entries(INPUTS).flatMap(([name, { description }]) => {
    const fallback = / Default: `([^`]+)`\.$/.exec(description)?.[1];
    return fallback === undefined ? [] : [[name, fallback]];
  });

  /** Inputs that have a meaning beside these alone. */
  const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'bake-targets': { 'bake-file': 'docker-bake.hcl' },
    to: { command: 'rollback', channel: 'prod' },
  };

  it('are named for many inputs', () => {
    expect(named.length).toBeGreaterThan(20);
  });

  it.each(named)('of %s is what its description says: %s', (name, fallback) => {
    const others = BESIDE[name ?? ''] ?? {};
    expect(accepted({ raw: { ...others, [name ?? '']: fallback ?? '' } })).toEqual(accepted({ raw: others }));
  });

  it('take an empty text, and blanks, for not given', () => {
    const raw = Object.fromEntries(Object.keys(INPUTS).map((name, i) => [name, i % 2 === 0 ? '' : ' \n']));
    expect(door({ raw })).toEqual({ ok: true, inputs: accepted({}), warnings: [] });
  });

  it.each([
    ['Acme-Corp', 'acme-corp'],
    ['', undefined],
  ])('namespace of the owner %j is %j', (owner, namespace) => {
    expect(accepted({ owner }).names.namespace).toBe(namespace);
  });
});

it('resolves what is given', () => {
  const raw = {
    command: 'plan',
    'dry-run': 'TRUE',
    'working-directory': './modules/../modules/a/',
    registry: '127.0.0.1:5000\nGHCR.io\nghcr.io',
    version: 'my-module/v1.2.3',
    'tag-prefix': '*/v',
    tags: '# extra\ntype=sha,prefix=main-,format=long\nedge',
    'pull-request': 'push',
    'registry-insecure': 'registry.local:5000',
    platforms: 'linux/amd64,linux/arm/v7',
    'secret-files': 'npmrc=.npmrc\npem=/etc/key.pem',
    ssh: 'default',
    'cache-to': 'type=registry,ref=x/y,"a=b,c"',
    network: 'none',
    builder: 'my_builder',
    'builder-image': 'moby/buildkit:v0.27.0',
    scanners: 'secret',
    waivers: 'security/waivers.yml',
    'skip-dirs': '"a,b"\n**/node_modules',
    'scan-timeout': '1m30s',
    'source-secrets': '.,/opt/src',
    sbom: 'both',
    'sbom-generator': 'syft',
    'trivy-version': 'v0.68.0',
    'trivy-path': 'bin/trivy',
    'trivy-cache-dir': '/opt/trivy',
    'tools-mirror': 'http://127.0.0.1:8080/tools/',
    'trivy-db-repository': '127.0.0.1:5000/trivy-db',
  };
  const folder = `${WORKSPACE}/modules/a`;
  expect(accepted({ raw })).toMatchObject({
    command: 'plan',
    dryRun: true,
    workingDirectory: folder,
    names: { registries: ['127.0.0.1:5000', 'ghcr.io'] },
    version: {
      version: 'my-module/v1.2.3',
      tagPrefix: '*/v',
      pullRequest: 'push',
      tags: [
        { type: 'sha', attributes: { prefix: 'main-', format: 'long' } },
        { type: 'raw', attributes: { value: 'edge' } },
      ],
    },
    login: { insecure: ['registry.local:5000'] },
    build: {
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ],
      secretFiles: { npmrc: `${folder}/.npmrc`, pem: '/etc/key.pem' },
      ssh: ['default'],
      cacheTo: ['type=registry,ref=x/y,"a=b,c"'],
      network: 'none',
      builder: 'my_builder',
      builderImage: 'moby/buildkit:v0.27.0',
    },
    gate: {
      scanners: ['secret'],
      waivers: `${folder}/security/waivers.yml`,
      skipDirs: ['a,b', '**/node_modules'],
      timeoutSeconds: 90,
      sourceSecrets: [folder, '/opt/src'],
      sbom: ['cyclonedx', 'spdx'],
      sbomGenerator: 'syft',
    },
    tools: {
      trivyVersion: '0.68.0',
      trivyPath: `${folder}/bin/trivy`,
      trivyCacheDir: '/opt/trivy',
      mirror: 'http://127.0.0.1:8080/tools',
      databaseRepositories: ['127.0.0.1:5000/trivy-db:2'],
    },
  });
});

describe('version', () => {
  it.each([
    ['1.2.3', undefined],
    ['v1.2.3-rc.1', undefined],
    ['release-1.2.3', 'release-'],
    ['a/b/v1.2.3', '*/v'],
    ['1.2.3+build.5', 'none'],
  ])('%s with the prefix %s', (version, prefix) => {
    const raw = { version, ...(prefix === undefined ? {} : { 'tag-prefix': prefix }) };
    expect(accepted({ raw }).version.version).toBe(version);
  });

  it.each(['1.2', 'v1', 'latest', '01.2.3', 'x/v1.2.3', '1.2.3 ; rm'])('%s is refused', (version) => {
    expect(messages({ raw: { version } })).toEqual([
      `input \`version\`: "${version}" is not a strict SemVer version such as 1.2.3 or 1.3.0-rc.1`,
    ]);
  });
});

describe('paths', () => {
  it.each(['..', '/', '../modules2', 'a/../../x', '/home/runner/work/modules/modules2'])(
    'the working directory %s is outside',
    (path) => {
      expect(messages({ raw: { 'working-directory': path } })).toEqual([
        `input \`working-directory\`: "${path}" is not inside the workspace`,
      ]);
    },
  );

  it('the config file must be inside, and exist when it is named', () => {
    expect(messages({ raw: { config: '../x.yml' } })).toEqual([
      'input `config`: "../x.yml" is not inside the workspace',
    ]);
    expect(messages({ raw: { config: 'ci/x.yml' } })).toEqual(['input `config`: "ci/x.yml" does not exist']);
    expect(messages({ raw: { config: 'ci/x.yml' }, config: '' })).toEqual([]);
  });
});

it('reports every problem at once', () => {
  const raw = { severity: 'HIHG,LOW,x', 'dry-run': 'yes', platforms: 'linux', 'scan-timeout': '5' };
  expect(
    refused({ raw, config: 'severitty: x\nnetwork: bridge\n' }).map(
      (p) => `${p.message} | ${p.at?.line ?? '-'}`,
    ),
  ).toEqual([
    'config `severitty`: there is no such key | 1',
    'input `dry-run`: "yes" is not true or false | -',
    'input `platforms`: "linux" is not a platform such as linux/amd64 or linux/arm/v7 | -',
    'config `network`: "bridge" is not one of default, host, none | 2',
    'input `severity`: "HIHG" is not one of UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL | -',
    'input `severity`: "x" is not one of UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL | -',
    'input `scan-timeout`: "5" is not a duration such as 5m0s, 10m or 300s (more than 0, at most 24h) | -',
  ]);
});

it('does not bury the problems under those of one value', () => {
  const problems = messages({ raw: { severity: 'x,'.repeat(5000), pull: 'maybe' } });
  expect(problems).toHaveLength(12);
  expect(problems).toContain('input `severity`: 4990 more values are wrong');
  expect(problems).toContain('input `pull`: "maybe" is not true or false');
});

it('warns of inputs that do not exist', () => {
  expect(door({ raw: { severty: 'HIGH', 'a\nb': 'x' } }).warnings).toEqual([
    'There is no input `severty`, so it has no effect. Did you mean `severity`?',
    'There is no input `a\\nb`, so it has no effect.',
  ]);
});

describe('dirty values', () => {
  const DIRTY = [
    '$(touch /tmp/pwned)',
    '`id`',
    '; rm -rf / #',
    '| cat /etc/passwd',
    "' OR 1=1 --",
    'a\nb\nc',
    'a\r\n::set-output name=x::y',
    '::error::injected',
    '\0',
    'a\0b',
    '\u001b[2J',
    '--privileged',
    '-',
    '=',
    '"',
    '"""',
    ',,,,',
    '#',
    '{',
    '[1,',
    '*',
    '&a',
    '!!js/function x',
    '{{constructor.constructor("return process")()}}',
    '__proto__',
    '__proto__=x',
    'constructor',
    'type=__proto__',
    '../'.repeat(50),
    '/'.repeat(10_240),
    'x'.repeat(10_240),
    'x=\n'.repeat(3000),
    'x,'.repeat(5000),
    '"'.repeat(9999),
    '9'.repeat(10_240),
    '\ud83d',
    '💥'.repeat(2000),
  ];
  const names = Object.keys(INPUTS).filter(isInputName);

  it.each(names)('%s stays data or is a clear error', (name) => {
    for (const value of DIRTY) {
      const result = door({ raw: { [name]: value } });
      if (result.ok) continue;
      for (const problem of result.problems) {
        expect(problem.code).toBe('INPUT_INVALID');
        expect(problem.message).toMatch(/^input `/);
        expect(problem.message.length).toBeLessThan(700);
        expect(problem.message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        if (FIELDS[name].secret && value.length > 3)
          expect(problem.message).not.toContain(value.slice(0, 40));
      }
    }
  });

  it.each(names)('%s in the config file too', (name) => {
    for (const value of [...DIRTY, 1, -0.5, true, null, [], {}, [[]], [null], { a: null }, [{ a: [1] }]]) {
      const result = door({ config: `${name}: ${JSON.stringify(value)}` });
      if (result.ok) continue;
      for (const problem of result.problems) {
        expect(problem.message).toMatch(/^config (?:`|file)/);
        expect(problem.message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        expect(problem.at?.line).toBe(1);
      }
    }
  });

  it('never lets a null byte through', () => {
    for (const name of names) {
      const result = door({ raw: { [name]: name === 'labels' ? 'a=x\0y' : 'x\0y' } });
      if (result.ok) expect(JSON.stringify(result.inputs)).not.toContain('\\u0000');
    }
  });
});
