import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { cyclonedxOf } from '../../../../src/steps/inspect/cyclonedx.ts';
import { contentsOf } from '../../../../src/steps/inspect/packages.ts';

const IMAGE = { SchemaVersion: 2, ArtifactName: 'ghcr.io/acme/app', ArtifactType: 'container_image' };

function documentOf(report: object) {
  return cyclonedxOf(contentsOf({ ...IMAGE, ...report }), {
    subject: { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: digestOf('app') },
    trivy: '0.67.2',
    licenseForm: () => undefined,
  });
}

function componentOf(about: object) {
  const Results = [{ Target: 'a', Class: 'lang-pkgs', Type: 'jar', Packages: [{ Name: 'x', ...about }] }];
  return documentOf({ Results }).components[0]!;
}

describe('the hash of a package', () => {
  it.each([
    [`sha1:${'a'.repeat(40)}`, [{ alg: 'SHA-1', content: 'a'.repeat(40) }]],
    [`sha512:${'0'.repeat(128)}`, [{ alg: 'SHA-512', content: '0'.repeat(128) }]],
    [`sha1:${'a'.repeat(32)}`, undefined],
    [`md5:${'g'.repeat(32)}`, undefined],
    [`md4:${'a'.repeat(32)}`, undefined],
    [`constructor:${'a'.repeat(32)}`, undefined],
    ['', undefined],
  ])('%s', (Digest, hashes) => {
    expect(componentOf({ Digest }).hashes).toEqual(hashes);
  });
});

it('takes name and version of a package without a purl, or with one that is none, as they are', () => {
  const about = { Name: '@a/b', Version: '1.0', Release: '2', Epoch: 3 };
  for (const purl of [{}, { Identifier: { PURL: 'npm/a@1' } }])
    expect(componentOf({ ...about, ...purl })).toMatchObject({ name: '@a/b', version: '3:1.0-2' });
});

it('calls a system by the name of the scan where its release is not known', () => {
  const Results = [{ Target: 'app (none)', Class: 'os-pkgs', Type: 'alpine', Packages: [] }];
  expect(documentOf({ Results }).components).toMatchObject([
    { type: 'operating-system', name: 'app (none)' },
  ]);
  const os = documentOf({ Results, Metadata: { OS: { Family: 'alpine' } } }).components[0]!;
  expect([os.name, os.version]).toEqual(['alpine', undefined]);
});

it('says nothing of what is no package', () => {
  const Results = [{ Target: 'Dockerfile', Class: 'config', Type: 'dockerfile', Packages: [{ Name: 'x' }] }];
  expect(documentOf({ Results }).components).toEqual([]);
});

it('names who has found the packages, and who writes', () => {
  expect(documentOf({}).metadata.tools.components).toMatchObject([
    { name: 'trivy', version: '0.67.2' },
    { name: 'module-release' },
  ]);
});

it.each([
  [{ Results: [{ Target: 'a', Packages: [{ Name: 'x', Layer: 7 }] }] }, 'Results.0.Packages.0.Layer'],
  [{ Metadata: { ImageConfig: { config: { Labels: { a: 1 } } } } }, 'Metadata.ImageConfig.config.Labels.a'],
  [{ CreatedAt: 7 }, 'CreatedAt'],
])('refuses a report that it does not understand: %j', (report, where) => {
  expect(() => documentOf(report)).toThrow(where);
});
