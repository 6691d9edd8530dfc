import { describe, expect, it } from '@jest/globals';
import {
  javaRepositories,
  type ScanArgs,
  scanArgs,
  sourceArgs,
  spdxArgs,
  syftArgs,
} from '../../../../src/steps/inspect/args.ts';

const scan = (over: Partial<ScanArgs> = {}): readonly string[] =>
  scanArgs({
    view: '/stage/.views/ab',
    output: '/tmp/report.json',
    cacheDir: '/tmp/trivy',
    scanners: ['vuln', 'secret'],
    skipDirs: [],
    skipFiles: [],
    timeoutSeconds: 300,
    offline: false,
    javaRepositories: [],
    keepJavaDatabase: false,
    ...over,
  });

describe('a scan', () => {
  it('asks for everything at once and lets nothing out of the report', () => {
    expect(scan()).toEqual([
      'image',
      '--input=/stage/.views/ab',
      '--format=json',
      '--output=/tmp/report.json',
      '--list-all-pkgs',
      '--scanners=vuln,secret',
      '--image-config-scanners=secret',
      '--cache-dir=/tmp/trivy',
      '--skip-db-update',
      '--timeout=300s',
      '--no-progress',
      '--skip-version-check',
      '--disable-telemetry',
    ]);
  });

  it.each([
    ['only vulnerabilities', { scanners: ['vuln'] }, ['--scanners=vuln'], ['--image-config-scanners=secret']],
    ['offline', { offline: true }, ['--offline-scan', '--skip-java-db-update'], []],
    ['with a given Java index', { keepJavaDatabase: true }, ['--skip-java-db-update'], ['--offline-scan']],
    [
      'with several Java indexes',
      { javaRepositories: ['a.io/x/trivy-java-db:1', 'b.io/x/trivy-java-db:1'] },
      ['--java-db-repository=a.io/x/trivy-java-db:1', '--java-db-repository=b.io/x/trivy-java-db:1'],
      ['--skip-java-db-update'],
    ],
    [
      'without some paths',
      { skipDirs: ['opt/a', '--output=/etc/passwd'], skipFiles: ['x,y', 'q"z'] },
      ['--skip-dirs=opt/a', '--skip-dirs=--output=/etc/passwd', '--skip-files="x,y"', '--skip-files="q""z"'],
      [],
    ],
  ] as [string, Partial<ScanArgs>, string[], string[]][])('%s', (_name, over, there, absent) => {
    const args = scan(over);
    expect(args).toEqual(expect.arrayContaining(there));
    for (const arg of absent) expect(args).not.toContain(arg);
  });
});

describe('other commands', () => {
  it('take a path that looks like an option for a path', () => {
    expect(sourceArgs('--help', '/tmp/o', '/tmp/c', 60).slice(-2)).toEqual(['--', '--help']);
    expect(spdxArgs('--help', '/tmp/o').slice(-2)).toEqual(['--', '--help']);
  });

  it('name the formats as each tool calls them', () => {
    expect(spdxArgs('i', 'o')).toContain('--format=spdx-json');
    const outputs = [
      { format: 'cyclonedx', path: '/r/a.cdx.json' },
      { format: 'spdx', path: '/r/a.spdx.json' },
    ] as const;
    expect(syftArgs('/view', { name: 'ghcr.io/acme/a', version: 'sha256:ab' }, outputs)).toEqual([
      'scan',
      'oci-dir:/view',
      '--source-name=ghcr.io/acme/a',
      '--source-version=sha256:ab',
      '--output=cyclonedx-json=/r/a.cdx.json',
      '--output=spdx-json=/r/a.spdx.json',
      '--quiet',
    ]);
  });
});

describe('the Java index', () => {
  it.each([
    ['ghcr.io/aquasecurity/trivy-db:2', ['ghcr.io/aquasecurity/trivy-java-db:1']],
    ['mirror.example.com/trivy-db:2', ['mirror.example.com/trivy-java-db:1']],
    ['mirror.example.com/security/database:2', []],
    ['mirror.example.com/my-trivy-db:2', []],
  ])('beside %s: %j', (repository, expected) => {
    expect(javaRepositories([repository])).toEqual(expected);
  });
});
