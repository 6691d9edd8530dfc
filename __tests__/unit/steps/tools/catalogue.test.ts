import { describe, expect, it } from '@jest/globals';
import { parseVersion } from '../../../../src/model/version.ts';
import { archiveUrls, CATALOGUE, printedVersion, unfitness } from '../../../../src/steps/tools/catalogue.ts';
import { accepted } from '../../../helpers/read-door.ts';

describe('archive names', () => {
  it.each([
    ['trivy', 'linux', 'x64', 'trivy_1.2.3_Linux-64bit.tar.gz'],
    ['trivy', 'linux', 'arm64', 'trivy_1.2.3_Linux-ARM64.tar.gz'],
    ['trivy', 'darwin', 'x64', 'trivy_1.2.3_macOS-64bit.tar.gz'],
    ['trivy', 'darwin', 'arm64', 'trivy_1.2.3_macOS-ARM64.tar.gz'],
    ['trivy', 'win32', 'x64', undefined],
    ['trivy', 'linux', 'ppc64', undefined],
    ['syft', 'linux', 'x64', 'syft_1.2.3_linux_amd64.tar.gz'],
    ['syft', 'darwin', 'arm64', 'syft_1.2.3_darwin_arm64.tar.gz'],
    ['syft', 'win32', 'x64', undefined],
  ] as const)('%s on %s/%s: %s', (name, os, arch, expected) => {
    expect(CATALOGUE[name].archive('1.2.3', { os, arch })).toBe(expected);
  });
});

describe('checksums', () => {
  it.each(['trivy', 'syft'] as const)(
    'of %s are SHA-256 in hex, all different, under names that are asked for',
    (name) => {
      const { checksums, archive } = CATALOGUE[name];
      const values = Object.values(checksums);
      for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(values).size).toBe(values.length);
      for (const file of Object.keys(checksums)) {
        const version = /_(\d+\.\d+\.\d+)_/.exec(file)?.[1] ?? '';
        const hosts = ['linux', 'darwin'].flatMap((os) => ['x64', 'arm64'].map((arch) => ({ os, arch })));
        expect(hosts.map((host) => archive(version, host))).toContain(file);
      }
    },
  );

  it.each([
    ['trivy', accepted({}).tools.trivyVersion],
    ['syft', accepted({}).tools.syftVersion],
  ] as const)('are known for the version of %s that a run without inputs downloads: %s', (name, version) => {
    const { archive, checksums } = CATALOGUE[name];
    for (const os of ['linux', 'darwin'])
      for (const arch of ['x64', 'arm64'])
        expect(checksums).toHaveProperty([archive(version, { os, arch }) ?? `${os}/${arch}`]);
    expect(unfitness(name, parseVersion(version)!)).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['trivy', 'Version: 0.67.2\nVulnerability DB:\n  Version: 2\n', '0.67.2'],
    ['trivy', 'Version: dev\n', undefined],
    ['trivy', 'Vulnerability DB:\n  Version: 2.0.0\n', undefined],
    ['syft', 'syft 1.38.0\n', '1.38.0'],
    ['syft', 'syft v1.44.0\n', '1.44.0'],
    ['syft', '', undefined],
  ] as const)('%s prints %j', (name, output, expected) => {
    expect(printedVersion(name, output)?.raw).toBe(expected);
  });

  it.each([
    ['trivy', '0.67.2', undefined],
    ['trivy', '0.69.3', undefined],
    ['trivy', '1.0.0', undefined],
    ['trivy', '0.69.4', 'a release made by an attacker'],
    ['trivy', '0.69.6', 'a release made by an attacker'],
    ['trivy', '0.63.9', 'older than 0.64.0'],
    ['trivy', '0.64.0-rc.1', 'older than 0.64.0'],
    ['syft', '1.44.0', undefined],
    ['syft', '0.105.1', 'older than 1.0.0'],
  ] as const)('%s %s is %s', (name, version, expected) => {
    expect(unfitness(name, parseVersion(version)!)).toBe(expected);
  });
});

describe('archiveUrls', () => {
  it('asks the vendor', () => {
    expect(archiveUrls('syft', '1.2.3', 'file.tar.gz')).toEqual([
      'https://github.com/anchore/syft/releases/download/v1.2.3/file.tar.gz',
    ]);
  });

  it('asks a mirror as a proxy of the vendor first, then as a plain folder', () => {
    expect(archiveUrls('trivy', '1.2.3', 'file.tar.gz', 'https://mirror.example.com/tools/')).toEqual([
      'https://mirror.example.com/tools/aquasecurity/trivy/releases/download/v1.2.3/file.tar.gz',
      'https://mirror.example.com/tools/file.tar.gz',
    ]);
  });
});
