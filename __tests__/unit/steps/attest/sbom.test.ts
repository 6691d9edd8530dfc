import { describe, expect, it } from '@jest/globals';
import { readSbom } from '../../../../src/steps/attest/sbom.ts';
import { fitSbom, isRegistryOnly, LIMITS } from '../../../../src/steps/attest/slim.ts';
import { CYCLONEDX, SPDX } from '../../../helpers/an-attestation.ts';

const filler = (bytes: number) => 'x'.repeat(bytes);

const BIG_SPDX = {
  ...SPDX,
  packages: [
    {
      ...SPDX.packages[0],
      filesAnalyzed: true,
      hasFiles: ['SPDXRef-F1'],
      packageVerificationCode: { packageVerificationCodeValue: 'a' },
      licenseInfoFromFiles: ['MIT'],
    },
    { SPDXID: 'SPDXRef-P2', name: 'other', downloadLocation: 'NONE' },
  ],
  files: [{ SPDXID: 'SPDXRef-F1', fileName: filler(3000) }],
  snippets: [{ SPDXID: 'SPDXRef-S1', name: 's' }],
  relationships: [
    ...SPDX.relationships,
    { spdxElementId: 'SPDXRef-P1', relatedSpdxElement: 'SPDXRef-F1', relationshipType: 'CONTAINS' },
    { spdxElementId: 'SPDXRef-S1', relatedSpdxElement: 'SPDXRef-P1', relationshipType: 'OTHER' },
    {
      spdxElementId: 'SPDXRef-P1',
      relatedSpdxElement: 'SPDXRef-P2',
      relationshipType: 'DEPENDS_ON',
      comment: filler(1000),
    },
  ],
};

const BIG_CYCLONEDX = {
  ...CYCLONEDX,
  components: [
    ...CYCLONEDX.components,
    {
      type: 'file',
      name: filler(3000),
      'bom-ref': 'f1',
      components: [{ type: 'library', name: 'inner', 'bom-ref': 'p2' }],
    },
    {
      type: 'library',
      name: 'outer',
      'bom-ref': 'p3',
      components: [{ type: 'file', name: 'f', 'bom-ref': 'f2' }],
    },
  ],
  dependencies: [
    { ref: 'root', dependsOn: ['p1', 'f1', 'p3'] },
    { ref: 'f1', dependsOn: ['p2'] },
    { ref: `${filler(1000)}`, dependsOn: ['f2'] },
  ],
  compositions: [{ aggregate: 'complete', assemblies: ['p1', 'f2'] }],
};

/** Every reference of an SPDX document leads somewhere. */
function danglingSpdx(document: Readonly<Record<string, unknown>>): readonly string[] {
  const { packages, relationships, files } = document as {
    packages: { SPDXID: string }[];
    files?: { SPDXID: string }[];
    relationships: { spdxElementId: string; relatedSpdxElement: string }[];
  };
  const known = new Set(['SPDXRef-DOCUMENT', ...[...packages, ...(files ?? [])].map(({ SPDXID }) => SPDXID)]);
  return relationships
    .flatMap((each) => [each.spdxElementId, each.relatedSpdxElement])
    .filter((id) => !known.has(id));
}

describe('an SBOM that is to be signed', () => {
  it.each([
    ['cyclonedx', CYCLONEDX],
    ['spdx', SPDX],
  ] as const)('is the document as it is: %s', (kind, document) => {
    expect(readSbom(kind, 'x', JSON.stringify(document))).toEqual(document);
  });

  it.each<['cyclonedx' | 'spdx', string]>([
    ['cyclonedx', JSON.stringify(SPDX)],
    ['spdx', JSON.stringify(CYCLONEDX)],
    ['cyclonedx', JSON.stringify({ ...CYCLONEDX, specVersion: '2.0' })],
    ['cyclonedx', JSON.stringify({ ...CYCLONEDX, bomFormat: 'cyclonedx' })],
    ['spdx', JSON.stringify({ ...SPDX, spdxVersion: 'SPDX-3.0' })],
    ['spdx', JSON.stringify([SPDX])],
    ['spdx', 'null'],
    ['spdx', '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOC'],
    ['cyclonedx', ''],
  ])('is refused as %s when it is something else: %s', (kind, text) => {
    expect(() => readSbom(kind, 'bom.json', text)).toThrow(
      expect.objectContaining({ code: 'TOOL_FAILED', message: expect.stringContaining('bom.json') }),
    );
  });
});

