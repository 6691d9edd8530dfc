import { describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import type { Material } from '../../../../src/model/material.ts';
import { materialsOf } from '../../../../src/steps/attest/materials.ts';
import { AMD64, ARM64, aBuiltImage, aPlannedImage } from '../../../helpers/a-release.ts';
import { aPushedImage } from '../../../helpers/an-attestation.ts';

const material = (name: string, sha256 = hexOf(digestOf(name))): Material => ({
  uri: `pkg:docker/${name}`,
  digest: { sha256 },
});

function withMaterials(
  name: string,
  materials: readonly (readonly Material[])[],
  parents: readonly string[] = [],
) {
  const image = aPushedImage(aBuiltImage(aPlannedImage(name, { parents })));
  return {
    ...image,
    platforms: image.platforms.map((each, i) => ({ ...each, materials: materials[i] ?? [] })),
  };
}

describe('what a subject is made from', () => {
  const [shared, one, two] = [material('frontend'), material('amd'), material('arm')];
  const base = withMaterials('base', [
    [shared, one],
    [shared, two],
  ]);

  it.each([
    ['a platform: its own', AMD64, [shared, one]],
    ['the other: its own', ARM64, [shared, two]],
    ['the index: all, each once', undefined, [shared, one, two]],
  ])('is for %s', (_, platform, expected) => {
    expect(materialsOf(base, platform, [base])).toEqual(expected);
  });

  it('is a parent by the digest that was pushed, of the same platform', () => {
    const child = withMaterials('child', [[one], []], ['base']);
    const digest = digestOf('base amd64');
    expect(materialsOf(child, AMD64, [base, child])).toEqual([
      {
        uri: `pkg:oci/base@sha256%3A${hexOf(digest)}?platform=linux%2Famd64&repository_url=ghcr.io%2Facme%2Fbase`,
        digest: { sha256: hexOf(digest) },
      },
      one,
    ]);
    expect(materialsOf(child, undefined, [base, child])[0]).toEqual({
      uri: `pkg:oci/base@sha256%3A${hexOf(digestOf('base'))}?repository_url=ghcr.io%2Facme%2Fbase`,
      digest: { sha256: hexOf(digestOf('base')) },
    });
  });

  it('is an adopted parent once, although it went in as a layout of the runner', () => {
    const layout: Material = { uri: 'pkg:oci/base?digest=x', digest: { sha256: hexOf(digestOf('base')) } };
    const foreign: Material = { uri: 'pkg:oci/other', digest: { sha256: hexOf(digestOf('other')) } };
    const child = withMaterials('child', [[layout, foreign], []], ['base']);
    const uris = materialsOf(child, AMD64, [base, child]).map(({ uri }) => uri);
    expect(uris).toEqual([expect.stringContaining('platform=linux%2Famd64'), 'pkg:oci/other']);
  });

  it('is a parent as a whole where it has not got the platform', () => {
    const parent = aPushedImage(aBuiltImage(aPlannedImage('base', { platforms: [ARM64] })));
    const child = withMaterials('child', [], ['base']);
    expect(materialsOf(child, AMD64, [parent, child]).map(({ digest }) => digest.sha256)).toEqual([
      hexOf(parent.descriptor.digest),
    ]);
  });

  it('cannot be said of a parent that is not there', () => {
    const child = withMaterials('child', [], ['base']);
    expect(() => materialsOf(child, AMD64, [child])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
