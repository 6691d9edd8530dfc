import { describe, expect, it } from '@jest/globals';
import { parsePlatform } from '../../../../src/model/descriptor.ts';
import { sbomPath, scanReportPath } from '../../../../src/steps/inspect/names.ts';
import { checkSbom } from '../../../../src/steps/inspect/sbom-head.ts';

const CYCLONEDX = { bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { component: { name: 'app' } } };
const SPDX = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [] };

describe('checkSbom', () => {
  it.each([
    ['cyclonedx', CYCLONEDX],
    ['cyclonedx', { ...CYCLONEDX, components: [{}] }],
    ['spdx', SPDX],
  ] as const)('%s: %j is a document', (format, document) => {
    expect(() => checkSbom(format, JSON.stringify(document))).not.toThrow();
  });

  it.each([
    ['cyclonedx', SPDX],
    ['spdx', CYCLONEDX],
    ['cyclonedx', { ...CYCLONEDX, specVersion: '2.0' }],
    ['cyclonedx', { ...CYCLONEDX, metadata: {} }],
    ['cyclonedx', { ...CYCLONEDX, components: {} }],
    ['spdx', { ...SPDX, spdxVersion: 'SPDX-3.0' }],
    ['spdx', { ...SPDX, name: '' }],
    ['spdx', { ...SPDX, packages: undefined }],
    ['spdx', []],
  ] as const)('%s: %j is none', (format, document) => {
    expect(() => checkSbom(format, JSON.stringify(document))).toThrow();
  });

  it('a file that was cut off is none', () => {
    expect(() => checkSbom('spdx', JSON.stringify(SPDX).slice(0, -1))).toThrow();
  });
});

describe('names of reports', () => {
  it.each([
    ['linux/amd64', 'app-linux-amd64.trivy.json', 'sbom-app-amd64.cdx.json'],
    ['linux/arm/v7', 'app-linux-arm-v7.trivy.json', 'sbom-app-arm-v7.cdx.json'],
    ['windows/amd64', 'app-windows-amd64.trivy.json', 'sbom-app-windows-amd64.cdx.json'],
  ])('of %s', (text, scan, sbom) => {
    const platform = parsePlatform(text)!;
    expect(scanReportPath('/r', 'app', platform)).toBe(`/r/${scan}`);
    expect(sbomPath('/r', 'app', platform, 'cyclonedx')).toBe(`/r/${sbom}`);
    expect(sbomPath('/r', 'app', platform, 'spdx')).toBe(`/r/${sbom.replace('cdx', 'spdx')}`);
  });
});