describe('the size of an SBOM', () => {
  const limits = { github: 2500, registry: 100_000 };

  it('has the limit of actions/attest, and one that the log takes in base64', () => {
    expect(LIMITS.github).toBe(16_777_216);
    expect((LIMITS.registry / 3) * 4).toBeLessThan(32 * 1024 * 1024 - 64 * 1024);
  });

  it('is left alone when it fits, to the byte', () => {
    const exact = {
      limits: { ...limits, github: Buffer.byteLength(JSON.stringify(BIG_SPDX)) },
      github: true,
    };
    expect(fitSbom('spdx', 'x', BIG_SPDX, exact)).toEqual({
      predicate: BIG_SPDX,
      registryOnly: false,
      slimmed: 'no',
    });
  });

  it('counts bytes, not characters', () => {
    expect(isRegistryOnly('x', '€'.repeat(1000), limits)).toBe(true);
    expect(isRegistryOnly('x', 'e'.repeat(1000), limits)).toBe(false);
  });

  it('is left alone when it does not go to GitHub', () => {
    expect(fitSbom('spdx', 'x', BIG_SPDX, { limits, github: false })).toMatchObject({ slimmed: 'no' });
  });

  it('is made smaller without files, and the SPDX document stays valid', () => {
    const { predicate, ...how } = fitSbom('spdx', 'x', BIG_SPDX, { limits, github: true });
    expect(how).toEqual({ registryOnly: false, slimmed: 'files' });
    expect(predicate).not.toHaveProperty('files');
    expect(predicate).not.toHaveProperty('snippets');
    expect(predicate.packages).toEqual([
      { ...SPDX.packages[0], filesAnalyzed: false },
      { SPDXID: 'SPDXRef-P2', name: 'other', downloadLocation: 'NONE', filesAnalyzed: false },
    ]);
    expect(predicate.relationships).toEqual([BIG_SPDX.relationships[0], BIG_SPDX.relationships[3]]);
    expect(danglingSpdx(predicate)).toEqual([]);
    expect(predicate.creationInfo).toEqual({
      ...SPDX.creationInfo,
      comment: expect.stringContaining('Files'),
    });
    expect(readSbom('spdx', 'x', JSON.stringify(predicate))).toEqual(predicate);
  });

  it('is made smaller without relationships, but for what the document describes', () => {
    const tight = { limits: { ...limits, github: 1000 }, github: true };
    const { predicate, slimmed } = fitSbom('spdx', 'x', BIG_SPDX, tight);
    expect(slimmed).toBe('files-and-relationships');
    expect(predicate.relationships).toEqual(SPDX.relationships);
  });

  it('is made smaller without files, and the CycloneDX document stays valid', () => {
    const { predicate, ...how } = fitSbom('cyclonedx', 'x', BIG_CYCLONEDX, { limits, github: true });
    expect(how).toEqual({ registryOnly: false, slimmed: 'files' });
    expect(predicate.components).toEqual([
      ...CYCLONEDX.components,
      { type: 'library', name: 'inner', 'bom-ref': 'p2' },
      { type: 'library', name: 'outer', 'bom-ref': 'p3' },
    ]);
    expect(predicate.dependencies).toEqual([
      { ref: 'root', dependsOn: ['p1', 'p3'] },
      { ref: filler(1000), dependsOn: [] },
    ]);
    expect(predicate.compositions).toEqual([{ aggregate: 'complete', assemblies: ['p1'] }]);
    expect(predicate.metadata).toEqual({
      ...CYCLONEDX.metadata,
      properties: [{ name: 'io.github.module-release:left-out', value: 'files' }],
    });
  });

  it('drops all dependencies of CycloneDX when that is what it takes', () => {
    const { predicate, slimmed } = fitSbom('cyclonedx', 'x', BIG_CYCLONEDX, {
      limits: { ...limits, github: 1000 },
      github: true,
    });
    expect(slimmed).toBe('files-and-relationships');
    expect(predicate).not.toHaveProperty('dependencies');
    expect(predicate).not.toHaveProperty('compositions');
  });

  it.each([
    ['whole', 100_000, 'no'],
    ['without files when the registry takes no more', 3000, 'files'],
  ] as const)('goes to the registry alone, %s, when nothing fits into the store', (_, registry, slimmed) => {
    const how = { limits: { github: 50, registry }, github: true };
    expect(fitSbom('spdx', 'x', BIG_SPDX, how)).toMatchObject({ registryOnly: true, slimmed });
  });

  it('has an upper bound', () => {
    expect(() =>
      fitSbom('spdx', 'bom.spdx.json', BIG_SPDX, { limits: { github: 50, registry: 100 }, github: true }),
    ).toThrow(
      expect.objectContaining({ code: 'TOOL_FAILED', message: expect.stringContaining('bom.spdx.json') }),
    );
    expect(() => isRegistryOnly('the scan', 'x'.repeat(200), { github: 50, registry: 100 })).toThrow(
      /the scan is too large/,
    );
  });

  it.each([
    ['spdx', { ...SPDX, files: 'x', relationships: null, packages: [null, 1, 'x'], creationInfo: [] }],
    [
      'cyclonedx',
      { ...CYCLONEDX, components: [null, [], 3], dependencies: {}, compositions: 5, metadata: null },
    ],
  ] as const)('does not stumble over odd documents: %s', (kind, odd) => {
    const document = { ...odd, filler: filler(3000) };
    expect(fitSbom(kind, 'x', document, { limits, github: true }).registryOnly).toBe(true);
  });
});
