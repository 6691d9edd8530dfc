import { describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../../src/model/digest.ts';
import type { PushedImage } from '../../../src/model/image.ts';
import { provenByReport, provenByVerdict } from '../../../src/model/proven.ts';
import type { DigestRef } from '../../../src/model/reference.ts';
import { type ImageReport, reportOf } from '../../../src/model/verification.ts';
import { aBuiltImage, aPlannedImage, aVerdict, aViolation } from '../../helpers/a-release.ts';
import { aPushedImage } from '../../helpers/an-attestation.ts';

const GHCR = { registry: 'ghcr.io', path: 'acme/base' };
const HUB = { registry: 'docker.io', path: 'acme/base' };

const image = aPushedImage(aBuiltImage(aPlannedImage('base', { repositories: [GHCR, HUB] })));

function reported(ref: DigestRef, ok = true): ImageReport {
  return { image: 'base', reference: '', ref, require: ['signature'], checks: [], subjects: [], ok };
}

const all = (images: readonly PushedImage[]) => images.flatMap(({ subjects }) => subjects);

describe('an image that tags may point at', () => {
  it('is proven by a green report on it at each of its registries', () => {
    const report = reportOf(all([image]).map((ref) => reported(ref)));
    expect(provenByReport([image], report)).toEqual([{ ...image, evidence: 'attested' }]);
  });

  const elsewhere = (ref: DigestRef, digest: Digest): DigestRef => ({ ...ref, digest });
  const [first, second] = all([image]);
  it.each<[string, readonly ImageReport[]]>([
    ['red', [reported(first!), reported(second!, false)]],
    ['empty', []],
    ['silent about one registry', [reported(first!)]],
    ['about another digest', [reported(first!), reported(elsewhere(second!, digestOf('other')))]],
    [
      'about another repository',
      [reported(first!), reported({ ...second!, repository: { ...HUB, path: 'acme/other' } })],
    ],
  ])('is not proven by a report that is %s', (_, images) => {
    expect(() => provenByReport([image], reportOf(images))).toThrow(TypeError);
  });

  it('is not proven by a report on another image of the release', () => {
    const other = aPushedImage(aBuiltImage(aPlannedImage('other')));
    const report = reportOf(all([image]).map((ref) => reported(ref)));
    expect(() => provenByReport([image, other], report)).toThrow(TypeError);
  });

  it('is let through by the verdict of its run where nothing is attested, and is marked so', () => {
    expect(provenByVerdict([image], aVerdict())).toEqual([{ ...image, evidence: 'unattested' }]);
    expect(() => provenByVerdict([image], aVerdict({ violations: [aViolation()] }))).toThrow(TypeError);
  });
});
